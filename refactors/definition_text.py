"""A function's lines in its file: what belongs to it, what its removal takes away, and its text at another depth."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass

from overhaul.refactors.project import Module
from overhaul.refactors.scopes import FunctionNode

_COMMENT = re.compile(rb"[ \t]*#")
_BLANK = re.compile(rb"[ \t]*(?:\r\n|\r|\n)")


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of a file: numbers from 1, the last one included."""

    first: int
    last: int


def indentation(module: Module, node: ast.stmt) -> str:
    """Return what stands before a statement in its first line."""
    start = module.source.line_starts[node.lineno - 1]
    return module.source.slice(start, start + node.col_offset)


def line_start(module: Module, line: int) -> int:
    """Return the offset of a line's first byte; of the file's end for the line after the last."""
    starts = module.source.line_starts
    return starts[line - 1] if line <= len(starts) else len(module.source.content)


def own_lines(module: Module, node: FunctionNode | ast.ClassDef) -> Lines:
    """Return the lines of a definition: its decorators, the comments right above, and those at its end."""
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    column = indentation(module, node)
    while first > 1 and _is_comment(module, first - 1, len(column), exact=True):
        first -= 1
    return Lines(first, last_line(module, node))


def last_line(module: Module, node: ast.stmt) -> int:
    """Return the last line of a definition, with the comments below it that are indented as its body is."""
    last = node.end_lineno or node.lineno
    deeper = len(indentation(module, node)) + 1
    while _is_comment(module, last + 1, deeper, exact=False):
        last += 1
    return last


def removed_lines(module: Module, lines: Lines, body: list[ast.stmt], node: ast.stmt) -> Lines:
    """Return the lines to take away with a definition: also the blank ones that kept it from its neighbours."""
    first, last = lines.first, lines.last
    if node is body[-1]:
        while node is not body[0] and is_blank(module, first - 1):
            first -= 1
    elif node is body[0] or is_blank(module, first - 1):
        while is_blank(module, last + 1):
            last += 1
    return Lines(first, last)


def missing_blanks(module: Module, line: int, wanted: int) -> int:
    """Return how many blank lines there are too few from a line on; none at the end of the file."""
    there = 0
    while is_blank(module, line + there):
        there += 1
    is_end = line + there > len(module.source.line_starts) or (
        line_start(module, line + there) >= len(module.source.content)
    )
    return 0 if is_end else max(0, wanted - there)


def is_blank(module: Module, line: int) -> bool:
    """Whether a line of the file is there and empty."""
    if not 1 <= line <= len(module.source.line_starts):
        return False
    return _BLANK.match(module.source.content, module.source.line_starts[line - 1]) is not None


def _is_comment(module: Module, line: int, column: int, *, exact: bool) -> bool:
    if not 1 <= line <= len(module.source.line_starts):
        return False
    found = _COMMENT.match(module.source.content, module.source.line_starts[line - 1])
    width = found.end() - found.start() - 1 if found else -1
    return width == column if exact else width >= column


def reindented(text: str, old: str, new: str) -> str:
    """Return a definition's lines at another depth: `old` before each becomes `new`.

    Lines inside strings stay as they are, but for the definition's own docstring, whose indentation means nothing.
    """
    if old == new:
        return text
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    fixed = _lines_in_strings(text) - _docstring_lines(text)
    return "".join(
        line if number in fixed or not line.strip() or not line.startswith(old) else new + line[len(old) :]
        for number, line in enumerate(lines, start=1)
    )


def _lines_in_strings(text: str) -> set[int]:
    """Return the lines that begin inside a string, from 1."""
    found: set[int] = set()
    opened: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type == tokenize.STRING:
            found.update(range(token.start[0] + 1, token.end[0] + 1))
        elif tokenize.tok_name[token.type] in ("FSTRING_START", "TSTRING_START"):
            opened.append(token.start[0])
        elif tokenize.tok_name[token.type] in ("FSTRING_END", "TSTRING_END"):
            found.update(range(opened.pop() + 1, token.end[0] + 1))
    return found


def _docstring_lines(text: str) -> set[int]:
    body = ast.parse(f"if 1:\n{text}" if text[:1] in " \t" else f"if 1: ...\n{text}").body
    definition = body[0].body[0] if isinstance(body[0], ast.If) and len(body) == 1 else body[-1]
    if not isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    first = definition.body[0]
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
        return set()
    if not isinstance(first.value.value, str):
        return set()
    return set(range(first.lineno, first.end_lineno or first.lineno))
