"""Where runs of lines stand in a file, for thousands of runs in files of megabytes.

Each line that is looked for becomes a letter, so that a run of lines is a word and `str.find`, which takes linear time,
finds it. Words with a rare letter are found without reading the file again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import repeat

from overhaul.refactors.errors import PatchError

MOST_STEPS = 5_000_000_000  # of about a nanosecond
_LOOP = 100  # steps of one turn of a loop in Python
_FIND = 20  # and of `str.find` at one letter, where letters repeat in the worst way
_FEW = 100
_OTHER = "\0"
_CLOSING = (")", "]", "}")

Span = tuple[int, int]


class Effort:
    """What searching for one patch may cost, however it is made."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Raise PatchError if it is spent."""
        self._left -= steps
        if self._left < 0:
            raise PatchError(
                "The patch takes too long to place: too many hunks of lines that are everywhere in large files. "
                "Split it, or give each hunk a line that is rare in its file."
            )


class LineSearch:
    """The places of wanted lines in a file."""

    def __init__(self, lines: Sequence[str], wanted: Iterable[str], effort: Effort) -> None:
        self._effort = effort
        self._letters = {line: chr(number) for number, line in enumerate(dict.fromkeys(wanted), start=1)}
        self._text = "".join(map(self._letters.get, lines, repeat(_OTHER)))
        self._counts = Counter(self._text)
        self._rare: dict[str, list[int]] = defaultdict(list)
        rare = {letter for letter, count in self._counts.items() if count <= _FEW and letter != _OTHER}
        for place, letter in enumerate(self._text):
            if letter in rare:
                self._rare[letter].append(place)

    def places(self, run: Sequence[str], span: Span, most: int) -> list[int]:
        """Return up to `most` indexes, in order, at which the run stands and begins within the span."""
        self._effort.spend(10 * _LOOP + _LOOP * len(run))
        word = "".join(self._letters[line] for line in run)
        rarest = min(word, key=lambda letter: self._counts[letter])
        low, high = max(0, span[0]), min(span[1], len(self._text) - len(word) + 1)
        if not self._counts[rarest] or low >= high:
            return []
        found: list[int] = []
        if rarest in self._rare:
            offset = word.index(rarest)
            places = self._rare[rarest]
            for index in range(bisect_left(places, low + offset), bisect_left(places, high + offset)):
                place = places[index] - offset
                self._effort.spend(_LOOP + len(word))
                if self._text.startswith(word, place):
                    found.append(place)
            return found[:most]
        place = low - 1
        while len(found) < most:
            before, place = place, self._text.find(word, place + 1, high + len(word) - 1)
            self._effort.spend(_FIND * ((high if place < 0 else place) - before))
            if place < 0:
                break
            found.append(place)
        return found

    def scattered(self, run: Sequence[str], most: int) -> list[int]:
        """Return indexes at which the run would stand if its rarest line that is there stood where it does."""
        there = [line for line in run if self._counts[self._letters[line]]]
        if not there:
            return []
        rarest = min(there, key=lambda line: self._counts[self._letters[line]])
        offset, letter = run.index(rarest), self._letters[rarest]
        found: list[int] = []
        place = self._text.find(letter)
        while place >= 0 and len(found) < most:
            found.append(place - offset)
            place = self._text.find(letter, place + 1)
        return found


class Blocks:
    """The blocks that lines such as `class A:` head, by their indentation."""

    def __init__(self, lines: Sequence[str], effort: Effort) -> None:
        self._effort = effort
        self._places: dict[str, list[int]] = defaultdict(list)
        self._indentations: list[int] = []  # -1 of an empty line
        self._ends = [len(lines)] * len(lines)
        open_lines: list[int] = []
        effort.spend(5 * _LOOP * len(lines))
        for index, line in enumerate(lines):
            stripped = line.strip()
            indentation = len(line) - len(line.lstrip(" \t")) if stripped else -1
            self._indentations.append(indentation)
            if not stripped:
                continue
            self._places[stripped].append(index)
            if stripped.startswith(_CLOSING):  # the end of a head of several lines, or of its own block
                continue
            while open_lines and self._indentations[open_lines[-1]] >= indentation:
                self._ends[open_lines.pop()] = index
            open_lines.append(index)
        self._heads = sorted(self._places)
        self._blocks: dict[tuple[str, ...], list[Span]] = {}

    def of(self, anchors: tuple[str, ...]) -> list[Span]:
        """Return the blocks of the last of the anchors within blocks of those before it, in order."""
        if anchors not in self._blocks:
            self._blocks[anchors] = self._nested(anchors)
        return self._blocks[anchors]

    def _nested(self, anchors: tuple[str, ...]) -> list[Span]:
        spans = [(0, len(self._ends))]
        for anchor in anchors:
            inside: list[Span] = []
            for place in self.places(anchor):
                self._effort.spend(_LOOP * len(spans))
                if any(start <= place < end for start, end in spans):
                    inside.append((place, self._ends[place]))
            spans = inside
        return spans

    def places(self, anchor: str) -> list[int]:
        """Return where a line is the anchor, or else begins with it, whatever its indentation; in order."""
        if anchor in self._places:
            return self._places[anchor]
        found: list[int] = []
        for index in range(bisect_left(self._heads, anchor), len(self._heads)):
            head = self._heads[index]
            self._effort.spend(_LOOP)
            if not head.startswith(anchor):
                break
            if not (_is_word(anchor[-1]) and _is_word(head[len(anchor)])):
                found += self._places[head]
        return sorted(found)

    def head(self, index: int) -> int | None:
        """Return the nearest line above that is indented less, if it is not too far away."""
        if index >= len(self._ends):
            return None
        for above in range(index - 1, max(-1, index - 2_000), -1):
            if -1 < self._indentations[above] < self._indentations[index]:
                return above
        return None


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
