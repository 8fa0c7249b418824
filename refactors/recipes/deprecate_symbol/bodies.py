"""Where in a function the warning goes: behind the docstring, before everything else."""

from __future__ import annotations

import re

from overhaul.refactors.docstrings import docstring_of
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_text import LONGEST_LINE
from overhaul.refactors.indentation import first_line, indent_of, indent_unit, line_text, newline_of
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.deprecate_symbol.notice import Notice
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.text import Splice

_REST = re.compile(r"[ \t\f]*(?:#[^\r\n]*)?")


def warning_splice(module: Module, node: FunctionNode, notice: Notice, warn: str) -> Splice | Doubt:
    """Return the splice that puts the warning into a function; `warn` is how `warnings.warn` is called there."""
    source, first = module.source, node.body[0]
    line_end, unit = newline_of(source), indent_unit(module)
    start = source.line_starts[first_line(first) - 1]
    docstring = docstring_of(node)
    column = (
        first.col_offset if first_line(first) == first.lineno else len(indent_of(source, first_line(first)))
    )
    if source.slice(start, source.offset(first_line(first), column)).strip():
        if docstring is not None:
            return Doubt("its docstring stands on the line of its header; give it a line of its own first")
        return _unfolded(module, node, notice, warn)
    indent = indent_of(source, first_line(first))
    text = notice.statement(warn, indent, unit, line_end, LONGEST_LINE)
    if docstring is None:
        place = source.line_starts[_first_comment(module, node, first_line(first)) - 1]
        return place, place, text
    last = docstring.end_lineno or docstring.lineno
    line = line_text(source, last)
    after = source.slice(
        source.end(docstring), source.line_starts[last - 1] + len(line.encode(source.encoding))
    )
    if not _REST.fullmatch(after):
        return Doubt(
            "something else stands on the last line of its docstring; give it a line of its own first"
        )
    if last < len(source.line_starts):
        return source.line_starts[last], source.line_starts[last], text
    end = len(source.content)
    return end, end, line_end + text.removesuffix(line_end)


def _unfolded(module: Module, node: FunctionNode, notice: Notice, warn: str) -> Splice:
    """Put the body of `def f(): return 1` on a line of its own, with the warning before it."""
    source, first = module.source, node.body[0]
    end = source.start(first)
    start = end - len(source.content[:end]) + len(source.content[:end].rstrip(b" \t\f"))
    line_end, unit = newline_of(source), indent_unit(module)
    indent = indent_of(source, first_line(node)) + unit
    text = notice.statement(warn, indent, unit, line_end, LONGEST_LINE)
    return start, end, f"{line_end}{text}{indent}"


def _first_comment(module: Module, node: FunctionNode, line: int) -> int:
    """Return the first line of the comments and blank lines right above the first statement."""
    while line - 1 > node.lineno and re.fullmatch(r"[ \t\f]*(?:#.*)?", line_text(module.source, line - 1)):
        line -= 1
    return line
