"""What the agent may do by itself, judged by effects and not by words: which files a tool has changed, and how.

Text from the repository, issues, test output or MCP never widens these rights; only a person does, at a gate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from overhaul.refactors.public_names import is_test_path
from overhaul.refactors.review import is_dependency_file, is_workflow_file

Mode = Literal["read-only", "auto", "full"]
Kind = Literal["outside the plan", "CI files", "dependencies", "deleted tests"]


@dataclass(frozen=True, slots=True)
class Change:
    """A file that a tool has changed, made or removed."""

    path: str
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A sensitive action that a person decides about: `paths` are the files concerned."""

    kind: Kind
    paths: tuple[str, ...]


class Refused(Exception):
    """A wish that was not granted; the message is what the person said, for the model.

    `tree` are the files from which the person wants it to go on, if they have changed some.
    """

    def __init__(self, message: str, tree: str = "") -> None:
        super().__init__(message, tree)
        self.message = message
        self.tree = tree


class Grants(Protocol):
    """Whoever answers a wish: a gate, a policy, a test."""

    def grants(self, wish: Wish) -> bool:
        """Whether it is allowed; may park the run until a person has answered, and raise Refused with a reason."""


@dataclass(frozen=True, slots=True)
class Rights:
    """`planned` are the files that the plan names; empty means all but the sensitive ones."""

    mode: Mode = "auto"
    planned: frozenset[str] = frozenset()

    def wishes(self, changes: Iterable[Change]) -> tuple[Wish, ...]:
        """What of these changes needs a person. In mode full only what runs with the project's secrets does."""
        found: dict[Kind, list[str]] = {}
        for change in changes:
            for kind in self._kinds(change):
                found.setdefault(kind, []).append(change.path)
        return tuple(Wish(kind, tuple(sorted(paths))) for kind, paths in found.items())

    def _kinds(self, change: Change) -> Iterable[Kind]:
        if is_workflow_file(change.path):
            yield "CI files"
        if self.mode == "full":
            return
        if is_dependency_file(change.path):
            yield "dependencies"
        if change.is_removed and is_test_path(change.path):
            yield "deleted tests"
        if self.planned and change.path not in self.planned and not is_workflow_file(change.path):
            yield "outside the plan"
