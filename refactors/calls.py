"""What a call gives: an instance of the class, or the function's declared or returned values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overhaul.refactors.containers import method_result
from overhaul.refactors.external_calls import external_result
from overhaul.refactors.functional_classes import made_class
from overhaul.refactors.results import function_result
from overhaul.refactors.values import (
    BuiltinMethod,
    ClassDefinition,
    ClassValue,
    External,
    FunctionValue,
    Instance,
    Unknown,
    Value,
    Values,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module


def call_values(
    inference: Inference, function: Value, module: Module | None = None, node: ast.Call | None = None
) -> Values:
    """Return what calling a value gives; `node` is the call, if there is one in the code."""
    if module is not None and node is not None and isinstance(function, ClassValue | External):
        made = made_class(inference, module, node, function)
        if made is not None:
            return (ClassValue(made),)
    if isinstance(function, ClassValue):
        return union((Instance(function.definition),), *_made_instead(inference, function))
    if isinstance(function, FunctionValue):
        return function_result(inference, function)
    if isinstance(function, External):
        return external_result(inference, function.name, module, node)
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
