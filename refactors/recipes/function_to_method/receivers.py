"""Whether an argument is certainly an instance of the class, and never None."""

from __future__ import annotations

import ast

from overhaul.refactors.inference import Inference
from overhaul.refactors.presence import Presence
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.function_to_method.function import Function
from overhaul.refactors.values import ClassDefinition, ClassValue, Instance, Unknown


class Receivers:
    """The proofs for one function's argument."""

    def __init__(self, inference: Inference, function: Function) -> None:
        self.inference = inference
        self.function = function
        self.presence = Presence(inference)
        descendants = inference.hierarchy.descendants(function.owner)
        self._keys = {function.owner.key, *(each.key for each in descendants)}

    def doubt(self, module: Module, node: ast.expr) -> str | None:
        """Return what stands against an expression being the class's instance; None if it is proved."""
        if self._is_parameter(module, node):
            return None
        shown = ast.unparse(node)
        shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
        values = self.inference.values(module, node)
        if not values:
            return f"'{shown}' has no known type"
        for value in values:
            if isinstance(value, Unknown):
                return f"'{shown}' has no known type: {value.reason}"
            if isinstance(value, ClassValue):
                return f"'{shown}' is a class"
            if not isinstance(value, Instance):
                return f"'{shown}' is no instance"
            if not isinstance(value.of, ClassDefinition) or value.of.key not in self._keys:
                kind = value.of if isinstance(value.of, str) else value.of.qualified
                return f"'{shown}' may be of {kind}"
        if not self.presence.is_certain(module, node):
            return f"'{shown}' may be None"
        return None

    def _is_parameter(self, module: Module, node: ast.expr) -> bool:
        """Whether this is the parameter itself, in the function, which its method has as `self`."""
        parameter = self.function.parameter
        if not isinstance(node, ast.Name) or node.id != parameter.arg or module is not self.function.module:
            return False
        scope = module.bindings.scopes[self.function.node]
        is_own = module.bindings.scope_of(node).lookup(node.id, node) is scope
        return is_own and len(scope.bindings[node.id]) == 1
