"""The function that is named, as what it is: a function, a method, a constructor; and what is refused."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import filterfalse
from typing import Literal

from overhaul.refactors.annotations import last_name
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.symbols.target import (
    ExternalTarget,
    MemberTarget,
    ModuleTarget,
    Target,
    VariableTarget,
)
from overhaul.refactors.values import ClassDefinition, FunctionDefinition

CONSTRUCTORS = frozenset({"__init__", "__new__"})
_PROPERTIES = frozenset({"property", "cached_property", "setter", "getter", "deleter", "abstractproperty"})
_DATA_CLASSES = frozenset({"dataclass", "define", "frozen", "mutable", "s", "attrs", "attrib"})


@dataclass(frozen=True, slots=True)
class Function:
    """The named function: `named` its definitions under this name in its scope, the implementation first."""

    kind: Literal["function", "method", "constructor"]
    target: VariableTarget | MemberTarget
    named: tuple[FunctionDefinition, ...]
    owner: ClassDefinition | None
    name: str

    @property
    def primary(self) -> FunctionDefinition:
        return self.named[0]

    @property
    def symbol(self) -> str:
        return self.target.symbol


def function_of(inference: Inference, target: Target) -> Function:
    """Return the function that a target is. Raises ParameterError for what has no parameters to change."""
    if isinstance(target, ExternalTarget):
        raise ParameterError(
            f"'{target.symbol}' is defined outside the tree, so its signature cannot be changed here."
            " To change its calls, use replace-call"
        )
    if isinstance(target, ModuleTarget):
        raise ParameterError(f"'{target.symbol}' is a module. Name a function, a method or a class")
    if isinstance(target, VariableTarget):
        module, bindings = target.module, target.scope.bindings[target.name]
    elif isinstance(target, MemberTarget):
        module, bindings = target.definition.module, target.definition.scope.bindings.get(target.name, [])
    else:
        raise ParameterError(f"'{target.symbol}' is a parameter. Name its function")
    classes = [each.node for each in bindings if isinstance(each.node, ast.ClassDef)]
    if classes:
        return _constructor(inference, target, inference.project.class_definition(module, classes[-1]))
    functions = [
        inference.project.function_definition(module, each.node)
        for each in bindings
        if isinstance(each.node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    if not functions:
        raise ParameterError(
            f"'{target.symbol}' is no function or class that is defined with 'def' or 'class' in {module.path}."
            " Name the function itself"
        )
    return _function(inference, target, functions)


def _function(
    inference: Inference, target: VariableTarget | MemberTarget, functions: Sequence[FunctionDefinition]
) -> Function:
    name, owner = functions[0].node.name, functions[0].owner
    for function in functions:
        decorators = {
            last_name(each.func if isinstance(each, ast.Call) else each) for each in _decorators(function)
        }
        if decorators & _PROPERTIES:
            raise ParameterError(f"'{target.symbol}' is a property: nothing calls it with arguments")
        if decorators & {"singledispatch", "singledispatchmethod"}:
            raise ParameterError(
                f"'{target.symbol}' chooses among registered functions by its first argument; change those one by one"
            )
    if owner is not None and name.startswith("__") and name.endswith("__"):
        if name in CONSTRUCTORS:
            class_target = _class_target(inference, target.symbol, owner)
            return _constructor(inference, class_target, owner, name)
        if name != "__call__":
            raise ParameterError(
                f"'{target.symbol}' is called by Python itself, with arguments that it decides"
            )
    # The last definition is the one in force; overloads only describe it.
    ordered = [*filterfalse(is_overload, functions[::-1]), *filter(is_overload, functions)]
    return Function("method" if owner is not None else "function", target, tuple(ordered), owner, name)


def _class_target(inference: Inference, symbol: str, owner: ClassDefinition) -> VariableTarget | MemberTarget:
    """Return a class as a target, for its constructor as one."""
    scope = owner.scope.parent
    while scope is not None and scope.kind == "type parameters":
        scope = scope.parent
    if scope is not None and isinstance(scope.node, ast.ClassDef):
        return MemberTarget(inference.project.class_definition(owner.module, scope.node), owner.name, symbol)
    return VariableTarget(owner.module, scope or owner.module.scope, owner.name, symbol)


def _constructor(
    inference: Inference,
    target: VariableTarget | MemberTarget,
    definition: ClassDefinition,
    wanted: str | None = None,
) -> Function:
    own = [
        inference.project.function_definition(definition.module, each.node)
        for name in ([wanted] if wanted else ["__init__", "__new__"])
        for each in definition.scope.bindings.get(name, ())
        if isinstance(each.node, ast.FunctionDef)
    ]
    both = {name for name in CONSTRUCTORS if name in definition.scope.bindings}
    if not own:
        raise ParameterError(_without_constructor(inference, definition))
    if len(both) == 2:
        raise ParameterError(
            f"'{definition.qualified}' has both __new__ and __init__, which get the same arguments;"
            " change-signature changes one function at a time and would break the other"
        )
    if any(name.startswith("enum.") for name in inference.hierarchy.ancestry(definition).external):
        raise ParameterError(
            f"'{definition.qualified}' is an enumeration: its members' values are the arguments. Change those"
        )
    ordered = [*filterfalse(is_overload, own[::-1]), *filter(is_overload, own)]
    return Function("constructor", target, tuple(ordered), definition, own[0].node.name)


def _without_constructor(inference: Inference, definition: ClassDefinition) -> str:
    message = f"the class '{definition.qualified}' has no constructor of its own"
    for name in ("__init__", "__new__"):
        owner = inference.hierarchy.provider(definition, name)
        if owner is not None:
            return f"{message}: it inherits {owner.qualified}.{name}. Name that class"
    decorators = {
        last_name(each.func if isinstance(each, ast.Call) else each)
        for each in definition.node.decorator_list
    }
    if decorators & _DATA_CLASSES:
        return f"{message}: its decorator makes one of its fields. Change the fields"
    return f"{message} in the tree"


def is_overload(function: FunctionDefinition) -> bool:
    """Tell whether a definition is decorated with `typing.overload`."""
    return any(last_name(each) == "overload" for each in _decorators(function))


def _decorators(function: FunctionDefinition) -> list[ast.expr]:
    return function.node.decorator_list


def receiver_of(function: FunctionDefinition) -> ast.arg | None:
    """Return the `self` or `cls` of a method; None for a function, a static method or a method with `*args` only."""
    if function.owner is None or is_static(function):
        return None
    arguments = function.node.args
    return next(iter([*arguments.posonlyargs, *arguments.args]), None)


def is_static(function: FunctionDefinition) -> bool:
    return any(last_name(each) == "staticmethod" for each in _decorators(function))


def is_of_class(function: FunctionDefinition) -> bool:
    """Tell whether a method gets the class also when it is taken from the class."""
    return any(last_name(each) == "classmethod" for each in _decorators(function))
