"""The text of import statements: where their module is written, and how one name is taken out or put beside."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.name_tokens import Span, module_spans
from overhaul.refactors.project import Module
from overhaul.refactors.text import Splice

_DOTS = re.compile(rb"(?:[ \t\f]|\\\r?\n)*(?P<dots>\.(?:[ \t\f.]|\\\r?\n)*)?")
_NEWLINE = re.compile(rb"\r\n|\r|\n")


def source_span(module: Module, statement: ast.ImportFrom) -> Span:
    """Return the bytes of `..a.b` in `from ..a.b import c`."""
    source = module.source
    spans = module_spans(source, statement)
    start = source.start(statement) + len("from")
    match = _DOTS.match(source.content, start)
    if statement.level and match is not None and match["dots"]:
        first = match.start("dots")
        end = spans[-1][1] if spans else first + len(match["dots"].rstrip(b" \t\f\\\r\n"))
        return first, end
    return spans[0][0], spans[-1][1]


def source_splice(module: Module, statement: ast.ImportFrom, text: str) -> Splice:
    """Return the splice that makes the statement import from another module."""
    start, end = source_span(module, statement)
    content = module.source.content
    before = "" if content[start - 1 : start].isspace() else " "
    after = "" if content[end : end + 1].isspace() or content[end : end + 1] == b"\\" else " "
    return start, end, f"{before}{text}{after}"


def removal(module: Module, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> Splice:
    """Return the splice that takes one of several names out of an import, with its line if it has one of its own."""
    source, names = module.source, statement.names
    content, index = source.content, names.index(alias)
    start, end = source.start(alias), source.end(alias)
    line_start = source.line_starts[alias.lineno - 1]
    own_line = re.compile(rb"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)").match(content, end)
    if own_line and not content[line_start:start].strip() and alias.lineno > statement.lineno:
        return line_start, own_line.end(), ""
    if index + 1 < len(names) and names[index + 1].lineno == alias.end_lineno:
        return start, source.start(names[index + 1]), ""
    if index:
        comma = content.index(b",", source.end(names[index - 1]))
        return (comma, end, "") if names[index - 1].end_lineno == alias.lineno else (start, end, "")
    after = re.compile(rb"[ \t]*,[ \t]*").match(content, end)
    return start, after.end() if after else end, ""


def beside(module: Module, statement: ast.stmt, text: str, before: bool) -> Splice:
    """Return the splice that puts another statement on a line of its own, or after a semicolon where there is none."""
    source = module.source
    start, end = source.start(statement), source.end(statement)
    indent = source.content[source.line_starts[statement.lineno - 1] : start]
    found = _NEWLINE.search(source.content)
    newline = found[0].decode() if found else "\n"
    after = re.compile(rb"[ \t]*(?:#[^\r\n]*)?(?=\r\n|\r|\n|\Z)").match(source.content, end)
    if indent.strip():
        return start, start, f"{text}; "
    margin = indent.decode()
    if before or after is None:
        return start, start, f"{text}{newline}{margin}"
    return after.end(), after.end(), f"{newline}{margin}{text}"
