"""What was paid for once is kept in files, by key: work that was ended anywhere goes on from there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overhaul.flows.whole_files import write_whole


@dataclass(frozen=True, slots=True)
class KeptSteps:
    """Satisfies `refactors.agent.loop.Steps` outside of a flow."""

    folder: Path

    def __call__(self, key: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        path = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
        with suppress(OSError, ValueError):
            kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return kept
        done = work()
        write_whole(path, json.dumps(done))
        return done
