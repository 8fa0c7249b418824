"""Which definition a call reaches, and whether `self` or `cls` comes with it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Exported, Module
from overhaul.refactors.recipes.change_signature.definitions import Definition, Definitions
from overhaul.refactors.recipes.change_signature.target import is_of_class, is_overload, is_static
from overhaul.refactors.scopes import Binding
from overhaul.refactors.values import (
    ClassDefinition,
    ClassValue,
    FunctionDefinition,
    FunctionValue,
    Instance,
    ModuleValue,
    Super,
    Unknown,
    Value,
)

_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Callee:
    """A definition that a call reaches; `takes_receiver` says that `self` or `cls` is its first argument."""

    definition: Definition
    takes_receiver: bool


class Callees:
    """Tells what the function of a call is."""

    def __init__(self, inference: Inference, definitions: Definitions) -> None:
        self.inference = inference
        self.definitions = definitions
        self.name = definitions.function.name
        self.kind = definitions.function.kind
        self._owner_keys = {each.key for each in definitions.owners}

    def of(self, module: Module, function: ast.expr) -> list[Callee] | Doubt | None:
        """Return the definitions that a call's function may be, all of them; None if it is certainly another one."""
        values = self.inference.values(module, function)
        found: dict[Callee, None] = {}
        doubts: list[str] = []
        is_other = False
        for value in values:
            result = self._of_value(value)
            if isinstance(result, Doubt):
                doubts.append(result.reason)
            elif result is None:
                is_other = True
            else:
                found.update(dict.fromkeys(result))
        shown = _shown(function)
        if found and not doubts and not is_other:
            return list(found)
        if found:
            return Doubt(f"'{shown}' may be another function{f': {doubts[0]}' if doubts else ''}")
        if doubts or not values:
            return Doubt(f"'{shown}' is not known: {doubts[0] if doubts else 'no value is seen'}")
        return None

    def by_reference(self, module: Module, function: ast.expr) -> list[Callee] | None:
        """Return what a proved use of the name reaches if decorators alone hide it that hand everything on."""
        named = [
            each
            for each in self.definitions.by_node.values()
            if not is_overload(each.function) and not each.function.module.path.endswith(".pyi")
        ]
        if not any(each.function.node.decorator_list for each in named) or not all(
            not each.function.node.decorator_list or self.definitions.is_forwarded(each.function)
            for each in named
        ):
            return None
        if isinstance(function, ast.Name):
            owner = module.bindings.scope_of(function).lookup(function.id, function)
            bindings = owner.bindings[function.id] if owner is not None else []
            is_plain = all(self._is_bound_to_it(module, each) for each in bindings)
            return [Callee(named[0], False)] if bindings and is_plain and self.kind == "function" else None
        if not isinstance(function, ast.Attribute):
            return None
        receivers = self.inference.values(module, function.value)
        if not receivers:
            return None
        if self.kind == "function":
            return (
                [Callee(named[0], False)]
                if all(isinstance(each, ModuleValue) for each in receivers)
                else None
            )
        return self._of_receivers(receivers, named)

    def _is_bound_to_it(self, module: Module, binding: Binding, depth: int = 0) -> bool:
        """Tell whether a name is bound by a definition that changes, or an import of one."""
        if not isinstance(binding.node, ast.alias):
            return binding.node in self.definitions.by_node
        found = self.inference.project.imported(module, binding)
        return (
            isinstance(found, Exported)
            and depth < _LONGEST_CHAIN
            and all(self._is_bound_to_it(found.module, each, depth + 1) for each in found.bindings)
        )

    def may_inherit(self, module: Module, receiver: ast.expr) -> bool:
        """Tell whether a receiver is of a class below the constructor's, or of one that is not known."""
        for value in self.inference.values(module, receiver):
            if isinstance(value, Unknown):
                return True
            definition = value.of if isinstance(value, Instance) else getattr(value, "definition", None)
            if isinstance(definition, ClassDefinition):
                bases = self.inference.hierarchy.ancestry(definition)
                if self._owner_keys & {each.key for each in bases.classes}:
                    return True
        return False

    def _of_receivers(self, receivers: Sequence[Value], named: Sequence[Definition]) -> list[Callee] | None:
        found = []
        for value in receivers:
            if not isinstance(value, Instance | ClassValue | Super):
                return None
            owner = value.of if isinstance(value, Instance) else value.definition
            if not isinstance(owner, ClassDefinition):
                return None
            bases = self.inference.hierarchy.ancestry(owner).classes
            provider = next(
                (
                    each
                    for base in (bases[1:] if isinstance(value, Super) else bases)
                    for each in named
                    if each.function.owner == base
                ),
                None,
            )
            if provider is None:
                return None
            found.append(Callee(provider, self._takes_receiver(provider.function, value)))
        return found

    def _of_value(self, value: Value) -> list[Callee] | Doubt | None:
        if isinstance(value, FunctionValue):
            definition = self.definitions.by_node.get(value.definition.node)
            if definition is None:
                return self._of_unchanged(value.definition)
            return [Callee(definition, self._takes_receiver(definition.function, value.receiver))]
        if isinstance(value, ClassValue) and self.kind == "constructor":
            return self._of_class(value.definition)
        if isinstance(value, Instance) and isinstance(value.of, ClassDefinition) and self.name == "__call__":
            return self._members(value.of, "__call__")
        if isinstance(value, Unknown):
            return Doubt(value.reason)
        if isinstance(value, Instance) and value.of in ("typing.Callable", "functools.partial"):
            return Doubt(f"it is a {str(value.of).rpartition('.')[2]}")
        return None

    def _of_unchanged(self, function: FunctionDefinition) -> Doubt | None:
        """Tell apart other functions and those of the family that could not be changed."""
        if function.node.name != self.name or function.owner is None or self.kind != "method":
            return None
        if function.owner.key in (self.definitions.family.keys if self.definitions.family else ()):
            return Doubt(f"{function.qualified} stays as it is")
        return None

    def _of_class(self, definition: ClassDefinition) -> list[Callee] | Doubt | None:
        found = self._members(definition, self.name)
        if found is None:
            return None
        other = "__new__" if self.name == "__init__" else "__init__"
        provider = self.inference.hierarchy.provider(definition, other)
        if provider is not None:
            return Doubt(f"{provider.qualified}.{other} gets the same arguments")
        maker = self._maker(definition)
        return (
            found if maker is None else Doubt(f"the metaclass {maker.qualified} decides what the call does")
        )

    def _maker(self, definition: ClassDefinition) -> ClassDefinition | None:
        """Return the metaclass that has a `__call__` of its own."""
        for each in self.inference.hierarchy.ancestry(definition).classes:
            for keyword in each.node.keywords:
                if keyword.arg == "metaclass":
                    for value in self.inference.values(each.module, keyword.value):
                        if isinstance(value, ClassValue):
                            return self.inference.hierarchy.provider(value.definition, "__call__")
        return None

    def _members(self, definition: ClassDefinition, name: str) -> list[Callee] | None:
        owner = self.inference.hierarchy.provider(definition, name)
        if owner is None or owner.key not in self._owner_keys:
            return None
        nodes = [each.node for each in owner.scope.bindings.get(name, ())]
        found = [self.definitions.by_node[node] for node in nodes if node in self.definitions.by_node]
        return [Callee(each, False) for each in found] or None

    def _takes_receiver(
        self, function: FunctionDefinition, receiver: ClassValue | Instance | Super | None
    ) -> bool:
        """Tell whether a call writes the first argument itself: `Class.method(self)`, `super().__new__(cls)`."""
        if function.owner is None or is_static(function):
            return False
        if function.node.name == "__new__":
            return True
        if is_of_class(function):
            return False
        return receiver is None or isinstance(receiver, ClassValue)


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:37]}..."
