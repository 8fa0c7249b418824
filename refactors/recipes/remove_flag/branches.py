"""Statements whose condition is known: the branch that stays moves to where the statement was, the others go."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overhaul.refactors.indentation import (
    first_line,
    indent_of,
    line_text,
    lines_in_strings,
    newline_of,
    reindented,
)
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.remove_flag.folding import Unfoldable
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.statement_removal import block_around, removed_statements, whole_lines
from overhaul.refactors.text import Splice

_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
Conditional = ast.If | ast.While


@dataclass(frozen=True, slots=True)
class Outcome:
    """The splices for one statement, and the bytes that no other edit may touch in the same round."""

    splices: Sequence[Splice]
    region: Span


def chain_root(module: Module, node: ast.If) -> ast.If:
    """Return the `if` of the chain that an `elif` is in."""
    current = node
    while _is_elif(module, current):
        above = module.bindings.parents[current]
        assert isinstance(above, ast.If)  # noqa: S101 - only an if has an elif
        current = above
    return current


def _is_elif(module: Module, node: ast.If) -> bool:
    start = module.source.start(node)
    return module.source.content[start : start + 4] == b"elif"


def without_branches(module: Module, node: Conditional, holds: bool) -> Outcome:
    """Return what becomes of a statement whose condition holds, or does not. Raises Unfoldable."""
    dead = node.orelse if holds else node.body
    root = chain_root(module, node) if isinstance(node, ast.If) else node
    _check_dead(module, root, dead)
    region = (whole_lines(module, root)[0], _chain_end(module, root))
    if isinstance(node, ast.If) and _is_elif(module, node):
        return Outcome(_elif_splices(module, node, holds, region[1]), region)
    if isinstance(node, ast.If) and not holds and _next_is_elif(module, node):
        start, following = module.source.start(node), module.source.start(node.orelse[0])
        return Outcome([(start, following + len("elif"), "if")], region)
    return _flattened(module, node, node.body if holds else node.orelse, region)


def _next_is_elif(module: Module, node: ast.If) -> bool:
    return len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If) and _is_elif(module, node.orelse[0])


def _check_dead(module: Module, root: ast.stmt, dead: Sequence[ast.stmt]) -> None:
    """Raise Unfoldable if code that never runs matters all the same."""
    scope = module.bindings.scope_of(root)
    for node in _own_nodes(dead):
        if isinstance(node, ast.Global | ast.Nonlocal):
            raise Unfoldable("a declaration in the dead branch holds for the whole function")
        if isinstance(node, ast.Yield | ast.YieldFrom):
            others = [
                each
                for each in _own_nodes(getattr(scope.node, "body", []))
                if isinstance(each, ast.Yield | ast.YieldFrom)
            ]
            if not any(all(each is not gone for gone in _own_nodes(dead)) for each in others):
                raise Unfoldable("the dead branch has the 'yield' that makes the function a generator")


def _own_nodes(statements: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of some code that belong to the function around it."""
    pending = list(statements)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)


def _elif_splices(module: Module, node: ast.If, holds: bool, end: int) -> list[Splice]:
    source = module.source
    if holds:
        colon = _colon(module, node)
        arm_end = _arm_end(module, node) if node.orelse else end
        return [(source.start(node), colon + 1, "else:"), *([(arm_end, end, "")] if arm_end < end else [])]
    start = source.line_starts[node.lineno - 1]
    return [(start, _arm_end(module, node) if node.orelse else end, "")]


def _colon(module: Module, node: Conditional) -> int:
    """Return the offset of the colon that ends a condition."""
    between = module.source.content[module.source.end(node.test) : module.source.start(node.body[0])]
    match = re.match(rb"(?:[ \t\f\r\n)]|\\|#[^\r\n]*)*:", between)
    if match is None:
        raise Unfoldable("its condition is written in a way that is not understood")
    return module.source.end(node.test) + match.end() - 1


def _arm_end(module: Module, node: Conditional) -> int:
    """Return where the header of what follows a branch begins: its line, or the comments right above it."""
    source = module.source
    if isinstance(node, ast.If) and _next_is_elif(module, node):
        line = node.orelse[0].lineno
    else:
        line = _else_line(module, node)
    indent = indent_of(source, node.lineno)
    while line > 1 and re.match(rf"{indent}#", line_text(source, line - 1)):
        line -= 1
    return source.line_starts[line - 1]


