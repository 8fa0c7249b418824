"""The source text of what the metavariables of one call stand for, byte for byte."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Collection, Sequence

from overhaul.refactors.fitting import ATOMS
from overhaul.refactors.recipes.replace_call.metavariables import Argument
from overhaul.refactors.recipes.replace_call.template import Piece
from overhaul.refactors.text import SourceText

Extent = tuple[int, int]
# Returns the text between two offsets, with the edits that lie inside made.
Rendered = Callable[[int, int], str]
_SEPARATOR = re.compile(rb"[ \t\r\n\\]*,[ \t\r\n\\]*")


class CallText:
    """The arguments of one call as text; `extents` include the parentheses around an argument."""

    def __init__(self, source: SourceText, call: ast.Call, rendered: Rendered) -> None:
        self.source = source
        self.call = call
        self.rendered = rendered
        arguments: list[Argument] = [*call.args, *call.keywords]
        self.arguments = sorted(arguments, key=lambda each: (each.lineno, each.col_offset))
        self.extents = self._extents()

    def piece(self, node: ast.expr) -> Piece:
        """Return one captured expression, without the parentheses around it and with them."""
        start, end = self._range(node)
        plain = self.rendered(start, end)
        around = self._extent_around(start, end)
        # What an edit inside has made of the expression may be of another kind.
        is_atom = plain == self.source.slice(start, end) and (
            isinstance(node, ATOMS) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        )
        return Piece(plain, f"({plain})" if around == (start, end) else self.rendered(*around), is_atom)

    def rest(self, arguments: Sequence[Argument]) -> str:
        """Return captured arguments with what is between them, if nothing else stood there."""
        if arguments and arguments[0] not in self.arguments:  # of a call inside this one
            return CallText(self.source, self._call_with(arguments[0]), self.rendered).rest(arguments)
        extents = [self.extents[self.arguments.index(each)] for each in arguments]
        if not extents:
            return ""
        if self._are_neighbours(arguments):
            return self.rendered(extents[0][0], extents[-1][1])
        return ", ".join(self.rendered(*extent) for extent in extents)

    def loses_comment(self, kept: Collection[Argument], runs: Collection[Sequence[Argument]]) -> bool:
        """Whether a comment stands in the call outside what is kept."""
        start, end = self.source.start(self.call), self.source.end(self.call)
        if b"#" not in self.source.content[start:end]:
            return False
        ranges = [self._range(node) for node in kept]
        for run in runs:
            if run and run[0] not in self.arguments:
                ranges += [self._range(node) for node in run]
                continue
            extents = [self.extents[self.arguments.index(each)] for each in run]
            if extents and self._are_neighbours(run):
                ranges.append((extents[0][0], extents[-1][1]))
            else:
                ranges += extents
        places = _comments(self.source.slice(start, end), self.source.encoding)
        if places is None:
            return True
        return any(not any(low <= start + place < high for low, high in ranges) for place in places)

    def _call_with(self, argument: Argument) -> ast.Call:
        return next(
            node
            for node in ast.walk(self.call)
            if isinstance(node, ast.Call) and (argument in node.args or argument in node.keywords)
        )

    def _are_neighbours(self, arguments: Sequence[Argument]) -> bool:
        first = self.arguments.index(arguments[0])
        return self.arguments[first : first + len(arguments)] == list(arguments)

    def _range(self, node: Argument) -> Extent:
        return self.source.start(node), self.source.end(node)

    def _extent_around(self, start: int, end: int) -> Extent:
        """Return the extent of the argument that is exactly this expression; else the expression's own."""
        for argument, extent in zip(self.arguments, self.extents, strict=True):
            if self._range(argument) == (start, end):
                return extent
        return start, end

    def _extents(self) -> list[Extent]:
        content = self.source.content
        position = content.index(b"(", self.source.end(self.call.func)) + 1
        extents = []
        for argument in self.arguments:
            start, end = self._range(argument)
            # The parentheses of `f(x for x in y)` are both the call's and the generator's: nothing is before.
            gap = _without_comments(content[position:start])
            depth = gap.count(b"(")
            if depth:
                start = position + gap.index(b"(")
            for _ in range(depth):
                closing = _without_comments(content[end : self.source.end(self.call)]).index(b")")
                end += closing + 1
            extents.append((start, end))
            position = end
        return extents


def _without_comments(gap: bytes) -> bytes:
    """Blank out the comments between two arguments, so that what is left are brackets and commas."""
    return re.sub(rb"#[^\r\n]*", lambda match: b" " * len(match[0]), gap)


def _comments(text: str, encoding: str) -> list[int] | None:
    """Return the byte offsets of the comments in a text; None if it cannot be read as tokens."""
    lines = text.split("\n")
    places = []
    try:
        # The parenthesis makes line ends and indents mean nothing.
        for token in tokenize.generate_tokens(io.StringIO(f"({text})").readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                prefix = [*lines[: line - 1], lines[line - 1][: column - (line == 1)]]
                places.append(len("\n".join(prefix).encode(encoding)))
    except (tokenize.TokenError, SyntaxError):
        return None
    return places
