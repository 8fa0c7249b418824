"""Replacements in one file of which some lie inside others, whose text was made with the inner ones in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from overhaul.refactors.text import SourceText, Splice, splice


@dataclass(slots=True, eq=False)
class NestedEdits:
    """Add inner edits before those around them; what an outer one takes over, it takes by `rendered`."""

    source: SourceText
    done: list[Splice] = field(default_factory=list)

    def add(self, start: int, end: int, text: str) -> None:
        """Replace the bytes between two offsets."""
        self.done.append((start, end, text))

    def rendered(self, start: int, end: int) -> str:
        """Return the text between two offsets with the edits inside made."""
        inside = [(low - start, high - start, text) for low, high, text in self.outermost(start, end)]
        encoding = self.source.encoding
        return splice(self.source.content[start:end], inside, encoding).decode(encoding)

    def outermost(self, start: int, end: int) -> list[Splice]:
        """Return the edits between two offsets that are in no other of them, in order."""
        found: list[Splice] = []
        for _, (low, high, text) in sorted(enumerate(self.done), key=_outer_first):
            if start <= low and high <= end and (not found or low >= found[-1][1]):
                found.append((low, high, text))
        return found

    def content(self) -> bytes:
        """Return the file with all replacements. Raises UnicodeEncodeError."""
        return self.source.splice(self.outermost(0, len(self.source.content)))


def _outer_first(edit: tuple[int, Splice]) -> tuple[int, int, int]:
    """Of edits of one range the last takes over the others; insertions at one place keep their order."""
    index, (low, high, _) = edit
    return low, -high, index if low == high else -index
