"""Decorators of the tree whose wrapper hands every argument on as it is: calls then reach the function unchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.decorators import keeps_function
from overhaul.refactors.function_blocks import own_nodes
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.values import FunctionDefinition, FunctionValue

_BUILTIN = frozenset({"staticmethod", "classmethod"})


def hands_on_everything(inference: Inference, module: Module, decorator: ast.expr) -> bool:
    """Tell whether the decorated function gets exactly the arguments that callers write."""
    if isinstance(decorator, ast.Name) and decorator.id in _BUILTIN:
        return True
    if keeps_function(inference, module, decorator):
        return True
    is_factory = isinstance(decorator, ast.Call)
    values = inference.values(module, decorator.func if isinstance(decorator, ast.Call) else decorator)
    return bool(values) and all(
        isinstance(value, FunctionValue)
        and value.receiver is None
        and _forwards(value.definition, is_factory)
        for value in values
    )


def _forwards(definition: FunctionDefinition, is_factory: bool) -> bool:
    node = definition.node
    if not is_factory:
        return _returns_forwarder(node)
    inner = _returned_function(node)
    return inner is not None and _returns_forwarder(inner)


def _returned_function(node: FunctionNode) -> FunctionNode | None:
    """Return the function of its own body that a function always returns."""
    returned = [each.value for each in own_nodes(node) if isinstance(each, ast.Return)]
    own = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    names = {each.id if isinstance(each, ast.Name) else "" for each in returned}
    return own.get(names.pop()) if len(names) == 1 else None


def _returns_forwarder(decorator: FunctionNode) -> bool:
    """Tell whether a decorator returns `def wrapper(*args, **kwargs)` that uses both only to call the function."""
    parameters = [*decorator.args.posonlyargs, *decorator.args.args]
    wrapper = _returned_function(decorator)
    if len(parameters) != 1 or wrapper is None:
        return False
    arguments = wrapper.args
    if arguments.vararg is None or arguments.kwarg is None or arguments.kwonlyargs or arguments.defaults:
        return False
    first = [each.arg for each in [*arguments.posonlyargs, *arguments.args]]
    if len(first) > 1:  # `self` alone may be named
        return False
    names = {arguments.vararg.arg, arguments.kwarg.arg}
    calls = [
        each
        for each in ast.walk(wrapper)
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Name)
        and each.func.id == parameters[0].arg
    ]
    handed_on = {id(name) for call in calls for name in _star_names(call, first, names)}
    used = [each for each in ast.walk(wrapper) if isinstance(each, ast.Name) and each.id in names]
    return bool(calls) and all(id(each) in handed_on for each in used) and len(handed_on) == 2 * len(calls)


def _star_names(call: ast.Call, first: list[str], names: set[str]) -> Iterator[ast.Name]:
    """Yield the two names of `f(*args, **kwargs)`, or `f(self, *args, **kwargs)`, if the call is just that."""
    if len(call.args) != len(first) + 1 or len(call.keywords) != 1 or call.keywords[0].arg is not None:
        return
    leading, star, mapping = call.args[:-1], call.args[-1], call.keywords[0].value
    if [each.id if isinstance(each, ast.Name) else "" for each in leading] != first:
        return
    value = star.value if isinstance(star, ast.Starred) else None
    if isinstance(value, ast.Name) and isinstance(mapping, ast.Name) and {value.id, mapping.id} == names:
        yield from (value, mapping)
