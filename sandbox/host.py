"""What the tiers on this machine's own kernel share: folders for environments and workspaces, commands as processes
with limits, a minimal environment, and an end that nothing of theirs outlives. Each tier fences them in its own way.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from overhaul.sandbox.environment_record import EnvironmentRecord, RecordBook
from overhaul.sandbox.errors import EnvironmentFailed, SandboxLost
from overhaul.sandbox.fence import Fence
from overhaul.sandbox.host_pythons import can_obtain, obtain_python, pythons_here
from overhaul.sandbox.host_workspace import (
    SYSTEM_PATH,
    Enclosure,
    HostWorkspace,
    interpreter_record,
    prefixes,
    python_of,
    was_replaced,
)
from overhaul.sandbox.index_access import index_access, replaced_words
from overhaul.sandbox.maintenance import Kept, maintenance_plan, refresh, why_due
from overhaul.sandbox.network import Network
from overhaul.sandbox.owner import own_identity
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Environment, Limits, Outcome, SandboxSettings
from overhaul.sandbox.reaper import (
    remove_folders_of_the_dead,
    remove_tree,
)
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.setup_steps import SetupLog, run_steps
from overhaul.sandbox.standby import stand_by, taken
from overhaul.sandbox.supervised import INSIDE, SupervisedCommand, run_supervised
from overhaul.sandbox.system_packages import absent_here, advice
from overhaul.sandbox.tree_copy import copy_tree

SETUP_LIMITS = Limits(
    wall_seconds=3600.0,
    memory_bytes=16 << 30,
    processes=4096,
    file_bytes=16 << 30,
    disk_bytes=32 << 30,
    files=5_000_000,
)


class HostProvider(ABC):
    """Keeps environments and workspaces under `home`."""

    name: str
    isolates: bool

    def __init__(self, home: Path, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        # What does not isolate cannot keep anything from the network.
        self.network = self.settings.network if self.isolates else Network(full=True)
        self.home = home.absolute() / self.name
        self.records = RecordBook(self.home / "environments")

    def missing(self) -> str | None:
        if sys.platform != "linux":
            return f"the {self.name} tier needs Linux, this is {platform.system()}: use --sandbox docker"
        return None

    def pythons(self) -> list[str]:
        return pythons_here()

    def has_python(self, version: str) -> bool:
        return can_obtain(version, self.home / "pythons.json")

    @abstractmethod
    def enclosure(self, fence: Fence, workspace: str, /) -> Enclosure:
        """Return what confines the commands of a workspace; a tier may keep a part of it warm between them."""

    def prepare(self, plan: EnvironmentPlan, source: Path, log: Path) -> Environment:
        if plan.interpreter is not None:
            return self._given(plan, log)
        started = time.monotonic()
        found = self._find(plan, started)
        if found is not None:
            return found
        self.records.remove_abandoned(lambda name: remove_tree(self.home / "environments" / name))
        with self.records.locked(plan.fingerprint):
            found = self._find(plan, started)
            if found is not None:
                return found
            kept = self._find(plan, started, due=True)
            if kept is None:
                return self._make(plan, source, log, self.records.reason(plan), started)
            return refresh(
                self.records,
                Kept(plan.fingerprint, kept, self._due(plan) or ""),
                plan,
                lambda reason: self._maintain(plan, source, log, reason, started),
                lambda reason: self._make(plan, source, log, reason, started),
            )

    def _make(
        self, plan: EnvironmentPlan, source: Path, log: Path, reason: str, started: float
    ) -> Environment:
        absent = absent_here(plan.system_packages)
        if absent:
            reason += f"; {advice(absent, self.name)}"
            plan = replace(plan, reasons=(*plan.reasons, advice(absent, self.name)))
        folder = self.home / "environments" / plan.fingerprint
        # What is here without a record was left by a build that was killed.
        remove_tree(folder)
        try:
            version = self._build(plan, source, folder, log)
        except BaseException:
            remove_tree(folder)
            raise
        return self._record(plan, version, reason, started)

    def _maintain(
        self, plan: EnvironmentPlan, source: Path, log: Path, reason: str, started: float
    ) -> Environment:
        folder = self.home / "environments" / plan.fingerprint
        return self._record(plan, self._build(maintenance_plan(plan), source, folder, log), reason, started)

    def _record(self, plan: EnvironmentPlan, version: str, reason: str, started: float) -> Environment:
        seconds = time.monotonic() - started
        made = self.records.write(plan, version, reason, seconds)
        folder = self.home / "environments" / plan.fingerprint
        return Environment(self.name, plan.fingerprint, str(folder), version, False, reason, seconds, made)

    def _due(self, plan: EnvironmentPlan) -> str | None:
        return why_due(self.records.find(plan.fingerprint) or {}, plan, self.settings.maintenance_days)

    def environments(self) -> list[EnvironmentRecord]:
        return self.records.all()

    def ask_refresh(self, fingerprint: str) -> bool:
        return self.records.ask_refresh(fingerprint)

    def still_has(self, environment: Environment) -> bool:
        # Without a record it is what a refresh left that did not come to its end.
        is_whole = not Path(environment.location).is_dir() or self.records.find(environment.fingerprint)
        there = python_of(environment).exists() and bool(is_whole)
        return there and not was_replaced(environment, self.records)

    def remove(self, fingerprint: str) -> bool:
        folder = self.home / "environments" / fingerprint

        def remove() -> None:
            remove_tree(folder)
            interpreter_record(folder).unlink(missing_ok=True)

        return self.records.remove(fingerprint, remove)

    def open(self, source: Path, environment: Environment, beside: Mapping[str, Path]) -> HostWorkspace:
        workspace = taken(self._key(environment)) or self._started(environment)
        try:
            workspace.fill(source, beside)
        except BaseException as error:
            workspace.close()
            if isinstance(error, OSError):
                raise SandboxLost(f"the workspace could not be made: {error}") from error
            raise
        return workspace

    def stand_by(self, environment: Environment, limits: Limits) -> None:
        stand_by(
            self._key(environment),
            lambda: self._started(environment),
            lambda workspace: workspace.warm(limits),
        )

    def _key(self, environment: Environment) -> tuple[object, ...]:
        return (self.name, self.home, environment.location, self.network)

    def _started(self, environment: Environment) -> HostWorkspace:
        workspaces = self.home / "workspaces"
        workspaces.mkdir(parents=True, exist_ok=True)
        remove_folders_of_the_dead(workspaces)
        folder = Path(tempfile.mkdtemp(prefix=f"{own_identity()}-", dir=workspaces))
        return HostWorkspace(self, folder, environment)

    def _find(self, plan: EnvironmentPlan, started: float, *, due: bool = False) -> Environment | None:
        """Look one up that needs no refresh first, or with `due` any."""
        record = self.records.find(plan.fingerprint)
        if record and not due and why_due(record, plan, self.settings.maintenance_days):
            return None
        folder = self.home / "environments" / plan.fingerprint
        if record is None or not (folder / "venv/bin/python").exists():
            return None
        seconds = time.monotonic() - started
        version, made = record["python_version"], float(record.get("made", 0.0))
        return Environment(self.name, plan.fingerprint, str(folder), version, True, "found", seconds, made)

    def _build(self, plan: EnvironmentPlan, source: Path, folder: Path, log: Path) -> str:
        """Make the environment in its final place (virtual environments cannot be moved); returns Python's version."""
        import uv  # only setups need it

        python = folder / "venv/bin/python"
        interpreter = obtain_python(plan.python)
        places = {
            "uv": uv.find_uv_bin(),
            "interpreter": str(interpreter),
            "python": str(python),
            "environment": str(folder),
            "source": str(folder / "source"),
            "files": str(folder / "files"),
            "tools": str(INSIDE),
        }
        copy_tree(source, folder / "source")
        (folder / "files").mkdir(exist_ok=True)
        for name, content in plan.files.items():
            (folder / "files" / name).write_text(content, encoding="utf-8")
        interpreter_record(folder).write_text(str(interpreter), encoding="utf-8")
        access = index_access(os.environ)
        network = self.network.for_setup(access.environment)
        variables = self._setup_environment(folder, network.applied_to(access.environment))
        readable = (INSIDE, Path(places["uv"]), *access.files, *prefixes(interpreter))
        fence = Fence((folder,), readable, network=network.full)
        with self._enclosed(fence, "setup") as confine, network.proxy() as proxy:

            def run(step: Step, arguments: tuple[str, ...], on_output: Callable[[bytes], None]) -> Outcome:
                inside = folder / "source" if step.name == "script" else folder
                words = variables | dict(step.environment)
                command = SupervisedCommand(
                    arguments, words, inside, SETUP_LIMITS, writable=fence.writable, proxy=proxy
                )
                return run_supervised(confine(command), on_output)

            redactor = Redactor({**os.environ, **variables})
            output = SetupLog(log, redactor, access.remarks, proxy.refused if proxy else ())
            run_steps(plan, places, run, output)
        version = self._python_version(python, Fence((), (folder, *prefixes(interpreter))))
        for name in ("source", "home", "cache"):
            remove_tree(folder / name)
        return version

    @contextlib.contextmanager
    def _enclosed(
        self, fence: Fence, name: str
    ) -> Iterator[Callable[[SupervisedCommand], SupervisedCommand]]:
        enclosure = self.enclosure(fence, f"{own_identity()}-{name}")
        try:
            yield enclosure.confine
        finally:
            enclosure.close()

    def _setup_environment(self, folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
        """A setup gets the network and the user's index settings, and a home of its own; nothing else of the user's."""
        (folder / "home").mkdir()
        variables = {
            # uv looks for interpreters of other versions along PATH.
            "PATH": f"{folder / 'venv/bin'}:{os.environ.get('PATH', SYSTEM_PATH)}",
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "home"),
            "LANG": "C.UTF-8",
            "VIRTUAL_ENV": str(folder / "venv"),
            "UV_NO_PROGRESS": "1",
            "UV_CACHE_DIR": str(self._uv_cache(folder)),
        }
        return {**variables, **(replaced_words(settings, {}) if self.isolates else settings)}

    def _uv_cache(self, folder: Path) -> Path:
        """The user's own cache, but never for code that is not trusted: it could leave something in it for others."""
        if self.isolates:
            return folder / "cache"
        return Path(os.environ.get("UV_CACHE_DIR") or Path("~/.cache/uv").expanduser())

    def _python_version(self, python: Path, fence: Fence) -> str:
        words = [str(python), "-I", "-c", "import platform; print(platform.python_version())"]
        command = SupervisedCommand(words, {"PATH": SYSTEM_PATH}, Path("/"), Limits())
        with self._enclosed(fence, "python") as confine:
            outcome = run_supervised(confine(command))
        if outcome.exit_code != 0:
            raise EnvironmentFailed(
                f"{python} does not start: {outcome.output.decode(errors='replace').strip()}"
            )
        return outcome.output.decode(errors="replace").strip()

    def _given(self, plan: EnvironmentPlan, log: Path) -> Environment:
        started = time.monotonic()
        python = Path(plan.interpreter or "")
        if not python.is_file():
            raise EnvironmentFailed(f"there is no interpreter at {python}")
        version = self._python_version(python, Fence((), prefixes(python)))
        log.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            log.touch()
        reason = plan.reasons[0] if plan.reasons else "given"
        return Environment(
            self.name, plan.fingerprint, str(python), version, True, reason, time.monotonic() - started
        )
