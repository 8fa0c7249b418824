"""A workspace in a folder of the test's own: real files, a real shell, snapshots by content."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from overhaul.refactors.agent.workspace import CommandOutcome


class FolderWorkspace:
    """Snapshots are kept in memory; `commands` counts what was run."""

    def __init__(self, folder: Path, contents: Mapping[str, str]) -> None:
        self.folder = folder
        self.commands: list[str] = []
        self._snapshots: dict[str, dict[str, bytes]] = {}
        self.write({path: text.encode() for path, text in contents.items()})

    @property
    def tree(self) -> str:
        contents = {path: (self.folder / path).read_bytes() for path in self.paths()}
        digests = {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}
        tree = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
        self._snapshots[tree] = contents
        return tree

    def go_to(self, tree: str) -> None:
        wanted = self._snapshots[tree]
        self.write({path: None for path in self.paths() if path not in wanted})
        self.write(wanted)

    def changed_since(self, tree: str) -> Sequence[tuple[str, bool]]:
        before = self._snapshots[tree]
        now = self._snapshots[self.tree]
        return [
            (path, path not in now) for path in sorted({*before, *now}) if before.get(path) != now.get(path)
        ]

    def paths(self) -> Sequence[str]:
        return sorted(
            path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()
        )

    def read(self, path: str) -> bytes | None:
        place = self.folder / path
        return place.read_bytes() if place.is_file() else None

    def write(self, contents: Mapping[str, bytes | None]) -> None:
        for path, content in contents.items():
            place = self.folder / path
            if content is None:
                place.unlink(missing_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)

    def run(self, command: str, timeout_seconds: float) -> CommandOutcome:
        self.commands.append(command)
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
        return CommandOutcome(done.returncode, done.stdout + done.stderr)

    def symbols(self, name: str) -> str:
        raise ValueError(f"nothing here is called {name}")

    def run_tests(self) -> str:
        return self.run("python3 -m unittest -q", 60).output
