"""Writes a list in brackets anew, parameters or arguments, so that it keeps its form: line by line, with comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.text import SourceText

Extent = tuple[int, int]
_COMMENT = r"#[^\r\n]*"
# An item's end: a comma, a comment on the same line, the line's end; then lines of comments, and the next indent.
_LINE_END = re.compile(
    rf"(,?)([ \t]*{_COMMENT})?[ \t]*(\r\n|\r|\n)((?:[ \t]*(?:{_COMMENT})?(?:\r\n|\r|\n))*)([ \t]*)"
)
_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """An item of the new list; `index` is that of the old item that it is made of, None for a new one."""

    text: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The text between the brackets; `lost` are the comments of removed items, which went with them."""

    text: str
    lost: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Block:
    """What belongs to an item that has its own line: comment lines above it, and the comment behind it."""

    above: str = ""
    behind: str = ""


class BracketedList:
    """The items between two brackets. `start` is behind the opening one, `end` before the closing one."""

    def __init__(self, source: SourceText, start: int, end: int, items: Sequence[Extent]) -> None:
        self.source = source
        self.start, self.end = start, end
        edges = [start, *(offset for item in items for offset in item), end]
        gaps = [source.slice(low, high) for low, high in zip(edges[::2], edges[1::2], strict=True)]
        self.items = items
        self.before, self.between, self.after = gaps[0], gaps[1:-1], gaps[-1] if items else ""

    def write(self, pieces: Sequence[Piece], longest_line: int) -> Written | Doubt:
        """Return the list with these items."""
        gaps = [self.before, *self.between, self.after]
        has_comments = any("#" in gap for gap in gaps)
        is_multiline = any(_NEWLINE.search(gap) for gap in gaps)
        if not pieces or not self.items:
            if has_comments:
                return Doubt("a comment between the brackets would be lost")
            text = ", ".join(piece.text for piece in pieces)
            return Written(self._fitting(text, pieces, longest_line) if pieces else "")
        blocks = self._blocks() if is_multiline else None
        if blocks is not None:
            return self._line_by_line(pieces, blocks)
        joined = self._joined(pieces, has_comments)
        if isinstance(joined, Doubt):
            return joined
        return Written(joined if is_multiline else self._fitting(joined, pieces, longest_line))

    def write_anyway(self, pieces: Sequence[Piece], longest_line: int) -> Written:
        """Return the list with these items, on lines of their own if no other form keeps the comments."""
        written = self.write(pieces, longest_line)
        if isinstance(written, Written):
            return written
        gaps = [self.before, *self.between, self.after] if self.items else [self.before]
        comments = [re.findall(_COMMENT, gap) for gap in gaps]
        if not pieces:
            return Written("", [each for found in comments for each in found])
        indent, inner, newline = self._indents()
        lines = [inner + each for each in comments[0]]
        for piece in pieces:
            behind = [] if piece.index is None else comments[piece.index + 1]
            lines.append("  ".join([f"{inner}{piece.text},", *behind]))
        kept = {piece.index for piece in pieces}
        lost = [each for index, found in enumerate(comments[1:]) if index not in kept for each in found]
        return Written(newline + newline.join(lines) + newline + indent, lost)

    def _indents(self) -> tuple[str, str, str]:
        """Return the indent of the line that the list begins on, that of items on their own lines, the line end."""
        content = self.source.content
        line, _ = self.source.position(self.start)
        before = self.source.slice(self.source.line_starts[line - 1], self.start)
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        inner = indent + ("\t" if indent.startswith("\t") else "    ")
        return indent, inner, "\r\n" if b"\r\n" in content else "\n"

    def _joined(self, pieces: Sequence[Piece], has_comments: bool) -> str | Doubt:
        """Keep what is between two items that stay neighbours."""
        text, used = self.before, set[int]()
        for position, piece in enumerate(pieces):
            previous = pieces[position - 1].index if position else None
            if position and previous is not None and piece.index == previous + 1:
                text += self.between[previous]
                used.add(previous)
            elif position:
                text += ", "
            text += piece.text
        lost = [gap for index, gap in enumerate(self.between) if "#" in gap and index not in used]
        last = pieces[-1].index == len(self.items) - 1
        if lost or (has_comments and "#" in self.after and not last):
            return Doubt("a comment between the items would be lost or come to stand at another one")
        return text + self.after

    def _blocks(self) -> tuple[list[_Block], str] | None:
        """Return the block of each item and the usual indent, if each item after the first begins a line."""
        above, opened = "", _LINE_END.fullmatch(self.before)
        if _NEWLINE.search(self.before):
            if opened is None or opened[1]:
                return None
            above = opened[4]
        elif self.before.strip():
            return None
        blocks = []
        indent = opened[5] if opened is not None else ""
        for gap in self.between:
            match = _LINE_END.fullmatch(gap)
            if match is None or not match[1]:
                return None
            blocks.append(_Block(above, match[2] or ""))
            above, indent = match[4], match[5]
        closing = _LINE_END.fullmatch(self.after)
        if closing is None and "#" in self.after:
            return None
        if not self.between and opened is None:
            return None
        blocks.append(_Block(above, closing[2] or "" if closing is not None else ""))
        return blocks, indent

    def _line_by_line(self, pieces: Sequence[Piece], layout: tuple[list[_Block], str]) -> Written | Doubt:
        blocks, indent = layout
        first = _NEWLINE.search("".join([self.before, *self.between, self.after]))
        newline = first[0] if first else "\n"
        opened, closing = _LINE_END.fullmatch(self.before), _LINE_END.fullmatch(self.after)
        lines = []
        comma = "," in self.after.partition("#")[0]
        for position, piece in enumerate(pieces):
            block = blocks[piece.index] if piece.index is not None else _Block()
            is_last = position == len(pieces) - 1
            if position == 0 and opened is None and block.above:
                return Doubt("a comment above an item that becomes the first would be lost")
            if is_last and closing is None and block.behind:
                return Doubt("a comment behind the item that becomes the last would swallow the bracket")
            start = f"{block.above}{indent}" if position or opened is not None else ""
            lines.append(f"{start}{piece.text}{'' if is_last and not comma else ','}{block.behind}")
        head = f"{opened[2] or ''}{opened[3]}" if opened is not None else ""
        tail = (
            f"{closing[3]}{closing[4]}{closing[5]}" if closing is not None else self.after.replace(",", "", 1)
        )
        kept = {piece.index for piece in pieces}
        lost = [
            comment
            for index, block in enumerate(blocks)
            if index not in kept
            for comment in re.findall(_COMMENT, block.above + block.behind)
        ]
        return Written(head + newline.join(lines) + tail, lost)

    def _fitting(self, text: str, pieces: Sequence[Piece], longest_line: int) -> str:
        """Return a list on one line as it is if that fits, or on lines of its own as formatters do."""
        content = self.source.content
        line, _ = self.source.position(self.start)
        line_start = self.source.line_starts[line - 1]
        line_end = min(
            (place for place in (content.find(b"\r", self.end), content.find(b"\n", self.end)) if place >= 0),
            default=len(content),
        )
        before = self.source.slice(line_start, self.start)
        after = self.source.slice(self.end, line_end)
        old = len(before) + len(self.source.slice(self.start, self.end)) + len(after)
        new = len(before) + len(text) + len(after)
        is_one_line = all("\n" not in piece.text for piece in pieces)
        if new <= longest_line or old > longest_line or not is_one_line or not longest_line:
            return text
        indent, inner, newline = self._indents()
        one_line = inner + ", ".join(piece.text for piece in pieces)
        if len(one_line) <= longest_line:
            return f"{newline}{one_line}{newline}{indent}"
        return newline + newline.join(f"{inner}{piece.text}," for piece in pieces) + newline + indent
