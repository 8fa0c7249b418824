"""The lines that a change adds and takes away: the only ones that a review may speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Side = Literal["base", "head"]
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Citation:
    """Lines of a file, from 1: of the change's result (`head`), or of what it takes away (`base`)."""

    path: str
    first_line: int
    last_line: int
    side: Side = "head"


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """By path the lines that are new at head, and those of base that are gone.

    `old_paths` gives for each file of the change that is there at head its path at base, itself if it did not move;
    files that are new have none. `gone` are the paths of base that head has no more.
    """

    head: Mapping[str, frozenset[int]]
    base: Mapping[str, frozenset[int]]
    old_paths: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    def of(self, path: str, side: Side) -> frozenset[int]:
        """The changed lines of a file on a side."""
        return (self.head if side == "head" else self.base).get(path, _NONE)

    def cite(self, path: str, first: int, last: int, side: Side = "head") -> Citation | None:
        """The changed lines between two lines, as one range; None if none of them is changed.

        Of a path that is gone every line is.
        """
        inside = [line for line in range(first, last + 1) if line in self.of(path, side)]
        if inside:
            return Citation(path, inside[0], inside[-1], side)
        return Citation(path, first, last, side) if side == "base" and path in self.gone else None

    def cite_removal(self, path: str, line: int) -> Citation | None:
        """A line of base, or the nearest one that is gone from the same file."""
        exact = self.cite(path, line, line, "base")
        if exact is not None:
            return exact
        removed = self.of(path, "base")
        nearest = min(removed, key=lambda each: (abs(each - line), each), default=None)
        return None if nearest is None else Citation(path, nearest, nearest, "base")
