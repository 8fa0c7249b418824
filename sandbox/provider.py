"""The one interface to the places where untrusted commands run.

A provider is a module with a class that satisfies `Provider`, listed in `choose.PROVIDERS` (strongest first).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self

from overhaul.sandbox.network import NO_NETWORK, Network

if TYPE_CHECKING:
    from overhaul.sandbox.environment_record import EnvironmentRecord
    from overhaul.sandbox.plan import EnvironmentPlan

OutcomeStatus = Literal[
    "exited", "timed_out", "out_of_memory", "disk_full", "too_many_processes", "signalled"
]


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What a user may set for providers.

    `image` is "auto" or a base image by name. `network` is what commands may reach; setups also reach the package
    indexes and everything public. An environment that is older than `maintenance_days` is refreshed by the
    repository's script, if it has one.
    """

    image: str = "auto"
    network: Network = NO_NETWORK
    maintenance_days: float = 7.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one command may use. Output past `output_bytes` is dropped from the middle: head and tail are kept.

    `file_bytes` is for one file; `disk_bytes` and `files` are for all that is in its workspace.
    """

    wall_seconds: float = 1800.0
    memory_bytes: int = 4 << 30
    processes: int = 512
    file_bytes: int = 1 << 30
    disk_bytes: int = 4 << 30
    files: int = 500_000
    output_bytes: int = 8 << 20


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its arguments (never a shell line), what is added to a minimal environment, its folder.

    `folder` is relative to the workspace. `{python}` as the first argument stands for the environment's interpreter.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended. `exit_code` is None unless it exited by itself; `output` is both streams, capped."""

    status: OutcomeStatus
    exit_code: int | None
    output: bytes
    dropped_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Environment:
    """What a repository needs to run its tests, made once and found again by its fingerprint.

    `location` is the folder of a virtual environment, the path of an interpreter, or an image id: the provider's own.
    `reason` says why it was built now, or that it was found; `made` is when, in seconds since 1970: one that is made
    again or refreshed in the same place is another one.
    """

    provider: str
    fingerprint: str
    location: str
    python_version: str
    cached: bool
    reason: str
    seconds: float
    made: float = 0.0


class Workspace(Protocol):
    """A copy of a tree in which commands run, one after the other. Closing it leaves nothing behind.

    `root` is the tree's path as commands see it and `tools` the path of the scripts in `overhaul.sandbox.inside`;
    both are absolute.
    """

    root: str
    tools: str

    def run(self, command: Command, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        """Run a command to its end or its limits; `on_output` sees all output as it comes, uncapped.

        Nothing that the command started lives on after it, in whatever session it hid.
        Raises SandboxLost if the tier itself failed.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Provider(Protocol):
    """A tier of isolation. Made with the folder for its state and, if need be, settings."""

    name: str
    isolates: bool

    def missing(self) -> str | None:
        """Say what is missing here and what to do about it, or return None if the tier can be used."""

    def pythons(self) -> list[str]:
        """Return the versions of Python ("3.12") that are here for environments, without a download."""

    def has_python(self, version: str) -> bool:
        """Whether an environment can have this Python; a download that failed is not tried again for an hour."""

    def prepare(self, plan: EnvironmentPlan, source: Path, log: Path) -> Environment:
        """Return the plan's environment, from the cache or made now; all output of the setup goes to `log`.

        Two processes that ask for the same one make it once. Raises EnvironmentFailed.
        """

    def environments(self) -> list[EnvironmentRecord]:
        """Return the environments that are kept, the last used first."""

    def ask_refresh(self, fingerprint: str) -> bool:
        """Have an environment refreshed before its next use; False if there is no such one."""

    def still_has(self, environment: Environment) -> bool:
        """Whether an environment is there as it was made: it may have been pruned or refreshed since."""

    def remove(self, fingerprint: str) -> bool:
        """Remove an environment; False if a workspace uses it."""

    def stand_by(self, environment: Environment, limits: Limits) -> None:
        """Start the next workspace of this process ahead, in the background: `open` takes it if it asks for the same
        environment. Tests with pytest under these limits begin in an interpreter that has imported it by then.
        """

    def open(self, source: Path, environment: Environment, beside: Mapping[str, Path]) -> Workspace:
        """Open a workspace with a copy of the tree in `source` (no git folder in it), and of the trees in `beside`
        under `../beside/NAME`: repositories that this one depends on and that are refactored together with it.
        """
