"""rope's own refactoring tests as data: what each refactors, where, with which files before and after.

They come from rope's source distribution at test time and are captured by running its suite with `rope_recorder.py`.
Ask for the fixture `rope_cases` (all of them) and choose with `of`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROPE = "1.14.0"
RECORDER = Path(__file__).with_name("rope_recorder.py")


@dataclass(frozen=True)
class RopeCase:
    """One refactoring of one of rope's tests; a test that refactors twice gives two.

    `refactoring` is rope's class (`Rename`, `MoveGlobal`, `MoveModule`, `MoveMethod`, `ChangeSignature`,
    `InlineMethod`, `InlineVariable`, `InlineParameter`, `ExtractMethod`, `ExtractVariable`, ...), or `create_move`
    or `create_inline` where rope refuses to make one. `resource` is the path it starts at (a folder for a
    package; None outside the project), `place` has `offset` (in characters from 0; None: the resource itself) and for an extraction
    `end_offset`. `arguments` are those of `get_changes`; a resource is `{"resource": path, "folder": bool}`, a
    changer of a signature `{"ArgumentAdder": {"index": 1, ...}}`, a function `{"python": repr}`.
    `after` is None where rope raised `error` (its type and message) or the test never applied the changes.
    `assertions` are the pairs of texts that the test compared afterwards; `outcome` is the test's own.
    """

    test: str
    refactoring: str
    resource: str | None
    place: Mapping[str, Any]
    arguments: Mapping[str, Any]
    before: Mapping[str, str]
    after: Mapping[str, str] | None
    error: Mapping[str, str] | None
    assertions: tuple[tuple[str, str], ...]
    outcome: str

    @property
    def name(self) -> str:
        """`RenameRefactoringTest.test_simple_global_variable_renaming`."""
        return ".".join(self.test.split("::")[1:])

    def position(self, key: str = "offset") -> str | None:
        """Return an offset as `path.py:LINE:COLUMN`, both from 1, or None without one."""
        offset = self.place.get(key)
        if offset is None or self.resource is None:
            return None
        before = self.before[self.resource].replace("\r\n", "\n")[:offset]  # rope counts a line end as one
        return f"{self.resource}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"

    def write(self, folder: Path) -> None:
        """Write the files before the refactoring."""
        for path, text in self.before.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode("utf-8", "surrogateescape"))


def of(cases: Iterable[RopeCase], *refactorings: str) -> list[RopeCase]:
    """Return the cases of some refactorings."""
    return [case for case in cases if case.refactoring in refactorings]


def capture(archive: Path, keep: Path) -> tuple[RopeCase, ...]:
    """Run rope's refactoring tests from its source distribution; the recording is kept in `keep`."""
    state = hashlib.sha256(RECORDER.read_bytes()).hexdigest()[:12]
    recording = keep / f"rope-{ROPE}-{state}.json"
    if not recording.exists():
        with tempfile.TemporaryDirectory(prefix="rope-suite-") as folder:
            _record(archive, Path(folder), recording)
    steps = json.loads(recording.read_text("utf-8"))
    return tuple(RopeCase(**{**step, "assertions": tuple(map(tuple, step["assertions"]))}) for step in steps)


def _record(archive: Path, folder: Path, recording: Path) -> None:
    """Run the suite in an environment of its own; the recording appears whole or not at all."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    uv = [sys.executable, "-m", "uv"]
    _run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")], folder)
    python = str(folder / "venv" / "bin" / "python")
    _run([*uv, "pip", "install", "--quiet", "--python", python, "pytest", "pytoolconfig[global]"], folder)
    source, unfinished = folder / f"rope-{ROPE}", recording.with_suffix(".unfinished")
    paths = os.pathsep.join([str(source), str(RECORDER.parent)])
    environment = {
        **os.environ,
        "PYTHONPATH": paths,
        "ROPE_RECORDING": str(unfinished),
        "TMPDIR": str(folder),
    }
    command = [python, "-m", "pytest", "-q", "-W", "ignore", "-p", "rope_recorder", "ropetest/refactor"]
    _run(command, source, environment)
    unfinished.replace(recording)


def _run(command: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
