"""What was found, and what could not be had a short while ago, so that not every start looks again: a JSON file."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

FAILURE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Remembered:
    """Names of things, each with when it was looked for (seconds since 1970) and where it was found, if it was."""

    path: Path

    def found(self, name: str) -> str | None:
        return self._read().get(name, (0.0, None))[1]

    def has_failed(self, name: str) -> bool:
        """Whether it could not be had within the last hour."""
        at, place = self._read().get(name, (0.0, None))
        return place is None and time.time() - at < FAILURE_SECONDS

    def note(self, name: str, place: str | None) -> None:
        """Note where it is, or with None that it cannot be had."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({**self._read(), name: (time.time(), place)}), encoding="utf-8")

    def _read(self) -> dict[str, tuple[float, str | None]]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return {name: (float(at), place) for name, (at, place) in found.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
