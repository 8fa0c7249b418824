"""Where in a file a name itself stands, for every kind of node that carries one."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.text import SourceText

Span = tuple[int, int]


def name_span(module: ModuleBindings, node: ast.AST, name: str) -> Span | None:
    """Return the byte offsets of the name that a node carries, or None if it is not written as such there.

    For an alias this is the name it binds.
    """
    source = module.source
    written = name.encode(source.encoding, "replace")
    span = _span(module, node, written)
    if span is not None and source.content[span[0] : span[1]] == written:
        return span
    return _in_formatted_string(module, node, name)


def _span(module: ModuleBindings, node: ast.AST, written: bytes) -> Span | None:
    source, size = module.source, len(written)
    if isinstance(node, ast.Name | ast.arg | ast.keyword):
        start = source.start(node)
        return start, start + size
    if isinstance(node, ast.Attribute | ast.MatchStar):
        end = source.end(node)
        return end - size, end
    if isinstance(node, ast.MatchAs):
        end = source.end(node)
        return end - size, end
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return _search(
            source, source.start(node), source.start(node.body[0]), rb"(?:def|class)[\s\\]+", written
        )
    if isinstance(node, ast.ExceptHandler):
        start = source.end(node.type) if node.type else source.start(node)
        return _search(source, start, source.start(node.body[0]), rb"\bas[\s\\]+", written)
    if isinstance(node, ast.MatchMapping):
        return _search(source, source.start(node), source.end(node), rb"\*\*[\s\\]*", written)
    if isinstance(node, ast.Global | ast.Nonlocal):
        return _search(source, source.start(node), source.end(node), rb"(?:[\s,\\])", written)
    if isinstance(node, ast.alias):
        return alias_spans(source, node)[-1]
    if hasattr(node, "lineno"):  # a type parameter: `T`, `*Ts` or `**P`
        start = source.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        return _search(source, start, len(source.content), rb"\*{0,2}\s*", written)
    return None


def _search(source: SourceText, start: int, end: int, before: bytes, written: bytes) -> Span | None:
    match = re.compile(before + b"(" + re.escape(written) + rb")(?![\w])").search(source.content, start, end)
    return match.span(1) if match else None


def alias_spans(source: SourceText, alias: ast.alias) -> list[Span]:
    """Return the offsets of each component of an import's dotted name, and of its `as` name if it has one."""
    position, end = source.start(alias), source.end(alias)
    spans: list[Span] = []
    names = alias.name.split(".") + ([alias.asname] if alias.asname else [])
    for name in names:
        written = name.encode(source.encoding)
        found = re.compile(rb"(?<!\w)" + re.escape(written) + rb"(?!\w)").search(
            source.content, position, end
        )
        span = found.span() if found else (position, position)
        spans.append(span)
        position = span[1]
    return spans


def module_spans(source: SourceText, statement: ast.ImportFrom) -> list[Span]:
    """Return the offsets of each component of the module that a from-import names."""
    position = source.start(statement) + len("from")
    spans: list[Span] = []
    for name in (statement.module or "").split(".") if statement.module else []:
        found = re.compile(rb"(?<!\w)" + re.escape(name.encode(source.encoding)) + rb"(?!\w)").search(
            source.content, position, source.end(statement)
        )
        span = found.span() if found else (position, position)
        spans.append(span)
        position = span[1]
    return spans


def pattern_keyword_span(source: SourceText, pattern: ast.MatchClass, index: int) -> Span | None:
    """Return the offsets of a keyword in a class pattern, `name` in `case C(name=1)`."""
    written = pattern.kwd_attrs[index].encode(source.encoding)
    before: list[ast.pattern] = [*pattern.patterns, *pattern.kwd_patterns[:index]]
    start, end = source.end(before[-1] if before else pattern.cls), source.start(pattern.kwd_patterns[index])
    match = re.compile(rb"(?<!\w)(" + re.escape(written) + rb")[\s\\]*=").search(source.content, start, end)
    return match.span(1) if match else None


def string_span(source: SourceText, constant: ast.Constant, start: int, size: int) -> Span | None:
    """Return the offsets of part of a string's value, if the string is written as it is, without escapes."""
    value = str(constant.value)
    begin, end = source.start(constant), source.end(constant)
    written = source.slice(begin, end)
    opening = re.match(r"""[rRuU]?('''|\"\"\"|'|")""", written)
    if opening is None or written != opening.group() + value + opening.group(1):
        return None
    first = begin + len(opening.group()) + len(value[:start].encode(source.encoding))
    return first, first + len(value[start : start + size].encode(source.encoding))


def _in_formatted_string(module: ModuleBindings, node: ast.AST, name: str) -> Span | None:
    """Find a name in an f-string, where Python before 3.12 gives wrong positions in some.

    The uses in the string are paired with the tokens in its braces, if there are as many.
    """
    string, above = None, module.parents.get(node)
    while above is not None and not isinstance(above, ast.stmt):
        string = above if isinstance(above, ast.JoinedStr) else string
        above = module.parents.get(above)
    if not isinstance(string, ast.JoinedStr) or not isinstance(node, ast.Name | ast.Attribute):
        return None
    source = module.source
    start, end = source.start(string), source.end(string)
    word = re.compile(rb"(?<!\w)" + re.escape(name.encode(source.encoding)) + rb"(?!\w)")
    tokens = [match.span() for match in word.finditer(source.content, start, end)]
    tokens = [span for span in tokens if _in_braces(source.content[start : span[0]])]
    uses = [
        each
        for each in _in_order(string)
        if (isinstance(each, ast.Name) and each.id == name)
        or (isinstance(each, ast.Attribute) and each.attr == name)
    ]
    return tokens[uses.index(node)] if len(uses) == len(tokens) and node in uses else None


def _in_braces(before: bytes) -> bool:
    plain = before.replace(b"{{", b"").replace(b"}}", b"")
    return plain.count(b"{") > plain.count(b"}")


def _in_order(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Attribute):
            found += [*_in_order(child), child]
        else:
            found += [child, *_in_order(child)]
    return found
