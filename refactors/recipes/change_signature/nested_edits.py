"""The edits of one file, inner ones before those around them, which take them over."""

from __future__ import annotations

from overhaul.refactors.text import SourceText, Splice, splice


class NestedEdits:
    """Replacements by byte offsets. One that lies inside another is part of the other's text."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self._done: list[Splice] = []

    def put(self, start: int, end: int, text: str) -> None:
        """Replace a range; what was replaced inside it must be in the text already."""
        self._done.append((start, end, text))

    def rendered(self, start: int, end: int) -> str:
        """Return the text between two offsets with the replacements inside made."""
        inside = [(low - start, high - start, text) for low, high, text in self.outermost(start, end)]
        encoding = self.source.encoding
        return splice(self.source.content[start:end], inside, encoding).decode(encoding)

    def outermost(self, start: int, end: int) -> list[Splice]:
        """Return the replacements of a range that are in no other."""
        found: list[Splice] = []
        for index, (low, high, text) in sorted(
            enumerate(self._done), key=lambda each: (each[1][0], -each[1][1], -each[0])
        ):
            del index
            if start <= low and high <= end and (not found or low >= found[-1][1]):
                found.append((low, high, text))
        return found

    def content(self) -> bytes:
        """Return the file with all replacements. Raises UnicodeEncodeError."""
        return self.source.splice(self.outermost(0, len(self.source.content)))
