"""What could not be had a short while ago, so that it is not asked for again at each start: one small JSON file."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

KEPT_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class RememberedFailures:
    """Names of things and when they failed (seconds since 1970)."""

    path: Path

    def has(self, name: str) -> bool:
        return time.time() - self._read().get(name, 0.0) < KEPT_SECONDS

    def add(self, name: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self._read() | {name: time.time()}), encoding="utf-8")

    def _read(self) -> dict[str, float]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return {str(name): float(at) for name, at in found.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
