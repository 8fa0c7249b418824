"""The code that a place such as `path.py:10:5-12:20` or `path.py:10-12` selects: statements, or one expression."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from overhaul.refactors.errors import ParameterError, SymbolNotFound, did_you_mean
from overhaul.refactors.indentation import blocks_of, first_line, line_text, shares_line
from overhaul.refactors.project import Module, Project

_PLACE = re.compile(r"(.+\.py):(\d+):(\d+)-(?:(\d+):)?(\d+)")
_LINES = re.compile(r"(.+\.py):(\d+)(?:-(\d+))?")
_COMMENTS = re.compile(rb"(?:[ \t\f\r\n;]|#[^\r\n]*)*")


class UnreadableSelection(Exception):
    """The file does not parse; the project's failures say why."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Neighbouring statements of one block, or one expression. `lines` are the first and last line that move."""

    module: Module
    nodes: tuple[ast.stmt, ...] | tuple[ast.expr]
    lines: tuple[int, int]

    @property
    def expression(self) -> ast.expr | None:
        first = self.nodes[0]
        return first if isinstance(first, ast.expr) else None

    @property
    def statements(self) -> tuple[ast.stmt, ...]:
        return tuple(node for node in self.nodes if isinstance(node, ast.stmt))


def select(project: Project, at: str, lines: str) -> Selection:
    """Return what the parameters select. Raises ParameterError, SymbolNotFound or UnreadableSelection."""
    match = _PLACE.fullmatch(at) if at else _LINES.fullmatch(lines)
    if bool(at) == bool(lines) or match is None:
        raise ParameterError(
            "give the code to extract as at=path.py:LINE:COLUMN-LINE:COLUMN (columns from 1, the last one exclusive)"
            " or as lines=path.py:FIRST-LAST"
        )
    path = match[1].removeprefix("./")
    if path not in project.table.files:
        raise SymbolNotFound(
            f"'{path}' is no Python file of the tree.{did_you_mean(path, project.table.files)}"
        )
    module = project.module(path)
    if module is None:
        raise UnreadableSelection(path)
    start, end = _offsets(module, match, bool(at))
    return _selected(module, *_trimmed(module, start, end))


def _offsets(module: Module, match: re.Match[str], is_place: bool) -> tuple[int, int]:
    source = module.source
    if is_place:
        last = int(match[4] or match[2])
        start = source.offset_of_character(int(match[2]), int(match[3]))
        end = source.offset_of_character(last, int(match[5]))
    else:
        last = int(match[3] or match[2])
        start = source.offset_of_character(int(match[2]), 1)
        inside = 1 <= last <= len(source.line_starts)
        end = source.offset_of_character(last, len(line_text(source, last)) + 1) if inside else None
    if start is None or end is None or end <= start:
        raise ParameterError(f"{match[0]} is outside the file, or ends before it begins")
    return start, end


def _trimmed(module: Module, start: int, end: int) -> tuple[int, int]:
    content = module.source.content
    while end > start and content[end - 1 : end].isspace():
        end -= 1
    while start < end and content[start : start + 1].isspace():
        start += 1
    if start >= end:
        raise ParameterError("the selection holds white space only")
    return start, end


def _selected(module: Module, start: int, end: int) -> Selection:
    source = module.source
    block: list[ast.stmt] = source.tree.body
    while True:
        touched = [each for each in block if _start(module, each) < end and source.end(each) > start]
        if not touched:
            raise ParameterError("the selection holds no whole statement or expression")
        inside = [each for each in touched if _start(module, each) >= start and source.end(each) <= end]
        if inside == touched:
            return _of_statements(module, inside, start, end)
        if len(touched) > 1:
            raise ParameterError(
                f"the selection cuts through the statement at line {(set(touched) - set(inside)).pop().lineno};"
                " select whole statements of one block, or one expression"
            )
        inner = [
            each
            for each in blocks_of(touched[0])
            if _start(module, each[0]) < end and source.end(each[-1]) > start
        ]
        header_end = min((_start(module, each[0]) for each in blocks_of(touched[0])), default=end)
        if not inner or (start < header_end and end <= header_end):
            return _of_expression(module, touched[0], start, end)
        if len(inner) > 1 or start < _line_start(module, inner[0][0], start):
            raise ParameterError(
                f"the selection cuts through the statement at line {touched[0].lineno};"
                " select whole statements of one block, or one expression"
            )
        block = inner[0]


