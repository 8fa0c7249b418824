"""What a parameter may be: the receiver, what it is annotated with, a pytest fixture."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from overhaul.refactors.annotations import decorator_names
from overhaul.refactors.assignments import iterated_values
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.decorators import handed_values
from overhaul.refactors.fixtures import fixtures_of, parametrised_values
from overhaul.refactors.function_blocks import is_generator, yielded_expressions
from overhaul.refactors.results import (
    declared_or_returned,
    signature_comment,
)
from overhaul.refactors.scopes import all_arguments
from overhaul.refactors.values import (
    ClassValue,
    FunctionDefinition,
    Instance,
    Unknown,
    Values,
    builtin,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module

_SAME_ELEMENTS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter"})
_TAKES_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


def parameter_values(inference: Inference, module: Module, node: ast.arg) -> Values:
    """Return what a parameter may be: `self`, its annotation, or the pytest fixture of its name."""
    function = module.bindings.parents[node]
    if isinstance(function, ast.Lambda):
        return (Unknown(f"parameter '{node.arg}' of a lambda"),)
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return (Unknown(f"parameter '{node.arg}'"),)
    if node is function.args.vararg or node is function.args.kwarg:
        declared = declared_values(inference, module, node.annotation) if node.annotation else ()
        elements: Values = declared or (Unknown(f"an element of '{node.arg}'"),)
        return (
            builtin("tuple", elements)
            if node is function.args.vararg
            else builtin("dict", builtin("str"), elements)
        )
    definition = inference.project.function_definition(module, function)
    receiver = _receiver(definition, node)
    if receiver is not None:
        return receiver
    if node.annotation is not None:
        return declared_values(inference, module, node.annotation, definition.owner)
    commented = _commented(definition, node)
    if commented is not None:
        return declared_values(inference, module, commented, definition.owner)
    fixtures = fixtures_of(inference, module, function, node.arg)
    if fixtures:
        return union(*(_fixture_result(inference, fixture) for fixture in fixtures))
    parametrised = parametrised_values(inference, module, function, node.arg)
    if parametrised:
        return parametrised
    inherited = _overridden(inference, definition, node)
    if inherited:
        return inherited
    given = handed_values(inference, module, function, node)
    if given:
        return given
    return (Unknown(f"parameter '{node.arg}' has no annotation"),)


def _commented(definition: FunctionDefinition, node: ast.arg) -> ast.expr | None:
    """Return the type that a comment of the signature gives a parameter; a method's may leave the receiver out."""
    function = definition.node.args
    types, positional = signature_comment(definition)[:-1], [*function.posonlyargs, *function.args]
    missing = len(all_arguments(function)) - len(types)
    if node not in positional or missing not in (0, int(definition.owner is not None)):
        return None
    index = positional.index(node) - missing
    return types[index] if index >= 0 else None


def _receiver(definition: FunctionDefinition, node: ast.arg) -> Values | None:
    function, owner = definition.node, definition.owner
    positional = [*function.args.posonlyargs, *function.args.args]
    if owner is None or not positional or positional[0] is not node:
        return None
    decorators = decorator_names(function)
    if "staticmethod" in decorators:
        return None
    if "classmethod" in decorators or function.name in _TAKES_CLASS:
        return (ClassValue(owner),)
    return (Instance(owner),)


def _overridden(inference: Inference, definition: FunctionDefinition, node: ast.arg) -> Values:
    """Return what the method that this one overrides declares for the parameter of the same name."""
    owner, name = definition.owner, definition.node.name
    if owner is None:
        return ()
    for base in inference.hierarchy.ancestry(owner).classes[1:]:
        for binding in base.scope.bindings.get(name, ()):
            if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
                for argument in all_arguments(binding.node.args):
                    if argument.arg == node.arg and argument.annotation is not None:
                        return declared_values(inference, base.module, argument.annotation, owner)
    return ()


def _fixture_result(inference: Inference, fixture: FunctionDefinition) -> Values:
    node, module = fixture.node, fixture.module
    if not is_generator(node):
        result = declared_or_returned(inference, fixture, fixture.owner)
        return result or (Unknown(f"fixture '{node.name}' returns nothing that can be read"),)
    if node.returns is not None:
        declared = declared_values(inference, module, node.returns)
        return iterated_values(inference, declared)
    return union(*(inference.values(module, each) for each in yielded_expressions(node)))
