"""Statements taken out of their blocks, with a `pass` where a block would be empty."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence

from overhaul.refactors.indentation import blocks_of, first_line, indent_of, shares_line
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.inline_symbol.removal import removed_statement
from overhaul.refactors.text import BYTE_ORDER_MARK, Splice

_IMPORTS = (ast.Import, ast.ImportFrom)
_BLANK = re.compile(rb"[ \t\f]*(?:\r\n|\r|\n)")
_BLANKS_BELOW = re.compile(rb"(?:[ \t\f]*(?:\r\n|\r|\n))*")
_BLANKS_ABOVE = re.compile(rb"(?<=[\r\n])(?:[ \t\f]*(?:\r\n|\r|\n))+\Z")


def block_around(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    """Return the list of statements that a statement is in."""
    above = module.bindings.parents[statement]
    return next(each for each in blocks_of(above) if statement in each)


def removed_statements(module: Module, statements: Collection[ast.stmt]) -> list[Splice]:
    """Return the splices that take statements away, blank lines and a definition's own comments with them.

    No two of them may share a line (see `one_a_line`).
    """
    splices: list[Splice] = []
    blocks: dict[int, list[ast.stmt]] = {}
    for statement in sorted(statements, key=lambda each: (each.lineno, each.col_offset)):
        block = block_around(module, statement)
        blocks[id(block)] = block
    for block in blocks.values():
        going = [each for each in block if each in statements]
        is_emptied = len(going) == len(block) and block is not module.source.tree.body
        for index, statement in enumerate(going):
            shares = shares_line(module, statement)
            if is_emptied and index == 0:
                splices.append(_placeholder(module, statement))
            elif not shares and (isinstance(statement, _IMPORTS) or len(block) == 1):
                splices.append((*whole_lines(module, statement), ""))
            else:
                splices.append(removed_statement(module, statement))
    content = module.source.content
    return [_tidy(content, each) for each in _joined(content, united(splices))]


def _joined(content: bytes, splices: Sequence[Splice]) -> list[Splice]:
    """Join removals that only blank lines separate."""
    found: list[Splice] = []
    for start, end, text in splices:
        if found and not text and not found[-1][2] and not content[found[-1][1] : start].strip():
            found[-1] = (found[-1][0], end, "")
        else:
            found.append((start, end, text))
    return found


def one_a_line(module: Module, statements: Iterable[ast.stmt]) -> list[ast.stmt]:
    """Return the statements without those that share their line with one before: these are for another round."""
    found: list[ast.stmt] = []
    lines: set[int] = set()
    for statement in sorted(statements, key=lambda each: (each.lineno, each.col_offset)):
        if shares_line(module, statement):
            if statement.lineno in lines:
                continue
            lines.add(statement.lineno)
        found.append(statement)
    return found


def _tidy(content: bytes, splice: Splice) -> Splice:
    """Let a removal of whole lines leave as many blank lines as there were on the side that had more."""
    start, end, text = splice
    before = content[:start]
    if text or (before and not before.endswith((b"\n", b"\r", BYTE_ORDER_MARK))):
        return splice
    above = _BLANKS_ABOVE.search(content, 0, start)
    high = above.start() if above else start
    inside = _BLANKS_ABOVE.search(content, start, end)
    low = inside.start() if inside else end
    following = _BLANKS_BELOW.match(content, low)
    bottom = following.end() if following else low
    if bottom >= len(content) or not content[:high].strip(BYTE_ORDER_MARK + b" \t\r\n\f"):
        return high, max(bottom, end), ""
    if content[:high].rstrip().endswith(b":"):
        return start, bottom, ""
    if _count(content[high:start]) >= _count(content[low:bottom]):
        return start, bottom, ""
    return high, low, ""


def _count(blanks: bytes) -> int:
    return len(_BLANK.findall(blanks))


def _placeholder(module: Module, statement: ast.stmt) -> Splice:
    source = module.source
    column = len(indent_of(source, first_line(statement)).encode())
    start = source.offset(first_line(statement), column)
    if first_line(statement) == statement.lineno:
        start = source.start(statement)
    return start, source.end(statement), "pass"


def whole_lines(module: Module, statement: ast.stmt) -> tuple[int, int]:
    """Return the span of the lines that a statement is on."""
    starts, last = module.source.line_starts, statement.end_lineno or statement.lineno
    end = starts[last] if last < len(starts) else len(module.source.content)
    return starts[first_line(statement) - 1], end


def united(splices: Iterable[Splice]) -> list[Splice]:
    """Join removals that overlap or touch: each may take the blank lines between them."""
    found: list[Splice] = []
    for start, end, text in sorted(set(splices)):
        if found and start < found[-1][1] and end <= found[-1][1] and not found[-1][2]:
            continue  # inside what goes
        if found and start <= found[-1][1] and not text and not found[-1][2]:
            found[-1] = (found[-1][0], max(end, found[-1][1]), "")
        else:
            found.append((start, end, text))
    return found


def without_names(
    module: Module, statement: ast.Import | ast.ImportFrom, gone: Sequence[ast.alias]
) -> list[Splice] | None:
    """Return the splices that take names out of an import that keeps others; None where a comment is in the way."""
    source = module.source
    kept = [each for each in statement.names if each not in gone]
    splices: list[Splice] = []
    for index, alias in enumerate(statement.names):
        if alias in kept:
            continue
        line = _own_line(module, statement, alias)
        if line is not None:
            splices.append((*line, ""))
            continue
        if any(each in kept for each in statement.names[index + 1 :]):
            start, end = source.start(alias), source.start(statement.names[index + 1])
        else:
            start, end = source.end(statement.names[index - 1]), source.end(alias)
        if b"#" in source.content[start:end]:
            return None
        splices.append((start, end, ""))
    return united(splices)


def _own_line(
    module: Module, statement: ast.Import | ast.ImportFrom, alias: ast.alias
) -> tuple[int, int] | None:
    """Return the span of the lines of a name that has them for itself: `    name,  # comment`."""
    starts, content, source = module.source.line_starts, module.source.content, module.source
    begin, last = starts[alias.lineno - 1], alias.end_lineno or alias.lineno
    end = starts[last] if last < len(starts) else len(content)
    after = content[source.end(alias) : end].split(b"#")[0].strip()
    is_alone = not content[begin : source.start(alias)].strip() and after in (b",", b"")
    last_kept_has_comma = after == b"," or alias is statement.names[-1]
    if (
        is_alone
        and alias.lineno > statement.lineno
        and last_kept_has_comma
        and last < (statement.end_lineno or 0)
    ):
        return begin, end
    return None
