"""Why a place that a recipe may want to change is left alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """What cannot be told about a place, or stands against its edit: the reason of an unresolved site."""

    reason: str
