"""The lines of statements: their indentation, and the same lines with another one."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator, Sequence

from overhaul.refactors.project import Module
from overhaul.refactors.text import LINE_END, SourceText

_END = re.compile(r"\r\n|\r|\n")
_STRING_STARTS = {getattr(tokenize, name, None) for name in ("FSTRING_START", "TSTRING_START")} - {None}
_STRING_ENDS = {getattr(tokenize, name, None) for name in ("FSTRING_END", "TSTRING_END")} - {None}


def newline_of(source: SourceText) -> str:
    """Return the line end that a file uses first."""
    found = LINE_END.search(source.content)
    return found[0].decode() if found else "\n"


def first_line(statement: ast.stmt) -> int:
    """Return the line on which a statement begins, with its decorators."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(int(each.lineno) for each in decorators)])


def line_text(source: SourceText, line: int) -> str:
    """Return one line without its end."""
    starts = source.line_starts
    end = starts[line] if line < len(starts) else len(source.content)
    return source.slice(starts[line - 1], end).rstrip("\r\n")


def indent_of(source: SourceText, line: int) -> str:
    """Return the white space that a line begins with."""
    text = line_text(source, line)
    return text[: len(text) - len(text.lstrip(" \t\f"))]


def indent_unit(module: Module) -> str:
    """Return one level of indentation as the file has it."""
    pending: list[ast.AST] = [module.source.tree]
    while pending:
        node = pending.pop(0)
        for block in blocks_of(node):
            if isinstance(node, ast.stmt) and block[0].lineno > node.lineno:
                outer, inner = (
                    indent_of(module.source, node.lineno),
                    indent_of(module.source, block[0].lineno),
                )
                if inner.startswith(outer) and len(inner) > len(outer):
                    return inner[len(outer) :]
            pending += block
    return "    "


def blocks_of(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the lists of statements of a module or statement, those of its handlers and cases among them."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
    for part in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
        yield part.body


def lines_in_strings(text: str) -> set[int] | None:
    """Return the lines, from 1, that begin inside a string; None if the text cannot be read as tokens."""
    found: set[int] = set()
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(_END.sub("\n", text)).readline):
            if token.type == tokenize.STRING:
                found.update(range(token.start[0] + 1, token.end[0] + 1))
            elif token.type in _STRING_STARTS:
                opened.append(token.start[0])
            elif token.type in _STRING_ENDS:
                found.update(range(opened.pop() + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return found


def reindented(lines: Sequence[str], inside: Collection[int], old: str, new: str) -> list[str]:
    """Return lines moved from one indentation to another; those at the indices `inside` a string stay as they are."""
    result = []
    for index, line in enumerate(lines):
        if index in inside:
            result.append(line)
        elif not line.strip():
            result.append("")
        else:
            result.append(new + (line[len(old) :] if line.startswith(old) else line.lstrip(" \t\f")))
    return result


def shares_line(module: Module, statement: ast.stmt) -> bool:
    """Tell whether another statement, or the header of the block, stands on one of a statement's lines."""
    source = module.source
    start = source.line_starts[first_line(statement) - 1]
    before = source.slice(start, source.offset(first_line(statement), _column(statement)))
    line = statement.end_lineno or statement.lineno
    starts = source.line_starts
    ending = source.slice(source.end(statement), starts[line] if line < len(starts) else len(source.content))
    return bool(before.strip()) or not re.fullmatch(r"[ \t\f]*;?[ \t\f]*(#[^\r\n]*)?(\r\n|\r|\n)?", ending)


def _column(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return 0 if decorators else statement.col_offset