def _else_line(module: Module, node: Conditional) -> int:
    source = module.source
    last = node.body[-1].end_lineno or 0
    for line in range(last + 1, first_line(node.orelse[0]) + 1):
        if re.match(r"[ \t\f]*else[ \t\f]*:", line_text(source, line)):
            return line
    raise Unfoldable("its 'else' is written in a way that is not understood")


def _chain_end(module: Module, root: Conditional) -> int:
    """Return where a statement ends, the comments that are indented as its blocks are among it."""
    source = module.source
    line = root.end_lineno or root.lineno
    depth = len(indent_of(source, root.lineno))
    following, last = line + 1, line
    while following <= len(source.line_starts):
        text = line_text(source, following)
        if text.strip() and not (text.lstrip().startswith("#") and len(text) - len(text.lstrip()) > depth):
            break
        if text.strip():
            last = following
        following += 1
    return source.line_starts[last] if last < len(source.line_starts) else len(source.content)


def _flattened(module: Module, node: Conditional, kept: list[ast.stmt], region: Span) -> Outcome:
    block = block_around(module, node)
    index = block.index(node)
    after = block[index + 1 :]
    ends = bool(kept) and isinstance(kept[-1], _ENDS) and not isinstance(node, ast.While)
    if all(isinstance(each, ast.Pass) for each in kept):
        _check_docstring(module, node, block[index + 1 : index + 2])
        if _has_comment(module, node, kept):
            raise Unfoldable("a comment stands in the branch that stays, which is empty otherwise")
        splices = removed_statements(module, [node])
        low, high = min(each[0] for each in splices), max(each[1] for each in splices)
        if high < region[1] and not any(each[2] for each in splices):
            splices = [(low, region[1], "")]
        return Outcome(splices, (min(low, region[0]), max(high, region[1])))
    _check_docstring(module, node, kept[:1])
    end = region[1]
    if ends and after:
        _check_dead(module, node, after)
        end = whole_lines(module, after[-1])[1]
    text = _kept_text(module, node, kept, region[1])
    if end == len(module.source.content) and not module.source.content.endswith((b"\n", b"\r")):
        text = text.rstrip("\r\n")
    return Outcome([(region[0], end, text)], (region[0], end))


def _has_comment(module: Module, node: Conditional, kept: Sequence[ast.stmt]) -> bool:
    if not kept:
        return False
    source = module.source
    first, last = first_line(kept[0]), kept[-1].end_lineno or 0
    lines = range(max(node.lineno + 1, first - 3), last + 1)
    return any(line_text(source, line).lstrip().startswith("#") for line in lines)


def _check_docstring(module: Module, node: Conditional, first: Sequence[ast.stmt]) -> None:
    block = block_around(module, node)
    above = module.bindings.parents[node]
    is_text = bool(first) and isinstance(first[0], ast.Expr) and isinstance(first[0].value, ast.Constant)
    if block[0] is node and is_text and isinstance(above, FunctionNode | ast.ClassDef | ast.Module):
        raise Unfoldable("the text in the branch that stays would become a docstring")


def _kept_text(module: Module, node: Conditional, kept: list[ast.stmt], chain_end: int) -> str:
    """Return the lines of a branch at the indentation of its statement."""
    source, line_end = module.source, newline_of(module.source)
    indent = indent_of(source, node.lineno)
    is_body = kept is node.body
    header = _colon(module, node) if is_body else source.line_starts[_else_line(module, node) - 1]
    if not is_body:
        header = source.content.index(b":", header)
    header_line, _ = source.position(header)
    end = chain_end if not (is_body and node.orelse) else _arm_end(module, node)
    if first_line(kept[0]) == header_line:  # `if x: y`
        return indent + source.slice(source.start(kept[0]), end).rstrip("\r\n \t") + line_end
    start = source.line_starts[header_line]
    comments = "" if is_body else _comments_above(module, node, header_line)
    text = source.slice(start, end)
    inside = lines_in_strings(source.slice(0, end))
    if inside is None:
        raise Unfoldable("the branch that stays cannot be read as tokens")
    lines = re.split(r"\r\n|\r|\n", text)
    while lines and not lines[-1].strip():
        lines.pop()
    strings = {line - header_line - 1 for line in inside if line > header_line}
    moved = reindented(lines, strings, indent_of(source, first_line(kept[0])), indent)
    return comments + line_end.join(moved) + line_end


def _comments_above(module: Module, node: Conditional, header_line: int) -> str:
    """Return the comments right above an `else`, which speak of the branch that stays."""
    source = module.source
    start = _arm_end(module, node)
    return source.slice(start, source.line_starts[header_line - 1])
