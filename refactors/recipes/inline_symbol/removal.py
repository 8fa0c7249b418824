"""The definition goes when nothing needs it any more: with its decorators, blank lines and own comments."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.indentation import blocks_of, first_line, indent_of, line_text, shares_line
from overhaul.refactors.project import Module
from overhaul.refactors.text import Splice


def removed_statement(module: Module, statement: ast.stmt) -> Splice:
    """Return the splice that takes a statement away, or leaves a `pass` where its block would be empty."""
    source = module.source
    above = module.bindings.parents[statement]
    block = next(each for each in blocks_of(above) if statement in each)
    if len(block) == 1 and not isinstance(above, ast.Module):
        return source.offset(first_line(statement), _column(module, statement)), source.end(statement), "pass"
    if shares_line(module, statement):
        return _from_shared_line(module, block, statement)
    first, last = first_line(statement), statement.end_lineno or statement.lineno
    first = _with_comments(module, first, last, isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef))
    lines = len(source.line_starts)
    blank_above = first > 1 and not line_text(source, first - 1).strip()
    following = last
    while following < lines and not line_text(source, following + 1).strip():
        following += 1
    at_end = following >= lines or (following == lines - 1 and not line_text(source, lines).strip())
    if at_end or _ends_block(module, following + 1, statement):
        while first > 1 and not line_text(source, first - 1).strip():
            first -= 1
        following = following if at_end else last
    elif not blank_above and first > 1 and block[0] is not statement:
        following = last
    end = source.line_starts[following] if following < lines else len(source.content)
    return source.line_starts[first - 1], end, ""


def _column(module: Module, statement: ast.stmt) -> int:
    if first_line(statement) == statement.lineno:
        return statement.col_offset
    return len(indent_of(module.source, first_line(statement)))


def _ends_block(module: Module, line: int, statement: ast.stmt) -> bool:
    """Tell whether the code that follows is less indented: the blank lines belong to what follows then."""
    indent = indent_of(module.source, first_line(statement))
    return len(indent_of(module.source, line)) < len(indent)


def _with_comments(module: Module, first: int, last: int, is_function: bool) -> int:
    """Return the first of the comment lines above that speak of this statement only.

    Above a function they do; above a variable only if nothing else follows in the same paragraph.
    """
    source = module.source
    alone = last >= len(source.line_starts) or not line_text(source, last + 1).strip()
    if not is_function and not alone:
        return first
    indent = indent_of(source, first)
    line = first
    while line > 1 and line_text(source, line - 1).startswith(f"{indent}#"):
        line -= 1
    special = re.match(r"#!|#.*coding[:=]", line_text(source, line))
    return first if special else line


def _from_shared_line(module: Module, block: list[ast.stmt], statement: ast.stmt) -> Splice:
    source = module.source
    index = block.index(statement)
    if index + 1 < len(block) and block[index + 1].lineno == statement.end_lineno:
        return source.start(statement), source.start(block[index + 1]), ""
    if index:
        return source.end(block[index - 1]), source.end(statement), ""
    return source.start(statement), source.end(statement), "pass"
