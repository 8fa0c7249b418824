"""The command that runs a repository's tests, told from its files: which framework, with what, and where."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from overhaul.sandbox.command_words import read_words
from overhaul.sandbox.django_tests import find_django
from overhaul.sandbox.frameworks import SKIPPED_FOLDERS, Framework, detect_framework
from overhaul.sandbox.nox_settings import read_nox
from overhaul.sandbox.tox_commands import ROOT, StatedCommand, read_tox_commands
from overhaul.sandbox.tox_settings import ToxSettings, read_tox

# Ours, or of no use in a workspace: there is no tox or pip in it, and nothing measures there but we.
_NOT_PASSED = re.compile(r"^(?:PATH|HOME|TMPDIR|VIRTUAL_ENV|(?:OVERHAUL|COVERAGE|COV|TOX|PIP|UV)_.*)$")
_UNREAD = re.compile(r"\{[a-z_]+(?::[^{}]*)?\}")


@dataclass(frozen=True, slots=True)
class TestCommand:
    """`arguments` are the framework's own (Django: a script or `-m MODULE` first); `folder` is one of the tree.

    `source` is the file that says so, or "" where nothing does; `notes` say what of it is not followed, and why.
    """

    __test__ = False

    framework: Framework
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    source: str = ""
    notes: tuple[str, ...] = ()

    def placed(self, root: str) -> TestCommand:
        """The command for a tree whose top is at `root`."""
        variables = {name: text.replace(ROOT, root) for name, text in self.variables.items()}
        arguments = tuple(word.replace(ROOT, root) for word in self.arguments)
        return replace(self, arguments=arguments, variables=variables)

    @property
    def words(self) -> str:
        """What is run, for a person."""
        shown = shlex.join((self.framework, *self.arguments)).replace(ROOT, ".")
        return shown if self.folder == "." else f"{shown} in {self.folder}"


def find_test_command(folder: Path, framework: Framework | None = None) -> TestCommand:
    """The command for the tests of the tree in `folder`; nothing but its files is asked if `framework` is not given.

    What tox runs comes first, then what nox runs, then what the test files themselves look like.
    """
    notes: list[str] = []
    if framework is None:
        for stated, unread in (read_tox_commands(folder, _is_test(folder)), _nox_commands(folder)):
            notes += unread
            found = _stated_command(stated, folder, notes)
            if found is not None:
                return replace(found, notes=tuple(notes))
    framework = framework or detect_framework(folder)
    django = find_django(folder, SKIPPED_FOLDERS) if framework == "django" else None
    if django is None:
        return TestCommand(framework, notes=tuple(notes))
    return TestCommand(framework, django.arguments, django.variables, django.folder, notes=tuple(notes))


def read_test_requirements(folder: Path) -> ToxSettings:
    """What tox installs for the tests, or, where there is no tox, what nox does."""
    tox = read_tox(folder)
    session = read_nox(folder, _is_test(folder)) if tox.source is None else None
    return session.settings() if session else tox


def _nox_commands(folder: Path) -> tuple[Sequence[StatedCommand], Sequence[str]]:
    session = read_nox(folder, _is_test(folder))
    return (session.commands, ()) if session else ((), ())


def _is_test(folder: Path) -> _Recogniser:
    return _Recogniser(folder)


@dataclass(frozen=True, slots=True)
class _Recogniser:
    """Whether a stated command runs tests that we know how to run."""

    folder: Path

    def __call__(self, command: StatedCommand) -> bool:
        return read_words(command.words, self.folder / _place(command)) is not None


def _stated_command(stated: Sequence[StatedCommand], folder: Path, notes: list[str]) -> TestCommand | None:
    """The one test command among those that a file states."""
    found = []
    for command in stated:
        read = read_words(command.words, folder / _place(command))
        if read is not None:
            variables = _passed(command, notes)
            found.append(TestCommand(*read, variables, _place(command), command.source))
    if not found:
        return None
    if len({(each.framework, each.arguments, each.folder) for each in found}) > 1:
        notes.append(f"{found[0].source}: {len(found)} test commands, which are run as one without arguments")
        return None
    unread = [word for word in found[0].arguments if _UNREAD.search(word)]
    if unread or not (folder / found[0].folder).is_dir():
        words = " ".join(unread) or f"no folder {found[0].folder}"
        notes.append(f"{found[0].source}: {found[0].words}: not followed, cannot be told here: {words}")
        return None
    return found[0]


def _place(command: StatedCommand) -> str:
    """The folder relative to the tree; one outside of it is none that we have."""
    place = posixpath.normpath(command.folder.replace(f"{ROOT}/", "").replace(ROOT, "."))
    return "." if place.startswith(("..", "/")) or _UNREAD.search(place) else place


def _passed(command: StatedCommand, notes: list[str]) -> dict[str, str]:
    passed = {}
    for name, text in command.variables.items():
        if _UNREAD.search(text):
            notes.append(f"{command.source}: {name}={text}: depends on tox")
        elif name and not _NOT_PASSED.match(name):
            passed[name] = text
    return passed
