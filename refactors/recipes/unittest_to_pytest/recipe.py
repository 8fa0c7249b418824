"""The recipe itself: families of classes, their assertions, and those that become plain classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, Site, parameter
from overhaul.refactors.recipes.unittest_to_pytest.cases import CASES
from overhaul.refactors.recipes.unittest_to_pytest.claims import Names, is_assertion
from overhaul.refactors.recipes.unittest_to_pytest.collection import (
    Collection,
    is_for_pytest,
    is_notebook,
    other_runner,
    read_collection,
)
from overhaul.refactors.recipes.unittest_to_pytest.conversion import handed_on, main_calls, super_calls
from overhaul.refactors.recipes.unittest_to_pytest.families import Family, find_families
from overhaul.refactors.recipes.unittest_to_pytest.file_edit import FileEdit, base_spans
from overhaul.refactors.recipes.unittest_to_pytest.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.unittest_to_pytest.obstacles import Obstacle, obstacles_of, test_case_bases
from overhaul.refactors.recipes.unittest_to_pytest.plain_classes import PlainClasses
from overhaul.refactors.recipes.unittest_to_pytest.uses import Place, Uses, uses_of
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import MEMBERS, RAISES, current_name
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused
from overhaul.refactors.values import ClassDefinition

_WORDS = tuple(sorted(name for name in MEMBERS if is_assertion(name) or current_name(name) in RAISES))


@dataclass(frozen=True, slots=True)
class Parameters:
    """Who runs the tests, and how far the classes go."""

    runner: Literal["found", "pytest"] = parameter(
        "found: keep TestCases if the project has another runner or is not set up for pytest; pytest: it runs them all",
        default="found",
    )
    classes: Literal["convert", "keep"] = parameter(
        "convert: make plain classes of TestCases where nothing of TestCase is used; keep: only assertions",
        default="convert",
    )


class UnittestToPytest(Recipe):
    id = "unittest-to-pytest"
    summary = (
        "Write unittest's assertions as assert, and TestCases as plain classes where pytest runs them alike"
    )
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return "Write unittest's tests as pytest's"

    def analyse(self, tree: Tree) -> Analysis:
        """Look at every family of TestCases; one file that cannot be edited keeps all classes as they are."""
        project = Project(tree)
        with collector_paused():
            run = _Run(project, self.parameters.runner == "pytest", self.parameters.classes == "convert")
            outcomes = run.outcomes()
            if any(isinstance(each, Failure) for each in outcomes):
                run = _Run(project, self.parameters.runner == "pytest", False)
                outcomes = run.outcomes()
        edits = [each for each in outcomes if isinstance(each, Edit)]
        return self.analysis(
            project, run.sites(edits), edits, [each for each in outcomes if isinstance(each, Failure)]
        )


@dataclass(slots=True)
class _Run:
    """One look at a project."""

    project: Project
    is_pytest: bool
    converts: bool
    files: dict[str, FileEdit] = field(default_factory=dict)
    known: set[ast.AST] = field(default_factory=set)
    reported: set[ast.ClassDef] = field(default_factory=set)
    members: set[ast.ClassDef] = field(default_factory=set)
    why_not: str = ""

    def outcomes(self) -> list[Edit | Failure]:
        """Return the edits of all files, and why some could not be edited."""
        inference = Inference(self.project)
        families = find_families(inference)
        if not self.is_pytest and families:
            self.why_not = self._other_runner()
        collection = read_collection(self.project) if families else Collection((), (), ())
        self.project.announce(member.name for family in families for member in family.members)
        for family in families:
            self._family(family, collection)
        self._leftovers()
        return [each for file in self.files.values() if (each := file.outcome()) is not None]

    def sites(self, edits: Sequence[Edit]) -> Iterator[Site]:
        """Yield the sites; those of a file that could not be edited are reports."""
        edited = {each.path for each in edits}
        for path, file in self.files.items():
            for site in file.sites.values():
                if site.status == "unresolved" or path in edited:
                    yield site

    def _other_runner(self) -> str:
        place = other_runner(self.project)
        if place:
            return f"{place} runs tests by another runner than pytest; -p runner=pytest says that pytest runs them all"
        if not is_for_pytest(self.project):
            return (
                "the project neither sets up nor imports pytest; -p runner=pytest says that it runs the tests"
            )
        return ""

    def _file(self, module: Module) -> FileEdit:
        if module.path not in self.files:
            self.files[module.path] = FileEdit(self.project, module)
        return self.files[module.path]

    def _family(self, family: Family, collection: Collection) -> None:
        outside = {name: member for member in family.members for name in family.outside(member)}
        if outside:
            for member in family.members:
                self._keep(
                    member, f"stays as it is: of the classes around it, one inherits from {min(outside)}"
                )
            return
        self.members |= {member.node for member in family.members}
        uses = uses_of(family)
        self.known |= uses.assertions
        obstacles = [*uses.obstacles, *self._obstacles(family, uses, collection)] if self.converts else []
        plain = PlainClasses(self._file, family, uses)
        if self.converts and not obstacles:
            plain.inner_edits()
        self._assertions(uses)
        if self.converts and not obstacles:
            plain.outer_edits()
        elif self.converts:
            for member in family.members:
                if family.is_test_case(member):
                    self._keep(member, _reason(member, obstacles))

    def _obstacles(self, family: Family, uses: Uses, collection: Collection) -> Iterator[Obstacle]:
        yield from super_calls(family, uses).obstacles
        yield from obstacles_of(family, collection)
        if self.why_not:
            yield Place(family.members[0].module, family.members[0].node), self.why_not
        for member in family.members:
            place = Place(member.module, member.node)
            if base_spans(member.module, member.node, test_case_bases(family, member)) is None:
                yield place, "something else stands among its bases"
            for name in ("pytest.mark", "pytest.main", "pytest.skip"):
                found = Names(self.project, member.module, member.scope, member.node.lineno).find(name)
                if not isinstance(found, tuple):
                    yield place, found.reason
            for node, call in main_calls(member.module):
                if call is None:
                    yield Place(member.module, node), "unittest.main is used in another way than by default"
        yield from handed_on(self.project, family)

    def _assertions(self, uses: Uses) -> None:
        for place, name, reason in uses.doubts:
            self._file(place.module).note(place.node, name, "unresolved", reason)
        changing = []
        for each in uses.raises:
            place, name, _ = each
            reason = "pytest runs no tests of notebooks" if is_notebook(place.module.path) else self.why_not
            if reason:
                self._file(place.module).note(place.node, name, "unresolved", reason)
            else:
                changing.append(each)
        for place, _, raises in changing:
            for attribute in dict.fromkeys(raises.exceptions):
                self._file(place.module).rename(attribute, "exception", "value")
        for place, name, claim in uses.claims:
            file = self._file(place.module)
            assert isinstance(place.node, ast.stmt)  # noqa: S101 - a claim is a statement
            file.replace(place.node, file.layout(place.node).assertion(claim), claim.needs)
            file.note(place.node, name, "resolved", "an assert of the same")
        for place, name, raises in changing:
            file = self._file(place.module)
            if raises.is_rebuilt:
                layout = file.layout(file.module.bindings.statement_of(raises.call))
                file.replace(raises.call, raises.block(layout), raises.needs)
            else:
                file.replace(raises.call.func, raises.raises, raises.needs)
                offset = raises.keyword_place(file.module) if raises.pattern is not None else None
                if offset is not None:
                    file.edits.append((offset, offset, "match="))
            file.note(place.node, name, "resolved", "pytest.raises expects the same")
        for place, name in uses.exits:
            if name == "fail":
                self._failed(place)

    def _failed(self, place: Place) -> None:
        file, statement = self._file(place.module), place.node
        assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)  # noqa: S101, PT018
        call = statement.value
        if call.args or call.keywords:
            file.replace(call.func, "raise AssertionError")
        else:
            file.replace(statement, "raise AssertionError")
        for keyword in call.keywords:
            source = file.module.source
            file.edits.append((source.start(keyword), source.start(keyword.value), ""))
        file.note(statement, "fail", "resolved", "raises the same")

    def _keep(self, member: ClassDefinition, reason: str) -> None:
        self.reported.add(member.node)
        self._file(member.module).note(member.node, member.name, "unresolved", reason)

    def _leftovers(self) -> None:
        """Report assertions on what is not known to be a TestCase: once for each class."""
        for module in self.project.containing(_WORDS):
            if not module.path.endswith(".py"):
                continue
            for word in _WORDS:
                for node, scope in module.bindings.attributes.get(word, ()):
                    owner = module.bindings.enclosing_class(scope)
                    if node in self.known or (owner is not None and owner.node in self.reported):
                        continue
                    if (
                        owner is not None
                        and isinstance(owner.node, ast.ClassDef)
                        and owner.node not in self.members
                    ):
                        self.reported.add(owner.node)
                        reason = "its assertions stay: it is not known as a unittest.TestCase"
                        self._file(module).note(owner.node, owner.node.name, "unresolved", reason)
                    else:
                        reason = "what it is called on is not known as a unittest.TestCase"
                        self._file(module).note(node, word, "unresolved", reason)


def _reason(member: ClassDefinition, obstacles: Sequence[Obstacle]) -> str:
    """Return why a class stays: by what is in it, or else by what is in the classes around it."""
    node = member.node
    own = [
        each
        for each in obstacles
        if each[0].module is member.module and node.lineno <= each[0].node.lineno <= (node.end_lineno or 0)
    ]
    place, reason = (own or list(obstacles))[0]
    where = "" if own else f" ({place.module.path}:{place.node.lineno})"
    more = f", and {len(obstacles) - 1} more" if len(obstacles) > 1 else ""
    return f"stays a TestCase: {reason}{where}{more}"
