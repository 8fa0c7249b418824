"""Every definition that changes together: overloads, the stub's twin, the class family's overrides; each with how."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from overhaul.refactors.decorators import unknown_decorator
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.fixtures import is_fixture
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.change_signature.changes import apply_changes
from overhaul.refactors.recipes.change_signature.forwarding_decorators import hands_on_everything
from overhaul.refactors.recipes.change_signature.notation import Change
from overhaul.refactors.recipes.change_signature.report import Report
from overhaul.refactors.recipes.change_signature.signature import signature_of
from overhaul.refactors.recipes.change_signature.target import Function, is_overload, receiver_of
from overhaul.refactors.recipes.change_signature.transfer import SignatureChange, transfer
from overhaul.refactors.scopes import Binding
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.values import ClassDefinition, FunctionDefinition


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One definition and its change."""

    function: FunctionDefinition
    change: SignatureChange
    reason: str

    @property
    def receiver(self) -> ast.arg | None:
        return receiver_of(self.function)


class Definitions:
    """The definitions of a function by node, in the order in which they were found, the named one first."""

    def __init__(
        self, inference: Inference, function: Function, changes: Sequence[Change], report: Report
    ) -> None:
        self.inference = inference
        self.function = function
        self.report = report
        primary = function.primary
        old = signature_of(primary.node, receiver_of(primary))
        self.primary = SignatureChange(old, apply_changes(changes, old))
        self.by_node: dict[ast.AST, Definition] = {}
        self.family: Family | None = None
        for each, reason in self._all():
            self._add(each, reason)

    @property
    def owners(self) -> list[ClassDefinition]:
        """Return the classes that the definitions are in."""
        found = [each.function.owner for each in self.by_node.values()]
        return list(dict.fromkeys(each for each in found if each is not None))

    @property
    def functions(self) -> list[FunctionDefinition]:
        return [each.function for each in self.by_node.values()]

    def _add(self, function: FunctionDefinition, reason: str) -> None:
        if function.node in self.by_node:
            return
        if function == self.function.primary:
            self.by_node[function.node] = Definition(function, self.primary, reason)
            return
        own = signature_of(function.node, receiver_of(function))
        is_stub = function.module.path.endswith(".pyi")
        is_variant = _same_owner(function, self.function.primary)
        change = transfer(self.primary, own, is_variant, is_stub or is_overload(function))
        if isinstance(change, Doubt):
            self.report.leave(
                function.module, function.node, f"{reason} that stays as it is: {change.reason}"
            )
        else:
            self.by_node[function.node] = Definition(function, change, reason)

    def _all(self) -> Iterator[tuple[FunctionDefinition, str]]:
        yield self.function.primary, "definition"
        if self.function.kind == "function":
            yield from self._of_scope()
        elif self.function.kind == "constructor":
            yield from self._of_constructor()
        else:
            yield from self._of_family()

    def _of_scope(self) -> Iterator[tuple[FunctionDefinition, str]]:
        primary = self.function.primary
        scope = primary.module.bindings.scopes[primary.node].parent
        while scope is not None and scope.kind == "type parameters":
            scope = scope.parent
        if scope is None:
            return
        modules = [primary.module]
        location = self.inference.project.table.at(primary.module.key)
        if scope.kind == "module" and location is not None:
            modules += self.inference.project.modules_at(location)
        for module in dict.fromkeys(modules):
            bindings = (module.scope if scope.kind == "module" else scope).bindings.get(
                self.function.name, ()
            )
            yield from self._functions(module, bindings)

    def _functions(
        self, module: Module, bindings: Iterable[Binding]
    ) -> Iterator[tuple[FunctionDefinition, str]]:
        for binding in bindings:
            node = binding.node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found = self.inference.project.function_definition(module, node)
                stub = " in the stub" if module.path.endswith(".pyi") else ""
                yield found, f"overload{stub}" if is_overload(found) else f"definition{stub}"
            else:
                self.report.leave(
                    module, node, "the name is bound here as well, to something that is not changed"
                )

    def _of_constructor(self) -> Iterator[tuple[FunctionDefinition, str]]:
        owner = self.function.owner
        assert owner is not None  # noqa: S101 - a constructor has a class
        location = self.inference.project.table.at(owner.module.key)
        modules = self.inference.project.modules_at(location) if location is not None else [owner.module]
        for module in modules:
            for node, _ in module.bindings.classes:
                definition = self.inference.project.class_definition(module, node)
                if definition.key == owner.key:
                    yield from self._functions(module, definition.scope.bindings.get(self.function.name, ()))

    def _of_family(self) -> Iterator[tuple[FunctionDefinition, str]]:
        owner = self.function.owner
        assert owner is not None  # noqa: S101 - a method has a class
        self.family = Family.around(self.inference, owner, self.function.name)
        for definition in self.family.definitions:
            bindings = definition.scope.bindings.get(self.function.name, ())
            where = "" if definition.key == owner.key else f" in {definition.name}, of the same family"
            for function, reason in self._functions(definition.module, bindings):
                yield function, f"{reason}{where}"

    def report_callers_outside(self) -> None:
        """Report the definitions that code outside the tree, a framework or a decorator, may call."""
        for definition in list(self.by_node.values()):
            module, node = definition.function.module, definition.function.node
            strange = unknown_decorator(self.inference, module, node)
            if strange is not None and not self.is_forwarded(definition.function):
                self.report.note(
                    module,
                    next(each for each in node.decorator_list),
                    f"decorator {strange} may call the function in a way that is not seen, or give back another one",
                )
            elif is_fixture(node) or (node.name.startswith("test") and "test" in module.path):
                self.report.note(module, node, "pytest calls it, with a fixture for each parameter's name")
            owner = definition.function.owner
            if owner is None or self.function.kind == "constructor":
                continue
            unreadable = self.inference.hierarchy.unreadable_bases(owner, node.name)
            if unreadable:
                self.report.note(
                    module,
                    node,
                    f"whether the base {unreadable[0]}, outside the tree, defines it too is not known",
                )

    def is_forwarded(self, function: FunctionDefinition) -> bool:
        """Tell whether all its decorators hand on every argument as it is, or are known to keep the function."""
        return bool(function.node.decorator_list) and all(
            hands_on_everything(self.inference, function.module, each)
            for each in function.node.decorator_list
        )

    def external_bases(self) -> list[tuple[Definition, str]]:
        """Return the definitions that override a method of a class outside the tree."""
        if self.function.kind != "method":
            return []
        found = []
        for definition in self.by_node.values():
            owner = definition.function.owner
            outside = self.inference.hierarchy.external_provider(owner, self.function.name) if owner else None
            if outside is not None and outside != "builtins.object":
                found.append((definition, outside))
        return found


def _same_owner(first: FunctionDefinition, second: FunctionDefinition) -> bool:
    if first.owner is None or second.owner is None:
        return first.owner is second.owner
    return first.owner.key == second.owner.key
