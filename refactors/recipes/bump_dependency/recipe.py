"""The recipe itself: every file that asks for the distribution, and the edits of those that can be bumped."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from packaging.utils import canonicalize_name

from overhaul.refactors.declared_dependencies import (
    OF_OTHERS,
    PYTHON,
    REQUIREMENTS,
    have_common_version,
    is_within,
)
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, Site, content_hash, parameter
from overhaul.refactors.recipes.bump_dependency import locks
from overhaul.refactors.recipes.bump_dependency.bumping import bumped
from overhaul.refactors.recipes.bump_dependency.cases import CASES
from overhaul.refactors.recipes.bump_dependency.constraint import (
    Constraint,
    Wanted,
    read_constraint,
    read_wanted,
)
from overhaul.refactors.recipes.bump_dependency.document import Document, Found, Place, Unreadable, mentions
from overhaul.refactors.recipes.bump_dependency.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.bump_dependency.pyproject import computed, read_pipfile, read_pyproject
from overhaul.refactors.recipes.bump_dependency.requirement_files import read_requirements
from overhaul.refactors.recipes.bump_dependency.setup_cfg import read_setup_cfg
from overhaul.refactors.recipes.bump_dependency.setup_py import read_setup_py
from overhaul.refactors.source import Tree
from overhaul.refactors.text import BYTE_ORDER_MARK, splice

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_FILES = frozenset({"pyproject.toml", "Pipfile", "setup.cfg", "setup.py"})


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which distribution, to what, and what of the doubtful places."""

    name: str = parameter("the distribution, in any spelling")
    to: str = parameter("a version such as 2.1, or a range such as '>=2,<3'")
    how: Literal["raise", "pin", "replace"] = parameter(
        "raise the lower bound and keep the rest where it fits, pin to one version, or replace all that is asked for",
        default="raise",
    )
    markers: bool = parameter("also requirements under an environment marker", default=False)
    build: bool = parameter(
        "also what the build itself needs (build-system.requires, setup_requires)", default=False
    )


class BumpDependency(Recipe):
    id = "bump-dependency"
    summary = "Raise, pin or replace the versions of a dependency in all metadata of a repository"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Bump {self.parameters.name} to {self.parameters.to}"

    def analyse(self, tree: Tree) -> Analysis:
        """Read every metadata file of the tree, decide place by place, and withdraw what contradicts the rest."""
        if not _NAME.fullmatch(self.parameters.name):
            raise ParameterError(
                f"name {self.parameters.name!r} is no distribution's name. Write one such as requests"
            )
        if canonicalize_name(self.parameters.name) == PYTHON:
            raise ParameterError(
                "python is no distribution; which Pythons a project is for is requires-python"
            )
        wanted = read_wanted(self.parameters.to, self.parameters.how)
        repository = _Repository(Project(tree), self.parameters)
        decisions = [
            _decided(document, each, self.parameters, wanted) for document, each in repository.places()
        ]
        decisions = _without_conflicts(decisions)
        sites = [each.site(self.parameters.name) for each in decisions if each.outcome is not None]
        edits = list(_edits(decisions))
        analysis = self.analysis(repository.project, sites, edits, repository.failures)
        return dataclasses.replace(analysis, files_scanned=repository.files_read)


@dataclass(slots=True)
class _Repository:
    """The metadata files of a tree."""

    project: Project
    parameters: Parameters
    failures: list[Failure] = field(default_factory=list)
    files_read: int = 0

    def places(self) -> Iterator[tuple[Document, Place]]:
        """Yield all places, those of files that others include among them."""
        paths = list(self.project.tree.paths())
        there = frozenset(paths)
        waiting = [path for path in paths if _is_metadata(path)]
        seen = set(waiting)
        while waiting:
            path = waiting.pop()
            document = self._document(path)
            if document is None:
                continue
            try:
                found = self._found(document, there)
            except Unreadable as error:
                self.failures.append(Failure(path, str(error)))
                continue
            included = [each for each in found.included if each in there and each not in seen]
            waiting += included
            seen.update(included)
            for each in found.places:
                yield document, _of_others(path, each)

    def _document(self, path: str) -> Document | None:
        content = self.project.document(path)
        self.files_read += 1
        try:
            return Document(path, content, content.removeprefix(BYTE_ORDER_MARK).decode())
        except UnicodeDecodeError as error:
            if mentions(self._name).search(content.decode("latin-1")):
                self.failures.append(Failure(path, f"is not in UTF-8: {error.reason} at byte {error.start}"))
            return None

    @property
    def _name(self) -> str:
        return canonicalize_name(self.parameters.name)

    def _found(self, document: Document, there: frozenset[str]) -> Found:
        file = document.path.rpartition("/")[2]
        name, build = self._name, self.parameters.build
        is_mentioned = mentions(name).search(document.text) is not None
        if not is_mentioned and OF_OTHERS.search(document.path):
            return Found()
        if file == "setup.py":
            module = self.project.module(document.path)
            return Found() if module is None else read_setup_py(self.project, module, document, name, build)
        if file == "pyproject.toml":
            if not is_mentioned and "dynamic" not in document.text:
                return Found()
            found = read_pyproject(document, name, build)
            prefix = f"{document.folder}/" if document.folder else ""
            beside = frozenset(each for each in _FILES if prefix + each in there)
            unknown = computed(document, beside)
            return Found([*found.places, unknown], found.included) if unknown else found
        if file == "setup.cfg":
            is_concerned = is_mentioned or "file:" in document.text
            return read_setup_cfg(document, name, build) if is_concerned else Found()
        if file == "Pipfile":
            return read_pipfile(document, name) if is_mentioned else Found()
        if locks.reads(document.path):
            return locks.read_follower(document, name)
        return read_requirements(document, name)


