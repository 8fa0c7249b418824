"""Provider `process`: no isolation, for repositories that the user trusts. Commands run as the user's own processes,
with limits, a minimal environment, and an end that nothing of theirs outlives.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from overhaul.sandbox.environment_record import RecordBook
from overhaul.sandbox.errors import EnvironmentFailed, SandboxLost
from overhaul.sandbox.index_access import index_access
from overhaul.sandbox.inside.overlay_built import overlay
from overhaul.sandbox.owner import own_identity
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome, SandboxSettings
from overhaul.sandbox.reaper import (
    WORKSPACE_VARIABLE,
    end_processes_of,
    remove_folders_of_the_dead,
    remove_tree,
)
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.setup_steps import run_steps
from overhaul.sandbox.supervised import INSIDE, SupervisedCommand, run_supervised
from overhaul.sandbox.tree_copy import copy_tree

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
SETUP_LIMITS = Limits(wall_seconds=3600.0, memory_bytes=16 << 30, processes=4096, file_bytes=16 << 30)


class ProcessProvider:
    """Keeps environments and workspaces under `home`."""

    name = "process"
    isolates = False

    def __init__(self, home: Path, _settings: SandboxSettings | None = None) -> None:
        self.home = home.absolute() / "process"
        self.records = RecordBook(self.home / "environments")

    def missing(self) -> str | None:
        if sys.platform != "linux":
            return f"the process tier needs Linux, this is {platform.system()}: use --sandbox docker"
        return None

    def prepare(self, plan: EnvironmentPlan, source: Path, log: Path) -> Environment:
        if plan.interpreter is not None:
            return _given(plan, log)
        started = time.monotonic()
        found = self._find(plan, started)
        if found is not None:
            return found
        with self.records.locked(plan.fingerprint):
            found = self._find(plan, started)
            if found is not None:
                return found
            reason = self.records.reason(plan)
            folder = self.home / "environments" / plan.fingerprint
            # What is here without a record was left by a build that was killed.
            remove_tree(folder)
            try:
                version = self._build(plan, source, folder, log)
            except BaseException:
                remove_tree(folder)
                raise
            seconds = time.monotonic() - started
            self.records.write(plan, version, reason, seconds)
        return Environment(self.name, plan.fingerprint, str(folder), version, False, reason, seconds)

    def open(self, source: Path, environment: Environment, beside: Mapping[str, Path]) -> ProcessWorkspace:
        workspaces = self.home / "workspaces"
        workspaces.mkdir(parents=True, exist_ok=True)
        remove_folders_of_the_dead(workspaces)
        folder = Path(tempfile.mkdtemp(prefix=f"{own_identity()}-", dir=workspaces))
        try:
            return ProcessWorkspace(folder, source, environment, beside)
        except OSError as error:
            remove_tree(folder)
            raise SandboxLost(f"the workspace could not be made: {error}") from error

    def _find(self, plan: EnvironmentPlan, started: float) -> Environment | None:
        record = self.records.find(plan.fingerprint)
        folder = self.home / "environments" / plan.fingerprint
        if record is None or not (folder / "venv/bin/python").exists():
            return None
        seconds = time.monotonic() - started
        version = record["python_version"]
        return Environment(self.name, plan.fingerprint, str(folder), version, True, "found", seconds)

    def _build(self, plan: EnvironmentPlan, source: Path, folder: Path, log: Path) -> str:
        """Make the environment in its final place (virtual environments cannot be moved); returns Python's version."""
        import uv  # only setups need it

        python = folder / "venv/bin/python"
        places = {
            "uv": uv.find_uv_bin(),
            "interpreter": _interpreter(plan.python),
            "python": str(python),
            "environment": str(folder),
            "source": str(folder / "source"),
            "files": str(folder / "files"),
            "tools": str(INSIDE),
        }
        copy_tree(source, folder / "source")
        (folder / "files").mkdir()
        for name, content in plan.files.items():
            (folder / "files" / name).write_text(content, encoding="utf-8")
        variables = _setup_environment(folder)

        def run(step: Step, arguments: tuple[str, ...], on_output: Callable[[bytes], None]) -> Outcome:
            inside = folder / "source" if step.name == "script" else folder
            command = SupervisedCommand(arguments, variables | dict(step.environment), inside, SETUP_LIMITS)
            return run_supervised(command, on_output)

        run_steps(plan, places, run, log, Redactor({**os.environ, **variables}))
        version = _python_version(python)
        for name in ("source", "home"):
            remove_tree(folder / name)
        return version


