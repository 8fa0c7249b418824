"""What a call gives: an instance of the class, or the function's declared or returned values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overhaul.refactors.assignments import iterated_values
from overhaul.refactors.containers import method_result
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.modules import Location
from overhaul.refactors.results import function_result
from overhaul.refactors.standard_library import gives_own_objects, is_class
from overhaul.refactors.values import (
    BuiltinMethod,
    ClassDefinition,
    ClassValue,
    External,
    FunctionValue,
    Instance,
    ModuleValue,
    Unknown,
    Value,
    Values,
    builtin,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module

_SAME_ELEMENTS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter"})
_TAKES_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


def call_values(
    inference: Inference, function: Value, module: Module | None = None, node: ast.Call | None = None
) -> Values:
    """Return what calling a value gives; `node` is the call, if there is one in the code."""
    if isinstance(function, ClassValue):
        return union((Instance(function.definition),), *_made_instead(inference, function))
    if isinstance(function, FunctionValue):
        return function_result(inference, function)
    if isinstance(function, External):
        return _external_result(inference, function.name, module, node)
    if isinstance(function, BuiltinMethod):
        return method_result(function)
    if isinstance(function, Instance):
        if function.of == "functools.partial" and function.arguments:
            return union(*(call_values(inference, each) for each in function.arguments[0]))
        if function.of == "typing.Callable" and function.arguments:
            return function.arguments[0]
        if isinstance(function.of, ClassDefinition):
            return union(
                *(
                    inference.result(each)
                    if isinstance(each, FunctionValue)
                    else (Unknown("the result of a call"),)
                    for each in inference.member_values(function, "__call__")
                )
            )
    return (function if isinstance(function, Unknown) else Unknown("the result of a call"),)


def _made_instead(inference: Inference, made: ClassValue) -> Iterator[Values]:
    """Yield the objects of other classes that `__new__`, or a metaclass's `__call__`, is seen to give back."""
    hierarchy = inference.hierarchy
    metaclasses = [
        value
        for each in hierarchy.ancestry(made.definition).classes
        for keyword in each.node.keywords
        if keyword.arg == "metaclass"
        for value in inference.values(each.module, keyword.value)
    ]
    makers = [(made, "__new__"), *((value, "__call__") for value in metaclasses)]
    for owner, name in makers:
        if isinstance(owner, ClassValue) and hierarchy.provider(owner.definition, name) is not None:
            for method in inference.member_values(owner, name):
                results = call_values(inference, method) if isinstance(method, FunctionValue) else ()
                yield tuple(
                    each
                    for each in results
                    if isinstance(each, Instance) and isinstance(each.of, ClassDefinition)
                )


def _external_result(inference: Inference, name: str, module: Module | None, node: ast.Call | None) -> Values:
    short = name.rpartition(".")[2]
    arguments = [inference.values(module, each) for each in node.args] if module and node else []
    if module and node and short == "cast" and name.startswith("typing") and node.args:
        return declared_values(inference, module, node.args[0])
    if name == "importlib.import_module" and module and node:
        return _imported_module(inference, module, node)
    if name == "builtins.enumerate" and arguments:
        item: Values = (
            Instance("builtins.tuple", (builtin("int"), iterated_values(inference, arguments[0]))),
        )
        return builtin("list", item)
    if name == "builtins.zip":
        item = (Instance("builtins.tuple", tuple(iterated_values(inference, each) for each in arguments)),)
        return builtin("list", item)
    if name.startswith("builtins.") and short in _SAME_ELEMENTS:
        taken = arguments[-1:]
        return (
            builtin("list", *(iterated_values(inference, each) for each in taken))
            if taken
            else builtin(short)
        )
    if name == "builtins.next" and arguments:
        return iterated_values(inference, arguments[0])
    if name == "functools.partial" and arguments:
        return (Instance(name, (arguments[0],)),)
    if name in ("copy.copy", "copy.deepcopy", "dataclasses.replace") and arguments:
        return arguments[0]
    if gives_own_objects(name) or is_class(name):
        return (Instance(name),)
    # By convention a capital letter is a class; a lower-case function outside the tree may give back anything.
    if short[:1].isupper():
        return (Instance(name),)
    return (Unknown(f"the result of {name}, which is outside the tree"),)


def _imported_module(inference: Inference, module: Module, node: ast.Call) -> Values:
    if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
        found = inference.project.absolute(module, node.args[0].value)
        if isinstance(found, Location):
            return (ModuleValue(found),)
        if found:
            return (External(found),)
    return (Unknown("a module imported by a computed name"),)