def _is_metadata(path: str) -> bool:
    return path.rpartition("/")[2] in _FILES or bool(REQUIREMENTS.search(path)) or locks.reads(path)


def _of_others(path: str, place: Place) -> Place:
    if place.doubt or not OF_OTHERS.search(path):
        return place
    return dataclasses.replace(
        place, doubt="by its folder it may be a fixture, or another project's", aside=True
    )


@dataclass(frozen=True, slots=True)
class _Decision:
    """What becomes of a place: a new text, a Doubt, or None if it asks for what is wanted already."""

    document: Document
    place: Place
    constraint: Constraint | None
    outcome: str | Doubt | None

    def site(self, name: str) -> Site:
        line, column = self.document.position(self.place.offset)
        if isinstance(self.outcome, Doubt):
            return Site(self.document.path, line, column, name, "unresolved", self.outcome.reason)
        was = self.place.text.strip() or "any version"
        return Site(
            self.document.path, line, column, name, "resolved", f"{was} becomes {str(self.outcome).strip()}"
        )


def _decided(document: Document, place: Place, parameters: Parameters, wanted: Wanted) -> _Decision:
    constraint = read_constraint(place.text, place.is_poetry)
    if isinstance(constraint, Doubt):
        return _Decision(document, place, None, Doubt(place.doubt) if place.doubt else constraint)
    outcome = bumped(constraint, wanted, parameters.how)
    if place.doubt:
        is_met = outcome is None or (place.aside and is_within(constraint.allowed, wanted.allowed))
        left = None if place.text and is_met else Doubt(place.doubt)
        return _Decision(document, place, constraint if place.text else None, left)
    if isinstance(outcome, str) and place.is_marked and not parameters.markers:
        outcome = Doubt("it is under an environment marker; -p markers=yes edits it as well")
    return _Decision(document, place, constraint, outcome)


def _without_conflicts(decisions: list[_Decision]) -> list[_Decision]:
    """Withdraw edits after which no version is left for what stays as it is in the same project."""
    while True:
        staying = [
            each
            for each in decisions
            if not isinstance(each.outcome, str) and each.constraint is not None and not each.place.aside
        ]
        left = [_withdrawn(each, staying) if isinstance(each.outcome, str) else each for each in decisions]
        if left == decisions:
            return left
        decisions = left  # what was withdrawn stays as it is, too


def _withdrawn(decision: _Decision, staying: list[_Decision]) -> _Decision:
    assert decision.constraint is not None  # noqa: S101 - it has been read
    allowed = decision.constraint.range_of([str(decision.outcome)])
    for other in staying:
        if not _are_related(decision.document.folder, other.document.folder) or other.constraint is None:
            continue
        if not have_common_version(allowed, other.constraint.allowed):
            line, _ = other.document.position(other.place.offset)
            place = f"{other.document.path}:{line}"
            doubt = Doubt(f"{place} asks for '{other.place.text.strip()}', which leaves no version for both")
            return dataclasses.replace(decision, outcome=doubt)
    return decision


def _are_related(one: str, other: str) -> bool:
    """Tell whether one folder is the other or in it: what is beside it may be another project."""
    return f"{one}/".startswith(f"{other}/" if other else "") or f"{other}/".startswith(
        f"{one}/" if one else ""
    )


def _edits(decisions: list[_Decision]) -> Iterator[Edit]:
    changed: dict[str, list[_Decision]] = {}
    for each in decisions:
        if isinstance(each.outcome, str):
            changed.setdefault(each.document.path, []).append(each)
    for path, those in changed.items():
        document = those[0].document
        splices = [
            (document.byte_offset(each.place.start), document.byte_offset(each.place.end), str(each.outcome))
            for each in those
        ]
        content = splice(document.content, splices, "utf-8")
        yield Edit(path, content_hash(document.content), content, len(those))
