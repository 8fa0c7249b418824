"""A workspace on this machine's own kernel: a folder, and commands in it as processes that its tier fences."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from overhaul.sandbox.environment_record import RecordBook
from overhaul.sandbox.errors import EnvironmentFailed, SandboxLost
from overhaul.sandbox.fence import Fence
from overhaul.sandbox.network import Network
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome
from overhaul.sandbox.reaper import WORKSPACE_VARIABLE, end_processes_of, remove_tree
from overhaul.sandbox.standby import can_wake, wake_up_line
from overhaul.sandbox.supervised import INSIDE, SupervisedCommand, SupervisedRun
from overhaul.sandbox.tree_copy import copy_tree

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Where the commands of one workspace run. Raises SandboxLost where it is gone."""

    confine: Callable[[SupervisedCommand], SupervisedCommand]
    close: Callable[[], None] = lambda: None


class HostTier(Protocol):
    """What a workspace needs of its provider."""

    network: Network
    records: RecordBook

    def enclosure(self, fence: Fence, workspace: str, /) -> Enclosure: ...


class HostWorkspace:
    """A folder of its own: `tree`, `beside`, and a private home and temporary folder."""

    def __init__(self, provider: HostTier, folder: Path, environment: Environment) -> None:
        self.folder = folder
        self.root = str(folder / "tree")
        self.tools = str(folder / "tools")
        self.environment = environment
        self._writable = tuple(folder / name for name in ("tree", "beside", "home", "tmp"))
        self._waiting: tuple[SupervisedRun, Limits] | None = None
        self._overlay: tuple[str, ...] = ()
        self._network = provider.network
        self._ends = contextlib.ExitStack()
        try:
            if Path(environment.location).is_dir():
                self._ends.enter_context(provider.records.used(environment.fingerprint))
                if was_replaced(environment, provider.records):
                    raise EnvironmentFailed(
                        f"environment {environment.fingerprint} was refreshed after this run's first tests: they"
                        " prove nothing about another one. Resumed, the run makes them again"
                    )
            self._ends.callback(remove_tree, folder)
            self._ends.callback(end_processes_of, folder.name)
            for path in self._writable:
                path.mkdir()
            # Python would write its bytecode beside the originals.
            copy_tree(INSIDE, folder / "tools")
            self._proxy = self._ends.enter_context(self._network.proxy())
            fence = Fence(
                self._writable, (folder / "tools", *_readable(environment)), network=self._network.full
            )
            self._enclosure = provider.enclosure(fence, folder.name)
            self._ends.callback(self._enclosure.close)
        except BaseException:
            self.close()
            raise

    def warm(self, limits: Limits) -> None:
        """Start the interpreter that the next tests begin with."""
        waiting = Command(("{python}", f"{self.tools}/waiting_python.py", "once"), limits=limits)
        self._waiting = SupervisedRun(self._confined(waiting), waits=True), limits

    def fill(self, source: Path, beside: Mapping[str, Path]) -> None:
        """Put the trees in. Raises OSError or SandboxLost; the workspace is then to be closed."""
        copy_tree(source, self.folder / "tree")
        for name, path in beside.items():
            copy_tree(path, self.folder / "beside" / name)
        built = Path(self.environment.location) / "built"
        if built.is_dir():
            self._overlay = (str(built), self.root)
            if self._waiting is None:
                self._put_overlay()

    def run(self, command: Command, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        if not Path(self.root, command.folder).is_dir():
            raise SandboxLost(f"the workspace has no folder {command.folder!r}")
        running = self._woken(command) or SupervisedRun(self._confined(command))
        return running.finish(on_output)

    def _woken(self, command: Command) -> SupervisedRun | None:
        """The interpreter that waits, if it can run the command. No other command would leave it alive."""
        if self._waiting is None:
            return None
        (running, limits), self._waiting = self._waiting, None
        if not can_wake(command, limits):
            running.close()
            if self._overlay:
                self._put_overlay()
            return None
        running.wake(wake_up_line(command, str(Path(self.root, command.folder)), self._overlay))
        return running

    def _confined(self, command: Command) -> SupervisedCommand:
        python = python_of(self.environment)
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
        supervised = SupervisedCommand(
            arguments,
            self._network.applied_to(variables) | dict(command.environment),
            Path(self.root, command.folder),
            command.limits,
            writable=self._writable,
            proxy=self._proxy,
        )
        return self._enclosure.confine(supervised)

    def _put_overlay(self) -> None:
        """Inside: what a build made may be a link to anything."""
        self._must(["{python}", f"{self.tools}/overlay_built.py", *self._overlay])

    def _must(self, arguments: list[str]) -> None:
        outcome = self.run(Command(arguments))
        if outcome.exit_code != 0:
            words = outcome.output.decode(errors="replace").strip()
            raise SandboxLost(f"the workspace could not be made: {outcome.status}: {words}")

    def close(self) -> None:
        if self._waiting is not None:
            self._waiting[0].close()
        self._ends.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def python_of(environment: Environment) -> Path:
    location = Path(environment.location)
    return location / "venv/bin/python" if location.is_dir() else location


def was_replaced(environment: Environment, records: RecordBook) -> bool:
    """Whether what is in the environment's place is another one now, as its record tells."""
    record = records.find(environment.fingerprint) if Path(environment.location).is_dir() else None
    return record is not None and float(record.get("made", 0.0)) != environment.made


def _readable(environment: Environment) -> tuple[Path, ...]:
    """The environment's own files and those of its interpreter, which our record tells: its own could tell anything."""
    location = Path(environment.location)
    if not location.is_dir():
        return prefixes(location)
    record = interpreter_record(location)
    interpreter = Path(record.read_text(encoding="utf-8")) if record.is_file() else Path(sys.executable)
    return (location, *prefixes(interpreter))


def interpreter_record(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.interpreter")


def prefixes(python: Path) -> tuple[Path, ...]:
    """Where an interpreter's library is, and that of the one that it is an environment of."""
    return tuple(dict.fromkeys(each.parent.parent for each in (python.absolute(), python.resolve())))
