"""New statements as text: operands as they are written, shifted where they stand on several lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.indentation import indent_of, lines_in_strings, newline_of
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.unittest_to_pytest.claims import Claim, Operand

# What binds closer than every operator, however it is written on one line or in brackets.
_PRIMARIES = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set)


@dataclass(frozen=True, slots=True)
class Layout:
    """Writes what takes the place of one statement.

    `rendered` gives the text between two offsets with what is renamed in it; `longest` is the number of columns that a
    line may have, `step` one level of indentation.
    """

    module: Module
    rendered: Callable[[int, int], str]
    statement: ast.stmt
    longest: int
    step: str

    @property
    def indent(self) -> str:
        return indent_of(self.module.source, self.statement.lineno)

    @property
    def line_end(self) -> str:
        return newline_of(self.module.source)

    def assertion(self, claim: Claim) -> str:
        """Return the `assert` statement of a claim."""
        pieces: list[str] = []
        for each in claim.pieces:
            column = self._column(f"assert {''.join(pieces)}")
            pieces.append(each if isinstance(each, str) else self.operand(each, column))
        test = "".join(pieces)
        column = self._column(f"assert {test}, ")
        message = "" if claim.message is None else self.enclosed(claim.message, column)
        ending = f", {message}" if message else ""
        text = f"assert {test}{ending}"
        if self.fits(text):
            return text
        inner = f"{self.line_end}{self.indent}"
        if message and "\n" not in test + message and self.fits(f"assert {test}, ("):
            return f"assert {test}, ({inner}{self.step}{message}{inner})"
        if "\n" in text:
            return text
        if claim.breaks is not None:
            pieces.insert(claim.breaks, f"{inner}{self.step}")
            pieces[claim.breaks + 1] = pieces[claim.breaks + 1].lstrip()
        return f"assert ({inner}{self.step}{''.join(pieces)}{inner}){ending}"

    def fits(self, text: str) -> bool:
        """Tell whether a statement needs no other layout: it is on one line that is short, or was as long."""
        if "\n" in text:
            return False
        was_on_one_line = self.statement.lineno == self.statement.end_lineno
        return was_on_one_line or len(self.indent) + len(text) <= self.longest

    def operand(self, operand: Operand, column: int) -> str:
        """Return an operand, in parentheses where it needs them."""
        if operand.is_loose:
            return self._wrapped(self.written(operand.node, column + 1))
        return self.enclosed(operand.node, column)

    def enclosed(self, node: ast.expr, column: int) -> str:
        """Return an expression that may stand alone: in parentheses if it goes on to a line outside of brackets."""
        text = self.written(node, column)
        return text if "\n" not in text or _stands_alone(text) else self._wrapped(text)

    def _column(self, before: str) -> int:
        """Return the column at which goes on what is written so far."""
        _, line_end, last = before.rpartition("\n")
        return len(last) + (0 if line_end else len(self.indent))

    def written(self, node: ast.expr, new_column: int = 0) -> str:
        """Return an expression with the edits in it, its further lines shifted as its first line is.

        Lines that are aligned to something in it stay so if it begins at the new column.
        """
        source = self.module.source
        start, end = source.start(node), source.end(node)
        text = self.rendered(start, end)
        lines = re.split(r"(?<=\n)", text) if "\n" in text else [text]
        if len(lines) == 1:
            return text
        inside = lines_in_strings(text) or set()
        first = indent_of(source, node.lineno)
        further = [
            len(line) - len(line.lstrip(" "))
            for index, line in enumerate(lines)
            if index and line.strip() and index + 1 not in inside
        ]
        column = len(source.slice(source.line_starts[node.lineno - 1], start))
        if further and min(further) > column and new_column:
            shift = new_column - column
        else:
            shift = len(self.indent) - len(first)
        moved = [
            line if not index or index + 1 in inside or not line.strip() else _shifted(line, shift)
            for index, line in enumerate(lines)
        ]
        return "".join(moved)

    def arguments(self, nodes: list[ast.expr | ast.keyword]) -> list[str]:
        """Return the arguments of a call."""
        return [self._argument(each) for each in nodes]

    def _argument(self, node: ast.expr | ast.keyword) -> str:
        if isinstance(node, ast.keyword):
            return f"{node.arg}={self.written(node.value)}" if node.arg else f"**{self.written(node.value)}"
        text = self.written(node)
        return f"({text})" if isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom) else text

    def _wrapped(self, text: str) -> str:
        if "\n" not in text or _stands_alone(text):
            return f"({text})"
        inner = f"{self.line_end}{self.indent}"
        inside = lines_in_strings(text) or set()
        lines = [
            line if index + 1 in inside else f"{self.indent}{self.step}{line.strip()}"
            for index, line in enumerate(re.split(r"\r?\n", text))
        ]
        return f"({self.line_end}{self.line_end.join(lines)}{inner})"


def comment_doubt(module: Module, outer: ast.expr, kept: list[ast.expr]) -> Doubt | None:
    """Return a Doubt if a comment in a call stands outside of what is kept of it."""
    source = module.source
    place, end = source.start(outer), source.end(outer)
    for node in sorted(kept, key=source.start):
        if b"#" in source.content[place : source.start(node)]:
            return Doubt("a comment in the call would be lost")
        place = max(place, source.end(node))
    return Doubt("a comment in the call would be lost") if b"#" in source.content[place:end] else None


def same_claim(claim: Claim, module: Module) -> bool:
    """Tell whether the claim's text is read as the pieces that it is made of: parentheses are where they must be."""
    if all(isinstance(each, str) or isinstance(each.node, _PRIMARIES) for each in claim.pieces):
        return True
    placeholders: dict[str, ast.expr] = {}
    plain, written = "", ""
    for index, piece in enumerate(claim.pieces):
        if isinstance(piece, str):
            plain, written = plain + piece, written + piece
            continue
        name = f"operand_{index}_"
        placeholders[name] = piece.node
        text = module.source.slice(module.source.start(piece.node), module.source.end(piece.node))
        plain += name
        written += f"({text})" if piece.is_loose or "\n" in text else text
    try:
        wanted = _Filled(placeholders).visit(ast.parse(f"assert {plain}"))
        return ast.dump(ast.parse(f"assert {written}")) == ast.dump(wanted)
    except (SyntaxError, ValueError, RecursionError):
        return False


class _Filled(ast.NodeTransformer):
    def __init__(self, placeholders: dict[str, ast.expr]) -> None:
        self.placeholders = placeholders

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.placeholders.get(node.id, node)


def _stands_alone(text: str) -> bool:
    """Tell whether a text of several lines is one expression without parentheses around it."""
    try:
        return len(ast.parse(text).body) == 1
    except (SyntaxError, ValueError):
        return False


def _shifted(line: str, shift: int) -> str:
    if shift >= 0:
        return " " * shift + line
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(-shift, spaces) :]
