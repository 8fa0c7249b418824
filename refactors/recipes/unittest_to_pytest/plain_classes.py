"""The edits that make plain classes of a family's TestCases; nothing stands against it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from overhaul.refactors.project import Module
from overhaul.refactors.recipes.unittest_to_pytest.claims import Names
from overhaul.refactors.recipes.unittest_to_pytest.conversion import main_calls, main_text, super_calls
from overhaul.refactors.recipes.unittest_to_pytest.decorators import DecoratorKind, kind_of, mark_text
from overhaul.refactors.recipes.unittest_to_pytest.families import Family, methods_of
from overhaul.refactors.recipes.unittest_to_pytest.file_edit import FileEdit
from overhaul.refactors.recipes.unittest_to_pytest.obstacles import test_case_bases
from overhaul.refactors.recipes.unittest_to_pytest.uses import Uses
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import LIFECYCLE
from overhaul.refactors.values import ClassDefinition

_MARKED = (DecoratorKind.SKIP, DecoratorKind.EXPECTED_FAILURE)


@dataclass(frozen=True, slots=True)
class PlainClasses:
    """Edits of one family, in the files that `file_of` gives."""

    file_of: Callable[[Module], FileEdit]
    family: Family
    uses: Uses

    def inner_edits(self) -> None:
        """Make those edits that may lie inside of statements that change as well."""
        calls = super_calls(self.family, self.uses)
        renamed = [*(place for place, _, _ in self.uses.renames), *calls.renamed]
        for place in renamed:
            assert isinstance(place.node, ast.Attribute)  # noqa: S101 - methods are called on something
            self.file_of(place.module).rename(place.node, place.node.attr, LIFECYCLE[place.node.attr])

    def outer_edits(self) -> None:
        """Make all other edits."""
        for place in [*super_calls(self.family, self.uses).removed, *self.uses.settings]:
            file = self.file_of(place.module)
            assert isinstance(place.node, ast.stmt)  # noqa: S101 - statements are removed
            file.removed.add(place.node)
            file.note(place.node, "TestCase", "resolved", "TestCase's own, of which nothing is used any more")
        for place, name in self.uses.exits:
            if name == "skipTest":
                self._skip(self.file_of(place.module), place.node)
        for member in self.family.members:
            self._class(member)
        for path in {member.module.path: member.module for member in self.family.members}.values():
            self._main(path)

    def _class(self, member: ClassDefinition) -> None:
        file = self.file_of(member.module)
        gone = test_case_bases(self.family, member)
        if gone:
            file.drop_bases(member.node, gone)
            file.note(member.node, member.name, "resolved", "nothing of TestCase is used")
        owners: list[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef] = [member.node]
        for method in methods_of(member):
            owners.append(method)
            if method.name in LIFECYCLE:
                file.rename(method, method.name, LIFECYCLE[method.name])
                file.note(method, method.name, "resolved", "pytest calls it by this name")
        for owner in owners:
            for decorator in owner.decorator_list:
                if kind_of(member.module, decorator) in _MARKED:
                    self._mark(file, member, decorator)

    def _mark(self, file: FileEdit, member: ClassDefinition, decorator: ast.expr) -> None:
        found = Names(file.project, member.module, member.scope, decorator.lineno).find("pytest.mark")
        assert isinstance(found, tuple)  # noqa: S101 - asked before
        file.replace(decorator, mark_text(member.module, decorator, found[0]), found[1])
        file.consume(decorator.func if isinstance(decorator, ast.Call) else decorator)
        file.note(decorator, "unittest", "resolved", "a mark of the same")

    def _skip(self, file: FileEdit, statement: ast.expr | ast.stmt) -> None:
        assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)  # noqa: S101, PT018
        call = statement.value
        scope = file.module.bindings.scope_of(call)
        found = Names(file.project, file.module, scope, call.lineno).find("pytest.skip")
        assert isinstance(found, tuple)  # noqa: S101 - asked before
        file.replace(call.func, found[0], found[1])
        file.note(statement, "skipTest", "resolved", "pytest skips the test")

    def _main(self, module: Module) -> None:
        file = self.file_of(module)
        for node, call in main_calls(module):
            found = Names(file.project, module, module.scope, node.lineno).find("pytest.main")
            if call is None or not isinstance(found, tuple) or call.func is not node:
                continue
            if (module.source.start(call), module.source.end(call)) in {each[:2] for each in file.edits}:
                continue  # another family of the file has done it
            file.replace(call, main_text(call, found[0]), found[1])
            file.consume(node)
            file.note(node, "unittest.main", "resolved", "pytest runs the tests of the file")
