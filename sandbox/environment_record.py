"""Environments that are there, and why each was made: one JSON record per environment and the last one per project."""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overhaul.sandbox.plan import EnvironmentPlan


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """An environment that is kept: made in `seconds`, last `used` at this time (seconds since 1970)."""

    fingerprint: str
    project: str
    python_version: str
    reason: str
    seconds: float
    built_at: str
    used: float


@dataclass(frozen=True, slots=True)
class RecordBook:
    """Records of one provider in its folder."""

    folder: Path

    @contextmanager
    def locked(self, fingerprint: str) -> Iterator[None]:
        """Hold the lock of one environment, among threads and processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{fingerprint}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def find(self, fingerprint: str) -> dict[str, Any] | None:
        return _read(self.folder / f"{fingerprint}.json")

    def write(
        self, plan: EnvironmentPlan, python_version: str, reason: str, seconds: float, key: str = ""
    ) -> float:
        """Record a finished environment under `key`, by default the fingerprint; without a record it counts as none.

        Returns when it was made, in seconds since 1970.
        """
        made = time.time()
        record = {
            "fingerprint": key or plan.fingerprint,
            "project": plan.project,
            "python_version": python_version,
            "reason": reason,
            "seconds": round(seconds, 3),
            "made": made,
            "built_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "plan": plan.to_json(),
        }
        _write(self.folder / f"{key or plan.fingerprint}.json", record)
        _write(self._last(plan.project), record)
        return made

    def forget(self, fingerprint: str) -> None:
        """Drop a record: its environment counts as none then."""
        (self.folder / f"{fingerprint}.json").unlink(missing_ok=True)

    def ask_refresh(self, fingerprint: str) -> bool:
        """Note that an environment is to be refreshed before its next use; False if there is no such one."""
        path = self.folder / f"{fingerprint}.json"
        record = _read(path)
        if record is None:
            return False
        used = path.stat().st_mtime
        _write(path, record | {"refresh": True})
        os.utime(path, (used, used))
        return True

    @contextmanager
    def unused(self, fingerprint: str) -> Iterator[bool]:
        """Keep an environment from being used, if nobody uses it now; its lock must be held."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{fingerprint}.use").open("w") as use:
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    @contextmanager
    def used(self, fingerprint: str) -> Iterator[None]:
        """Keep an environment from being removed, and note that it is used."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{fingerprint}.use").open("w") as use:
            fcntl.flock(use, fcntl.LOCK_SH)
            self.note_use(fingerprint)
            yield

    def note_use(self, fingerprint: str) -> None:
        """Note that an environment is used now, if it has a record."""
        with suppress(FileNotFoundError):
            os.utime(self.folder / f"{fingerprint}.json")

    def all(self) -> list[EnvironmentRecord]:
        """Return what is here, the last used first."""
        found = []
        for path in self.folder.glob("*.json"):
            record = _read(path)
            if record is not None:
                found.append(
                    EnvironmentRecord(
                        record["fingerprint"], record["project"], record["python_version"], record["reason"],
                        record["seconds"], record["built_at"], path.stat().st_mtime,
                    )
                )  # fmt: skip
        return sorted(found, key=lambda record: -record.used)

    def remove(self, fingerprint: str, remove: Callable[[], None]) -> bool:
        """Remove a record, and by `remove` its environment; False if somebody uses it."""
        with self.locked(fingerprint), self.unused(fingerprint) as is_free:
            if is_free:
                # Without a record it counts as none: what a crash leaves is removed before it is made again.
                self.forget(fingerprint)
                remove()
        return is_free

    def remove_abandoned(self, remove: Callable[[str], None]) -> None:
        """Let `remove` remove what killed builds have left: it has no record, and nobody makes or uses it."""
        for path in self.folder.glob("*.lock"):
            with path.open("w") as lock, path.with_suffix(".use").open("w") as use, suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not path.with_suffix(".json").exists():
                    remove(path.stem)

    def reason(self, plan: EnvironmentPlan, key: str = "") -> str:
        """Why this plan has to be built now, against the last environment of the same project.

        `key` is what the environment is recorded under, if it depends on more than the plan: a base image.
        """
        last = _read(self._last(plan.project))
        if last is None:
            return "the first environment of this project here"
        changes = differences(EnvironmentPlan.from_json(last["plan"]), plan)
        if changes:
            return "; ".join(changes)
        return "the base image changed" if key and last["fingerprint"] != key else "the last one was removed"

    def _last(self, project: str) -> Path:
        return self.folder / "last" / f"{re.sub(r'[^A-Za-z0-9._-]', '_', project) or '_'}.json"


def differences(old: EnvironmentPlan, new: EnvironmentPlan) -> list[str]:
    """What changed between two plans, in words."""
    found = []
    if old.python != new.python:
        found.append(f"Python {old.python} became {new.python}")
    for name in sorted({*old.inputs, *new.inputs}):
        before, after = old.inputs.get(name), new.inputs.get(name)
        if before != after:
            found.append(
                f"{name} {'is new' if before is None else 'was removed' if after is None else 'changed'}"
            )
    if not found and old.files != new.files:
        before_lines = {line for text in old.files.values() for line in text.splitlines()}
        after_lines = {line for text in new.files.values() for line in text.splitlines()}
        found += [f"{line} is asked for" for line in sorted(after_lines - before_lines)]
        found += [f"{line} is no longer asked for" for line in sorted(before_lines - after_lines)]
    if not found and old.fingerprint != new.fingerprint:
        found.append("overhaul makes it in another way now")
    return found


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        EnvironmentPlan.from_json(record["plan"])
    except (OSError, ValueError, KeyError, TypeError):
        # A record of an older version is as good as none: the environment is made again.
        return None
    return record


def _write(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(record, indent=1), encoding="utf-8")
    unfinished.replace(path)