class ProcessWorkspace:
    """A folder of its own: `tree`, `beside`, and a private home and temporary folder."""

    def __init__(
        self, folder: Path, source: Path, environment: Environment, beside: Mapping[str, Path]
    ) -> None:
        self.folder = folder
        self.root = str(folder / "tree")
        self.tools = str(folder / "tools")
        self.environment = environment
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        # Python would write its bytecode beside the originals.
        copy_tree(INSIDE, folder / "tools")
        copy_tree(source, folder / "tree")
        for name, path in beside.items():
            copy_tree(path, folder / "beside" / name)
        overlay(str(Path(environment.location) / "built"), self.root)

    def run(self, command: Command, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        python = _python_of(self.environment)
        arguments = [str(python) if word == "{python}" else word for word in command.arguments]
        variables = {
            "PATH": f"{python.parent}:{SYSTEM_PATH}",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "LANG": "C.UTF-8",
            WORKSPACE_VARIABLE: self.folder.name,
        }
        if (python.parent.parent / "pyvenv.cfg").is_file():
            variables["VIRTUAL_ENV"] = str(python.parent.parent)
        folder = Path(self.root, command.folder)
        if not folder.is_dir():
            raise SandboxLost(f"the workspace has no folder {command.folder!r}")
        return run_supervised(
            SupervisedCommand(arguments, variables | dict(command.environment), folder, command.limits),
            on_output,
        )

    def close(self) -> None:
        end_processes_of(self.folder.name)
        remove_tree(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _python_of(environment: Environment) -> Path:
    location = Path(environment.location)
    return location / "venv/bin/python" if location.is_dir() else location


def _interpreter(version: str) -> str:
    """Our own interpreter where its version fits, so that uv need not look for one; a version for uv otherwise."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return str(Path(sys.base_prefix, "bin", f"python{version}"))
    return version


def _setup_environment(folder: Path) -> dict[str, str]:
    """A setup gets the network and the user's index settings, and a home of its own; nothing else of the user's."""
    (folder / "home").mkdir()
    variables = {
        # uv looks for interpreters of other versions along PATH.
        "PATH": f"{folder / 'venv/bin'}:{os.environ.get('PATH', SYSTEM_PATH)}",
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "VIRTUAL_ENV": str(folder / "venv"),
        "UV_NO_PROGRESS": "1",
    }
    cache = os.environ.get("UV_CACHE_DIR") or str(Path("~/.cache/uv").expanduser())
    return variables | {"UV_CACHE_DIR": cache, **index_access(os.environ).environment}


def _python_version(python: Path) -> str:
    command = SupervisedCommand(
        [str(python), "-I", "-c", "import platform; print(platform.python_version())"],
        {},
        Path("/"),
        Limits(),
    )
    outcome = run_supervised(command)
    if outcome.exit_code != 0:
        raise EnvironmentFailed(f"{python} does not start: {outcome.output.decode(errors='replace').strip()}")
    return outcome.output.decode().strip()


def _given(plan: EnvironmentPlan, log: Path) -> Environment:
    started = time.monotonic()
    python = Path(plan.interpreter or "")
    if not python.is_file():
        raise EnvironmentFailed(f"there is no interpreter at {python}")
    version = _python_version(python)
    log.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        log.touch()
    reason = plan.reasons[0] if plan.reasons else "given"
    return Environment(
        "process", plan.fingerprint, str(python), version, True, reason, time.monotonic() - started
    )
