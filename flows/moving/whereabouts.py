"""On which machine a run is: it leaves one by a file, and goes on where that file is taken up.

Each move is stored with the run under its number: `left-1` as it goes, `brought-2` as it comes back, or
`taken-back-1` where a person has it go on as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overhaul.flows.errors import RunElsewhere
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.mirror import Author, Base

BROUGHT = "brought"


@dataclass(frozen=True, slots=True)
class Brought:
    """How a run came here. `commit` holds all of it (see `arriving`), `origin` is its id where it began.

    What it commits is signed as it was there, so that it comes to the same commits.
    """

    commit: str
    move: int
    origin: str
    base: Base
    author: Author

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Brought:
        known = {name: data[name] for name in ("commit", "move", "origin")}
        return cls(base=Base(**data["base"]), author=Author(**data["author"]), **known)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`left` is the last move by which the run has gone, with its commit; `is_elsewhere`: and it has not come back."""

    brought: Brought | None = None
    left: int = 0
    left_by: str = ""
    is_elsewhere: bool = False
    to: str = ""

    @property
    def moves(self) -> int:
        """How often it has moved, as far as is known here."""
        return max(self.left, self.brought.move if self.brought else 0)


def from_stored(stored: Mapping[str, Any]) -> Whereabouts:
    """Where a run is, by what is stored with it."""
    came, left = _numbered(stored, "brought-"), _numbered(stored, "left-")
    last_come, last_left = max(came, default=0), max(left, default=0)
    return Whereabouts(
        brought=Brought.from_json(came[last_come]) if came else None,
        left=last_left,
        left_by=left[last_left]["commit"] if left else "",
        is_elsewhere=last_left > last_come and f"taken-back-{last_left}" not in stored,
        to=left[last_left]["file"] if left else "",
    )


def check_here(run_id: str, stored: Mapping[str, Any]) -> Whereabouts:
    """Raises RunElsewhere while a run is on its way or on another machine."""
    found = from_stored(stored)
    if found.is_elsewhere:
        raise RunElsewhere(why_elsewhere(run_id, found))
    return found


def why_elsewhere(run_id: str, found: Whereabouts) -> str:
    """What to do about a run that has left."""
    return (
        f"run {run_id[:8]} has left this machine in the file {found.to}, and goes on where that is taken up. It comes"
        " back by the file that `overhaul checkout RUN --bundle FILE` makes there: overhaul return --bundle FILE."
        f" To go on here as it was, without what is done there: overhaul return {run_id[:8]} --take-back"
    )


def said_there(stored: Mapping[str, Any], gate: str, shown: str) -> list[Given]:
    """What was answered to exactly this question where the run has come from. No approval is among it."""
    moves = _numbered(stored, "brought-")
    said = moves[max(moves)]["said"] if moves else []
    return [
        Given(
            Decision(each["decision"]), each["comment"], each["approver"], tuple(each["set_aside"]), BROUGHT,
            each["commit"],
        )
        for each in said
        if (each["gate"], each["hash"]) == (gate, shown) and each["decision"] != Decision.approve
    ]  # fmt: skip


def _numbered(stored: Mapping[str, Any], prefix: str) -> dict[int, Any]:
    return {
        int(name.removeprefix(prefix)): value
        for name, value in stored.items()
        if name.startswith(prefix) and name.removeprefix(prefix).isdecimal()
    }
