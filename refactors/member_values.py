"""What an attribute of a value may be: of a module, of a class and its bases, of an instance."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from overhaul.refactors.annotations import last_name
from overhaul.refactors.assignments import assigned_values, is_declared
from overhaul.refactors.calls import call_values
from overhaul.refactors.containers import is_container_method
from overhaul.refactors.scopes import Binding
from overhaul.refactors.values import (
    BuiltinMethod,
    ClassDefinition,
    ClassValue,
    External,
    FunctionValue,
    Instance,
    ModuleValue,
    Super,
    Unknown,
    Value,
    Values,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference

_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty", "setter", "getter", "deleter"})


def member_values(inference: Inference, value: object, name: str) -> Values:
    """Return what an attribute of a value may be."""
    if isinstance(value, ModuleValue):
        found = inference.project.member(value.location, name)
        return inference.exported_values(found) if found else (Unknown(f"the module has no '{name}'"),)
    if isinstance(value, External):
        return (External(f"{value.name}.{name}"),)
    if isinstance(value, Instance | ClassValue | Super):
        return _class_member(inference, value, name)
    if isinstance(value, Unknown):
        return (value,)
    return (Unknown("an attribute of a function"),)


def _class_member(inference: Inference, value: Instance | ClassValue | Super, name: str) -> Values:
    definition = value.of if isinstance(value, Instance) else value.definition
    if isinstance(definition, str):
        if isinstance(value, Instance) and is_container_method(value, name):
            return (BuiltinMethod(value, name),)
        return (Unknown(f"an attribute of {definition}"),)
    if name == "__class__" and isinstance(value, Instance):
        return (ClassValue(definition),)
    classes = inference.hierarchy.ancestry(definition).classes
    for each in classes[1:] if isinstance(value, Super) else classes:
        found = _own_member(inference, each, name, value)
        if found and not isinstance(value, Super) and _is_assigned(inference, each, name):
            return union(found, inference.outside_stores.of_class(definition, each, name))
        if found:
            return found
    return (Unknown(f"'{definition.name}' defines no '{name}' that can be read"),)


def _own_member(
    inference: Inference, owner: ClassDefinition, name: str, value: Instance | ClassValue | Super
) -> Values:
    bindings = owner.scope.bindings.get(name, [])
    are_assigned = all(isinstance(binding.node, ast.Name) for binding in bindings)
    if bindings and are_assigned and not isinstance(value, Super) and is_enumeration(inference, owner):
        return (Instance(owner),)
    stores = list(inference.hierarchy.instance_stores(owner, name))
    declared = [binding for binding in bindings if is_declared(owner.module, binding.node)]
    declared_stores = [store for store in stores if is_declared(owner.module, store)]
    if declared or declared_stores:  # a declared type holds for every assignment
        bindings, stores = declared, declared_stores
    of_class = [_bound_member(inference, owner, binding, value) for binding in bindings]
    return union(*of_class, *(_stored(inference, owner, store) for store in stores))


def _is_assigned(inference: Inference, owner: ClassDefinition, name: str) -> bool:
    """Tell whether an attribute is a variable without a declared type, which other code may set as well."""
    nodes = [binding.node for binding in owner.scope.bindings.get(name, ())]
    nodes += inference.hierarchy.instance_stores(owner, name)
    is_variable = all(isinstance(node, ast.Name | ast.Attribute) for node in nodes)
    declared = any(is_declared(owner.module, node) for node in nodes)
    return is_variable and not declared and not is_enumeration(inference, owner)


def _stored(inference: Inference, owner: ClassDefinition, store: ast.Attribute) -> Values:
    return inference.guarded(store, lambda: assigned_values(inference, owner.module, store))


def _bound_member(
    inference: Inference, owner: ClassDefinition, binding: Binding, value: Instance | ClassValue | Super
) -> Values:
    node = binding.node
    if isinstance(node, ast.FunctionDef) and is_property(node) and not isinstance(value, ClassValue):
        method = inference.project.function_definition(owner.module, node)
        return call_values(inference, FunctionValue(method, value))
    found = tuple(
        FunctionValue(each.definition, value) if isinstance(each, FunctionValue) else each
        for each in inference.binding_values(owner.module, binding)
    )
    return union(*(_described(inference, each) for each in found))


def _described(inference: Inference, value: Value) -> Values:
    """Return what reading a class's attribute gives: the result of `__get__` for a descriptor."""
    if not isinstance(value, Instance) or not isinstance(value.of, ClassDefinition):
        return (value,)
    if inference.hierarchy.provider(value.of, "__get__") is None:
        return (value,)
    return union(*(inference.call_value(each) for each in member_values(inference, value, "__get__")))


def is_enumeration(inference: Inference, owner: ClassDefinition) -> bool:
    return any(name.startswith("enum.") for name in inference.hierarchy.ancestry(owner).external)


def is_property(node: ast.AST) -> bool:
    """Tell whether a function of a class's block is read like an attribute."""
    return isinstance(node, ast.FunctionDef) and any(
        last_name(each) in _PROPERTIES for each in node.decorator_list
    )
