"""Where a place of an edited file was before the edits."""

from __future__ import annotations

from difflib import SequenceMatcher

# Longer lines are data; to compare them by character takes its time and tells nobody anything.
_LONGEST = 500


class OriginalPlaces:
    """Maps lines and columns (both from 1) of a file as it has become to those of the file as it was.

    A place in text that is unchanged is exact; one in changed text is that of the text that was there before.
    """

    def __init__(self, before: bytes, after: bytes) -> None:
        self._before = _lines(before)
        self._after = _lines(after)
        matcher = SequenceMatcher(None, self._before, self._after)
        self._blocks = matcher.get_opcodes()

    def original(self, line: int, column: int) -> tuple[int, int]:
        """Return the line and column of a place before the edits."""
        index = line - 1
        for kind, first, last, start, end in self._blocks:
            if not start <= index < end:
                continue
            if kind == "equal":
                return first + index - start + 1, column
            if first == last:  # all of it is new
                return min(first, max(len(self._before) - 1, 0)) + 1, 1
            nearest = min(first + index - start, last - 1)
            return nearest + 1, _column(self._before[nearest], self._after[index], column)
        return max(len(self._before), 1), 1


def _column(before: str, after: str, column: int) -> int:
    """Return the column in the old line that one in the new line has come from."""
    if max(len(before), len(after)) > _LONGEST:
        return 1
    index = column - 1
    for _, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if start <= index < end:
            return min(first + index - start, max(last - 1, first)) + 1
    return 1


def _lines(content: bytes) -> list[str]:
    # Bytes are split where Python ends a line; text would be at form feeds as well.
    return [line.decode("utf-8", "surrogateescape") for line in content.splitlines(keepends=True)]
