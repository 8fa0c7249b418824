"""What the agent works on, as it needs it: files by content, and a place where commands run. Others provide both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """How a command ended: `exit_code` None if it was ended from outside, for `reason`. `output` is both streams."""

    exit_code: int | None
    output: str
    reason: str = ""


class Workspace(Protocol):
    """A tree of files with an identity, and a sandbox."""

    @property
    def tree(self) -> str:
        """The identity of all present contents: the same files give the same one."""

    def go_to(self, tree: str) -> None:
        """Make the contents those of an earlier identity."""

    def changed_since(self, tree: str) -> Sequence[tuple[str, bool]]:
        """The files that differ from an earlier identity, each with whether it is gone now."""

    def paths(self) -> Sequence[str]:
        """Every file, sorted."""

    def read(self, path: str) -> bytes | None:
        """A file's content, or None if it is not there."""

    def write(self, contents: Mapping[str, bytes | None]) -> None:
        """Give these files new contents; None removes one."""

    def run(self, command: str, timeout_seconds: float) -> CommandOutcome:
        """Run a shell command in the sandbox, on the present contents; what it changes is kept."""

    def symbols(self, name: str) -> str:
        """Where a name is defined, used, called and imported. Raises ValueError if nothing knows it."""

    def run_tests(self) -> str:
        """Run the project's tests, those first that the changes reach; say what came of it."""
