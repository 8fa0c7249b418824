"""Where the hunks of a patch belong in a file: in one place each, or an error that tells a model how to say which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from overhaul.refactors.agent.file_lines import Replacement
from overhaul.refactors.agent.line_search import Blocks, Effort, LineSearch, Span
from overhaul.refactors.agent.patch_actions import Hunk, UpdateFile, shown
from overhaul.refactors.errors import PatchError

_SHOWN = 5  # candidates
_MOST_BLANK = 50  # lines at the end of a file
_NOTES = (
    "",
    "ignoring blanks at the ends of lines",
    "taking quotes, dashes and blanks of Unicode for those of ASCII",
)
_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u202f\u205f\u3000", " "),
        **{chr(code): " " for code in range(0x2000, 0x200B)},
    }
)


class Placed(NamedTuple):
    """A hunk and the index of its first line in the file; `note` says what was overlooked to find it."""

    hunk: Hunk
    start: int
    note: str

    @property
    def replacements(self) -> list[Replacement]:
        """What the hunk changes; lines that stay are not among it."""
        found: list[Replacement] = []
        start = end = self.start
        added: list[str] = []
        for kind, text in [*self.hunk.lines, (" ", "")]:
            if kind == "+":
                added.append(text)
            elif kind == "-":
                end += 1
            else:
                if added or end > start:
                    found.append(Replacement(start, end, tuple(added)))
                start = end = end + 1
                added = []
        return found


class HunkPlacer:
    """Places the hunks of one file one after the other."""

    def __init__(self, update: UpdateFile, lines: list[str], effort: Effort) -> None:
        self._update = update
        self._lines = lines
        self._effort = effort
        self._searches: list[LineSearch] = []

    def place(self) -> list[Placed]:
        """Return every hunk with its place. Raises PatchError at the first that has none, or several."""
        placed: list[Placed] = []
        cursor = 0
        for number, hunk in enumerate(self._update.hunks, start=1):
            try:
                start, note = self._located(hunk, cursor)
            except PatchError as error:
                name = f"hunk {number} of {self._update.path} (line {hunk.line} of the patch)"
                raise PatchError(f"{name}: {error}") from None
            placed.append(Placed(hunk, start, note))
            cursor = max([cursor, *(change.end for change in placed[-1].replacements)])
        return placed

    def _located(self, hunk: Hunk, cursor: int) -> tuple[int, str]:
        if not hunk.old:
            return self._end_for(hunk), ""
        is_anchored = bool(hunk.anchors) and bool(self._blocks.of(hunk.anchors))
        anchors = hunk.anchors if is_anchored else ()
        for level, note in enumerate(_NOTES):
            found = self._found(hunk, anchors, level, cursor)
            if len(found) == 1 or (found and hunk.at_end):
                missing = (
                    "without its @@ line, which is not in the file" if hunk.anchors and not anchors else ""
                )
                return found[-1], " and ".join(filter(None, (note, missing)))
            if found:
                raise PatchError(self._several(found) + self._unknown_anchor(hunk, anchors))
            elsewhere = self._search(level).places(_plain(hunk.old, level), (0, len(self._lines)), 1_000)
            if elsewhere:
                raise PatchError(self._elsewhere(hunk, elsewhere, cursor))
        raise PatchError(self._nowhere(hunk) + self._unknown_anchor(hunk, anchors))

    def _end_for(self, hunk: Hunk) -> int:
        if hunk.at_end or not self._lines:
            return len(self._lines)
        raise PatchError(
            "it only adds lines and does not say where. Write at least one line of the file above or below them, "
            "beginning with a blank, or '*** End of File' after them to put them at the end."
        )

    def _found(self, hunk: Hunk, anchors: tuple[str, ...], level: int, low: int) -> list[int]:
        run = _plain(hunk.old, level)
        search, total = self._search(level), len(self._lines)
        if hunk.at_end:
            low = max(low, total - self._blank_at_end - len(run))
        if not anchors:
            return search.places(run, (low, total), _SHOWN + 1)
        # A hunk may begin above the line that heads its block: with a decorator, say.
        blocks = self._blocks.of(anchors)
        found = self._in_spans(search, run, blocks, low)
        # What follows a heading of a text is no block of it.
        return found or self._in_spans(search, run, [(blocks[0][0], total)], low)

    def _in_spans(self, search: LineSearch, run: Sequence[str], spans: Iterable[Span], low: int) -> list[int]:
        found: set[int] = set()
        for start, end in spans:
            found.update(search.places(run, (max(low, start - len(run) + 1), end), _SHOWN + 1))
            if len(found) > _SHOWN:
                break
        return sorted(found)

    def _search(self, level: int) -> LineSearch:
        while len(self._searches) <= level:
            number = len(self._searches)
            wanted = [line for hunk in self._update.hunks for line in _plain(hunk.old, number)]
            self._searches.append(LineSearch(_plain(self._lines, number), wanted, self._effort))
        return self._searches[level]

    @cached_property
    def _blocks(self) -> Blocks:
        return Blocks(self._lines, self._effort)

    @cached_property
    def _blank_at_end(self) -> int:
        last = self._lines[-_MOST_BLANK:]
        return next((count for count, line in enumerate(reversed(last)) if line.strip()), len(last))

    def _several(self, found: Sequence[int]) -> str:
        heads = [self._blocks.head(place) for place in found]
        rows = []
        for place, head in list(zip(found, heads, strict=True))[:_SHOWN]:
            below = "" if head is None else f", below {shown(self._lines[head].strip())} of line {head + 1}"
            rows.append(f"\n- line {place + 1}: {shown(self._lines[place])}{below}")
        if len(found) > _SHOWN:
            rows.append("\n- and more")
        differ = len({self._lines[head].strip() for head in heads if head is not None}) > 1
        example = next((self._lines[head].strip() for head in heads if head is not None and differ), "")
        anchor = f", such as {shown('@@ ' + example)}" if example else ""
        return (
            f"its lines stand in several places:{''.join(rows)}\n"
            "Say which: write more lines around the change until only one place has them, or put a line '@@ ' with "
            f"the class or function that it is in before the hunk{anchor} (several such lines, from the outside in, "
            "narrow it further)."
        )

    def _elsewhere(self, hunk: Hunk, places: Sequence[int], cursor: int) -> str:
        at = f"line {places[-1 if places[-1] >= cursor else 0] + 1}"
        if places[-1] < cursor:
            return (
                f"its lines stand only at {at}, before the hunk above it, which ends at line {cursor}. Put the hunks "
                "in the order of the file, each line in one hunk only."
            )
        if hunk.at_end:
            return (
                f"its lines stand at {at}, which is not the end of the file. Leave out '*** End of File', or write "
                "the last lines of the file."
            )
        return (
            f"its lines are not below {shown('@@ ' + hunk.anchors[-1])}, but at {at}. Correct the '@@' line or "
            "leave it out."
        )

    def _nowhere(self, hunk: Hunk) -> str:
        run = _plain(hunk.old, 2)
        nearest = self._nearest(run)
        if nearest is None:
            return "none of its lines is in the file. Read the file again and copy its lines."
        start, wrong_line = nearest
        index = start + wrong_line
        there = (
            f"the file has {shown(self._lines[index])}"
            if 0 <= index < len(self._lines)
            else f"the file has none ({len(self._lines)} lines)"
        )
        return (
            f"its lines are not in the file as they are written. Nearest is line {max(0, start) + 1}; at line "
            f"{index + 1} {there}, and the patch {shown(hunk.old[wrong_line])}. Copy the lines from the file as it is "
            "now."
        )

    def _nearest(self, run: Sequence[str]) -> tuple[int, int] | None:
        """Return where most of the run stands, and which of its lines is the first that does not."""
        best: tuple[int, int, int] | None = None
        for start in self._search(2).scattered(run, 20):
            there = _plain(self._lines[max(0, start) : max(0, start + len(run))], 2)
            there = [""] * min(len(run), max(0, -start)) + there
            differing = [
                index
                for index, line in enumerate(run)
                if not (0 <= start + index < len(self._lines) and there[index] == line)
            ]
            if differing and (best is None or len(differing) < best[0]):
                best = len(differing), start, differing[0]
        return best and best[1:]

    def _unknown_anchor(self, hunk: Hunk, anchors: tuple[str, ...]) -> str:
        if not hunk.anchors or anchors:
            return ""
        words = re.findall(r"\w{3,}", hunk.anchors[-1])
        similar = [line.strip() for line in self._lines if words and words[-1] in line][:3]
        rather = f" The file has {', '.join(map(shown, similar))}." if similar else ""
        return f" There is no {shown('@@ ' + ' / '.join(hunk.anchors))} in the file either.{rather}"


def _plain(lines: list[str], level: int) -> list[str]:
    """Return lines without what is overlooked at this level of `_NOTES`."""
    if not level or not lines:
        return lines
    if level > 1:
        lines = "\n".join(lines).translate(_PUNCTUATION).split("\n")
    return [line.rstrip(" \t") for line in lines]