def _line_start(module: Module, statement: ast.stmt, start: int) -> int:
    """Return where the selection may begin at the earliest: comments above the block's first statement count."""
    between = module.source.content[start : _start(module, statement)]
    comments = _COMMENTS.match(between)
    return start if comments and comments.end() == len(between) else _start(module, statement)


def _start(module: Module, statement: ast.stmt) -> int:
    line = first_line(statement)
    if line == statement.lineno:
        return module.source.start(statement)
    starts = module.source.line_starts[line - 1]
    return starts + len(line_text(module.source, line)) - len(line_text(module.source, line).lstrip())


def _of_statements(module: Module, statements: list[ast.stmt], start: int, end: int) -> Selection:
    source = module.source
    for low, high in ((start, _start(module, statements[0])), (source.end(statements[-1]), end)):
        comments = _COMMENTS.match(source.content, low, max(low, high))
        if comments is None or comments.end() < high:
            raise ParameterError("the selection cuts through a statement; select whole ones")
    for statement in (statements[0], statements[-1]):
        if shares_line(module, statement):
            raise ParameterError(
                f"the statement at line {statement.lineno} shares its line with another; put it on its own line first"
            )
    first = min(first_line(statements[0]), source.position(start)[0])
    last = max(statements[-1].end_lineno or 1, source.position(max(start, end - 1))[0])
    return Selection(module, tuple(statements), (first, last))


def _of_expression(module: Module, statement: ast.stmt, start: int, end: int) -> Selection:
    content = module.source.content
    while True:
        found = [
            node
            for node in _expressions(statement)
            if (module.source.start(node), module.source.end(node)) == (start, end)
            # The parentheses of `f(x for x in y)` are both the call's and the generator's.
            or (
                isinstance(node, ast.GeneratorExp)
                and (module.source.start(node) + 1, module.source.end(node) - 1) == (start, end)
            )
        ]
        if found:
            node = found[0]
            _check_expression(module, node)
            return Selection(module, (node,), (node.lineno, node.end_lineno or node.lineno))
        if content[start : start + 1] != b"(" or content[end - 1 : end] != b")" or end - start < 3:
            raise ParameterError(
                f"the selection at line {statement.lineno} is no whole expression; select all of one"
            )
        start, end = _trimmed(module, start + 1, end - 1)


def _expressions(statement: ast.stmt) -> list[ast.expr]:
    """Return the expressions of a statement, outer ones first."""
    return [node for node in ast.walk(statement) if isinstance(node, ast.expr)]


def _check_expression(module: Module, node: ast.expr) -> None:
    above = module.bindings.parents.get(node)
    reason = ""
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        reason = "is assigned or deleted"
    elif isinstance(node, ast.Starred | ast.Slice | ast.FormattedValue):
        reason = "is a part of an expression and no value of its own"
    elif isinstance(above, ast.pattern) or above is None:
        reason = "is a pattern"
    elif (
        isinstance(above, ast.arg)
        or node is getattr(above, "annotation", None)
        or node is getattr(above, "returns", None)
    ):
        reason = "is an annotation"
    while above is not None and not isinstance(above, ast.stmt) and not reason:
        if isinstance(above, ast.JoinedStr):
            reason = "is inside an f-string"
        if isinstance(above, ast.Constant):
            reason = "is inside a string"
        above = module.bindings.parents.get(above)
    if reason:
        raise ParameterError(f"the expression at line {node.lineno} {reason}; select another one")
