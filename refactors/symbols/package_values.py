"""Whether a package is ever used as a value: if it is not, no variable of unknown type can be it."""

from __future__ import annotations

import ast
from functools import cached_property

from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding
from overhaul.refactors.values import ModuleValue, Unknown, Values

# What the reasons of values say that are modules looked up while the program runs.
_LOOKED_UP = ("imported by a computed name", "__import__", "sys.modules", "import_module", "import_string")


class PackageValues:
    """Tells where an expression of unknown type may be a certain package, given by its key."""

    def __init__(self, inference: Inference, key: str) -> None:
        self.inference = inference
        self.project = inference.project
        self.key = key

    def may_be(self, receiver: ast.expr, values: Values) -> str | None:
        """Return why an expression may be the package although its type is unknown, or None if it cannot be."""
        unknown = [value.reason for value in values if isinstance(value, Unknown)]
        is_name = isinstance(receiver, ast.Name) and receiver.id not in ("self", "cls")
        if not unknown or not is_name or not self.key:
            return None
        if self.is_passed_on or any(part in unknown[0] for part in _LOOKED_UP):
            return unknown[0]
        return None

    @cached_property
    def is_passed_on(self) -> bool:
        """Whether code assigns, passes or returns the package itself anywhere, or looks it up by its name."""
        leaf = self.key.rpartition("/")[2]
        return any(self._passes_on(module, leaf) for module in self.project.containing([leaf]))

    def _passes_on(self, module: Module, leaf: str) -> bool:
        for scope in module.scope.subtree():
            for name, bindings in scope.bindings.items():
                if not any(
                    isinstance(each.node, ast.alias) and self._is_it(module, each) for each in bindings
                ):
                    continue
                for use, place in module.bindings.names.get(name, ()):
                    if place.lookup(name, use) is scope and self._is_value(module, use):
                        return True
        for attribute, _ in module.bindings.attributes.get(leaf, ()):
            if self._is_value(module, attribute) and self._has_it(module, attribute):
                return True
        dotted = self.key.replace("/", ".")
        return any(
            dotted.endswith(str(each.value)) and "." in str(each.value) for each, _ in module.bindings.strings
        )

    def _is_it(self, module: Module, binding: Binding) -> bool:
        found = self.project.imported(module, binding)
        return isinstance(found, ModuleValue) and found.location.key == self.key

    def _has_it(self, module: Module, node: ast.Attribute) -> bool:
        return any(
            isinstance(value, ModuleValue) and value.location.key == self.key
            for value in self.inference.values(module, node)
        )

    @staticmethod
    def _is_value(module: Module, node: ast.Name | ast.Attribute) -> bool:
        """Tell whether an expression is more than the beginning of a dotted name."""
        above = module.bindings.parents.get(node)
        return isinstance(node.ctx, ast.Load) and not isinstance(above, ast.Attribute)
