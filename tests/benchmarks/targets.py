"""What the issue asks of the engine's speed, and whether one run of the benchmark has it.

Start-up is judged by CPU seconds too: a single process that waits for nothing takes no more than these on a quiet
machine, and on a busy one the clock measures the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from contenders import OVERHAUL, PREFILTERED, SCAN, WARM, WHOLE_TREE

Measure = Literal["CPU ratio", "CPU seconds", "MB"]
Key = tuple[str, str, str]  # task, tool, corpus


@dataclass(frozen=True)
class Target:
    """`ours` at most `limit` times `theirs`, or at most `limit` if there are none to compare with."""

    work: str
    ours: Key
    theirs: Key | None
    limit: float
    measure: Measure = "CPU ratio"


@dataclass(frozen=True)
class Outcome:
    """A target with what was measured; None if the run left it out."""

    target: Target
    measured: float | None

    @property
    def is_met(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.target.limit


def _on_ten_thousand(theirs: str, limit: float, *tasks: str) -> list[Target]:
    return [
        Target(
            f"{task}, 10,000 files, cold, against {theirs}",
            (task, OVERHAUL, "ten thousand"), (task, theirs, "ten thousand"), limit,
        )
        for task in tasks
    ]  # fmt: skip


_TASKS = ("rename", "replace call", "replace frequent call", "nothing to do")
TARGETS = [
    Target(
        "rename, django/, against LibCST's RenameCommand",
        ("rename", OVERHAUL, "package"), ("rename", "LibCST", "package"), 1 / 300,
    ),
    Target("rename, all of Django, against rope", ("rename", OVERHAUL, "whole"), ("rename", "rope", "whole"), 1 / 50),
    Target("rename, all of Django, memory", ("rename", OVERHAUL, "whole"), None, 60, "MB"),
    *_on_ten_thousand(PREFILTERED, 1.0, *_TASKS),
    *_on_ten_thousand(WHOLE_TREE, 1 / 25, *_TASKS),
    *(
        Target(
            f"{task}, 10,000 files, from a warm index, against {PREFILTERED}",
            (task, WARM, "ten thousand"), (task, PREFILTERED, "ten thousand"), 0.3,
        )
        for task in _TASKS
    ),
    Target(
        "a user's LibCST codemod on the candidate files, against libcst.tool",
        ("codemod", OVERHAUL, "whole"), ("codemod", "LibCST", "whole"), 1 / 10,
    ),
    Target("overhaul --help", ("help", "overhaul --help", "hundred"), None, 0.3, "CPU seconds"),
    Target("overhaul scan, 100 files", ("rename", SCAN, "hundred"), None, 0.5, "CPU seconds"),
]  # fmt: skip


def outcomes(measured: Mapping[Key, Mapping[str, float]]) -> list[Outcome]:
    """Compare; `measured` has each contender's seconds and megabytes."""
    found = []
    for target in TARGETS:
        ours = measured.get(target.ours)
        theirs = measured.get(target.theirs) if target.theirs else None
        value: float | None = None
        if ours is not None and target.measure != "CPU ratio":
            value = ours[target.measure]
        elif ours is not None and theirs is not None:
            value = ours["CPU seconds"] / theirs["CPU seconds"]
        found.append(Outcome(target, value))
    return found
