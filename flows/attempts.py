"""When the steps of a run were tried, and how long its gates were open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a step; `number` counts from 1. `cached`: met again by a resumed run, and not repeated."""

    step: str
    number: int
    status: str
    started: datetime
    ended: datetime

    @property
    def seconds(self) -> float:
        return (self.ended - self.started).total_seconds()


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a gate was, or is, open; `ended` is None while it waits."""

    gate: str
    started: datetime
    ended: datetime | None
