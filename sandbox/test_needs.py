"""What the tests need to have installed: lines gathered from all the files of a repository that say something of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from overhaul.sandbox.conda_files import CondaFile, read_conda
from overhaul.sandbox.lock_files import Lock, read_lock
from overhaul.sandbox.project_metadata import ProjectMetadata
from overhaul.sandbox.project_tools import read_hatch, read_pipfile
from overhaul.sandbox.requirement_files import (
    RequirementLines,
    distribution_name,
    find_requirement_files,
    joined_lines,
    normalise,
)
from overhaul.sandbox.tox_settings import ToxSettings

TEST_NAMES = ("test", "tests", "testing")
DEVELOPMENT_NAMES = ("dev", "develop", "development")


@dataclass(slots=True)
class TestNeeds:
    """What was found so far; `lock_arguments` are for uv's own lock, `candidates` are installed if the index has them.

    `python` is a range of versions that they are for.
    `files` are the files that were read beside requirements files, and `locked_names` what uv's lock is known to hold.
    """

    __test__ = False

    lines: RequirementLines = field(default_factory=RequirementLines)
    python: str | None = None
    reasons: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    candidates: tuple[str, ...] = ()
    lock_arguments: list[str] = field(default_factory=list)
    locked_names: set[str] = field(default_factory=set)

    def add(self, requirements: Sequence[str], reason: str) -> None:
        self.lines.requirements += requirements
        if requirements:
            self.reasons.append(f"{reason}: {', '.join(requirements)}")

    @property
    def names(self) -> set[str]:
        """Names of all distributions that are asked for."""
        lines = (*self.lines.requirements, *self.candidates)
        return self.locked_names | {name for name in map(distribution_name, lines) if name}


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Names of groups, extras and files that are for tests."""

    groups: tuple[str, ...]
    extras: tuple[str, ...]
    files: tuple[str, ...]


def gather_needs(folder: Path, metadata: ProjectMetadata, tox: ToxSettings) -> TestNeeds:
    """Everything whose name says tests; what says development only where nothing does. A lock file decides versions."""
    needs = TestNeeds()
    found = find_requirement_files(folder)
    hatch = read_hatch(folder, TEST_NAMES)
    groups = (*tox.groups, *(hatch.groups if hatch else ()))
    extras = (*tox.extras, *(hatch.features if hatch else ()))
    chosen = _Chosen(
        tuple(name for name in metadata.groups if name.lower() in TEST_NAMES or name in groups),
        tuple(name for name in metadata.extras if name.lower() in TEST_NAMES or name in extras),
        found.test,
    )
    conda = None
    if not any((chosen.groups, chosen.extras, chosen.files, tox.dependencies, hatch and hatch.dependencies)):
        chosen = _Chosen(
            tuple(name for name in metadata.groups if name.lower() in DEVELOPMENT_NAMES),
            tuple(name for name in metadata.extras if name.lower() in DEVELOPMENT_NAMES),
            found.development,
        )
        conda = read_conda(folder)
    lock = _add_project(folder, metadata, chosen, needs)
    for name in found.runtime if not lock else ():
        needs.lines.add_file(folder, name)
        needs.reasons.append(f"{name}: requirements of the project")
    if lock and found.runtime:
        needs.reasons.append(f"{', '.join(found.runtime)}: not read, {lock} decides")
    for name in chosen.files:
        needs.lines.add_file(folder, name)
        needs.reasons.append(f"{name}: requirements of the tests")
    if hatch:
        needs.files.append(hatch.source)
        needs.add(hatch.dependencies, f"hatch's environment {hatch.name}")
    if tox.dependencies:
        needs.lines.add_lines(folder, tox.dependencies, ".")
        needs.reasons.append(f"{tox.source}: {', '.join(tox.dependencies)}")
    if conda:
        _add_conda(folder, conda, needs)
    needs.lines.left_out += metadata.left_out
    return needs


def _add_project(folder: Path, metadata: ProjectMetadata, chosen: _Chosen, needs: TestNeeds) -> str:
    """Add what the project itself needs, its groups and extras; returns the lock file that decides, or ""."""
    if (folder / "uv.lock").is_file() and metadata.installable:
        named = [line for name in chosen.groups for line in metadata.groups[name]]
        named += [line for name in chosen.extras for line in metadata.extras[name]]
        needs.locked_names = {distribution_name(line) or "" for line in named}
        arguments = [f"--group={name}" for name in chosen.groups] + [
            f"--extra={name}" for name in chosen.extras
        ]
        needs.lock_arguments = ["--no-default-groups", *arguments]
        needs.reasons.append(f"uv.lock: locked versions, {' '.join(arguments) or 'of the project alone'}")
        return "uv.lock"
    lock = read_lock(folder, [*chosen.groups, *chosen.extras])
    pipfile = read_pipfile(folder)
    needs.add(metadata.dependencies or (), "the project needs")
    for name in chosen.groups:
        needs.add(_without_self(metadata, metadata.groups[name]), f"dependency group {name}")
    for name in chosen.extras:
        needs.add(_without_self(metadata, metadata.extras[name], (name,)), f"extra {name}")
    if pipfile:
        needs.files.append("Pipfile")
        needs.python = pipfile.requires_python
        needs.lines.left_out += pipfile.left_out
        if lock is None:
            needs.add(pipfile.packages, "Pipfile")
            for name, lines in (pipfile.categories or {}).items():
                if name.lower() in (*TEST_NAMES, *DEVELOPMENT_NAMES):
                    needs.add(lines, f"Pipfile, {name}")
    if lock:
        _add_lock(lock, needs)
    return lock.source if lock else ""


def _add_lock(lock: Lock, needs: TestNeeds) -> None:
    needs.files.append(lock.source)
    needs.lines.left_out += lock.left_out
    addresses = {distribution_name(line): line for line in lock.constraints if " @ " in line}
    # A constraint that is an address would contradict the one that is asked for, such as a branch.
    needs.lines.requirements = [
        addresses.get(distribution_name(line), line) if " @ " in line else line
        for line in needs.lines.requirements
    ]
    needs.lines.constraints += [line for line in lock.constraints if " @ " not in line]
    needs.lines.requirements += lock.requirements
    count = len(lock.requirements) + len(lock.constraints)
    needs.reasons.append(f"{lock.source}: {count} locked versions")


def _add_conda(folder: Path, conda: CondaFile, needs: TestNeeds) -> None:
    needs.files.append(conda.source)
    needs.python = needs.python or conda.python
    needs.candidates = conda.candidates
    needs.lines.add_lines(folder, joined_lines("\n".join(conda.pip)), ".")
    needs.lines.left_out += conda.left_out
    needs.reasons.append(
        f"{conda.source}: from the package index, conda is not used: {', '.join(conda.candidates)}"
    )


def _without_self(metadata: ProjectMetadata, lines: Sequence[str], above: tuple[str, ...] = ()) -> list[str]:
    """Lines of a group or an extra, with `project[extra]` replaced by the lines of that extra."""
    own = normalise(metadata.name or "")
    found: list[str] = []
    for line in lines:
        if not own or distribution_name(line) != own:
            found.append(line)
            continue
        inner = line.partition("[")[2].partition("]")[0]
        for extra in (name.strip() for name in inner.split(",")):
            if extra not in above:
                found += _without_self(metadata, metadata.extras.get(extra, ()), (*above, extra))
    return found
