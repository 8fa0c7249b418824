"""What an expression may be, from imports, definitions, assignments, annotations and tests around it.

`Inference` keeps what was worked out and ends chains that are too long; the files beside this one know the rest:
expressions, calls, results, parameters, attributes, annotations.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from overhaul.refactors.assignments import assigned_values, is_declared
from overhaul.refactors.calls import call_values
from overhaul.refactors.classes import Hierarchy
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.decorators import function_values, replaced_classes
from overhaul.refactors.expressions import EVALUATORS
from overhaul.refactors.flow import classes_tested
from overhaul.refactors.member_values import member_values
from overhaul.refactors.outside_stores import OutsideStores
from overhaul.refactors.parameters import parameter_values
from overhaul.refactors.project import Exported, Module, Project
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.values import (
    ClassDefinition,
    ClassValue,
    External,
    FunctionValue,
    ModuleValue,
    Unknown,
    Value,
    Values,
    union,
)

_DEPTH = 60
_STEPS = 4000


class Inference:
    """The values of expressions, worked out when asked and kept."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.hierarchy = Hierarchy(self, project)
        self.outside_stores = OutsideStores(self)
        self.made_classes: dict[ast.Call, ClassDefinition | None] = {}
        self._known: dict[ast.AST, Values] = {}
        self._active: set[object] = set()
        # A result found while a cycle was cut short is not kept: it may lack what the cut hid.
        self._interruptions = 0
        self._steps = 0

    def values(self, module: Module, node: ast.expr) -> Values:
        """Return what an expression of a module may be."""
        known = self._known.get(node)
        if known is not None:
            return known
        interruptions = self._interruptions
        result = self.guarded(node, lambda: self._evaluate(module, node))
        if not self._active or interruptions == self._interruptions:
            self._known[node] = result
        return result

    def guarded(self, key: object, evaluate: Callable[[], Values]) -> Values:
        """Evaluate unless that is under way already or the chain of reasons has become too long."""
        if key in self._active:
            self._interruptions += 1
            return ()
        self._steps = self._steps + 1 if self._active else 0
        if len(self._active) > _DEPTH or self._steps > _STEPS:
            self._interruptions += 1
            return (Unknown("the chain of definitions is too long"),)
        self._active.add(key)
        try:
            return evaluate()
        except RecursionError:  # a link of the chain may take many calls
            self._interruptions += 1
            return (Unknown("the chain of definitions is too long"),)
        finally:
            self._active.discard(key)

    def _evaluate(self, module: Module, node: ast.expr) -> Values:
        if isinstance(node, ast.Name | ast.Attribute):
            tested = classes_tested(module.bindings, node)
            if tested:
                return union(*(declared_values(self, module, each) for each in tested))
        evaluate = EVALUATORS.get(type(node))
        return evaluate(self, module, node) if evaluate else (Unknown("not a name, an attribute or a call"),)

    def binding_union(self, module: Module, bindings: Iterable[Binding]) -> Values:
        """Return what a name bound in these ways may be."""
        bindings = list(bindings)
        declared = [binding for binding in bindings if is_declared(module, binding.node)]
        found = union(*(self.binding_values(module, binding) for binding in declared or bindings))
        if declared or not bindings or not all(isinstance(each.node, ast.Name) for each in bindings):
            return found
        if bindings[-1].scope.kind != "module":
            return found
        return union(found, self.outside_stores.of_module(module.key, bindings[-1].name))

    def binding_values(self, module: Module, binding: Binding) -> Values:
        return self.guarded(binding.node, lambda: self._bound(module, binding))

    def _bound(self, module: Module, binding: Binding) -> Values:
        node = binding.node
        if isinstance(node, ast.alias):
            found = self.project.imported(module, binding)
            if found is None:
                return (Unknown(f"'{binding.name}' is imported from where the tree has none"),)
            return self.exported_values(found)
        if isinstance(node, ast.ClassDef):
            return union(
                (ClassValue(self.project.class_definition(module, node)),),
                *replaced_classes(self, module, node),
            )
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return function_values(self, module, node)
        if isinstance(node, ast.arg):
            return parameter_values(self, module, node)
        return assigned_values(self, module, binding)

    def binding_values_of(self, module: Module, target: ast.expr) -> Values:
        """Return what the target of an assignment is bound to by it."""
        return self.guarded(target, lambda: assigned_values(self, module, Binding("", target, module.scope)))

    def exported_values(self, found: ModuleValue | External | Exported) -> Values:
        """Return what a name of another module's namespace may be."""
        if isinstance(found, Exported):
            return self.binding_union(found.module, found.bindings)
        return (found,)

    def self_values(self, module: Module, node: ast.Name, scope: Scope) -> Values:
        """Return the values of a name if it is a method's own first parameter, or nothing."""
        owner = scope.lookup(node.id, node)
        if owner is None or owner.kind != "function":
            return ()
        binding = owner.bindings[node.id][0]
        if not isinstance(binding.node, ast.arg):
            return ()
        function = owner.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return ()
        positional = [*function.args.posonlyargs, *function.args.args]
        if not positional or positional[0] is not binding.node or owner.parent is None:
            return ()
        if not isinstance(owner.parent.node, ast.ClassDef) or owner.parent.kind != "class":
            return ()
        return self.binding_values(module, binding)

    def member_values(self, value: object, name: str) -> Values:
        """Return what an attribute of a value may be."""
        return member_values(self, value, name)

    def call_value(self, value: Value) -> Values:
        """Return what calling a value gives, whatever its arguments."""
        return call_values(self, value)

    def result(self, function: FunctionValue) -> Values:
        """Return what calling a function gives."""
        return call_values(self, function)
