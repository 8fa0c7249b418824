"""What a function gives: what it is declared to return, or what it is seen to return or yield."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overhaul.refactors.annotations import decorator_names, last_name
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.function_blocks import is_generator, returned_expressions, yielded_expressions
from overhaul.refactors.values import (
    ClassDefinition,
    FunctionDefinition,
    FunctionValue,
    Instance,
    Super,
    Values,
    builtin,
    class_of,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.scopes import FunctionNode


_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


def function_result(inference: Inference, function: FunctionValue) -> Values:
    definition = function.definition
    own = _own_class(function)
    result = inference.guarded(
        ("result", definition.node, own), lambda: declared_or_returned(inference, definition, own)
    )
    if decorator_names(definition.node) & _MANAGERS:
        return (Instance("contextlib.AbstractContextManager", (result,)),)
    if isinstance(definition.node, ast.AsyncFunctionDef) and not is_generator(definition.node):
        return (Instance("typing.Coroutine", (result,)),)
    if definition.node.returns is None:
        return union(result, *_overriding_results(inference, function))
    return result


def _overriding_results(inference: Inference, function: FunctionValue) -> Iterator[Values]:
    """Yield what the overrides in subclasses give: an instance may be of one, and nothing declares the result."""
    receiver, name = function.receiver, function.definition.node.name
    own = class_of(receiver)
    if own is None or isinstance(receiver, Super) or name.startswith("__"):
        return
    for each in inference.hierarchy.descendants(own):
        for binding in each.scope.bindings.get(name, ()):
            if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
                definition = inference.project.function_definition(each.module, binding.node)
                yield inference.guarded(
                    ("result", definition.node, each),
                    lambda found=definition, own=each: declared_or_returned(inference, found, own),  # type: ignore[misc]
                )


def _own_class(function: FunctionValue) -> ClassDefinition | None:
    return class_of(function.receiver) or function.definition.owner


def declared_or_returned(
    inference: Inference, definition: FunctionDefinition, own: ClassDefinition | None
) -> Values:
    node, module = definition.node, definition.module
    if node.returns is not None:
        declared = _bound_to_receiver(node, own) or declared_values(inference, module, node.returns, own)
        if is_generator(node) and declared and isinstance(declared[0], Instance) and declared[0].arguments:
            is_manager = bool(decorator_names(node) & _MANAGERS)
            return declared[0].arguments[0] if is_manager else declared
        return declared
    comment = signature_comment(definition)
    if comment:
        return declared_values(inference, module, comment[-1], definition.owner)
    if is_generator(node):
        yielded = union(*(inference.values(module, each) for each in yielded_expressions(node)))
        is_manager = bool(decorator_names(node) & _MANAGERS)
        return yielded if is_manager else builtin("generator", yielded)
    return union(*(_returned(inference, definition, each, own) for each in returned_expressions(node)))


def _bound_to_receiver(node: FunctionNode, own: ClassDefinition | None) -> Values:
    """Read `def copy(self: T) -> T` and `def make(cls: type[T]) -> T`, Self as it was written before 3.11."""
    positional = [*node.args.posonlyargs, *node.args.args]
    if (
        own is None
        or not positional
        or positional[0].annotation is None
        or not isinstance(node.returns, ast.Name)
    ):
        return ()
    first = positional[0].annotation
    name = last_name(first.slice) if isinstance(first, ast.Subscript) else last_name(first)
    return (Instance(own),) if name == node.returns.id else ()


def _returned(
    inference: Inference, definition: FunctionDefinition, value: ast.expr, own: ClassDefinition | None
) -> Values:
    """Return a returned expression's values; `self` is of the receiver's class."""
    found = inference.values(definition.module, value)
    owner = definition.owner
    if own is None or owner is None:
        return found
    return tuple(Instance(own) if isinstance(each, Instance) and each.of == owner else each for each in found)


def signature_comment(definition: FunctionDefinition) -> list[ast.expr]:
    """Return the types of `# type: (int) -> User` on the line below or beside the def; the result's is the last."""
    node, module = definition.node, definition.module
    if not module.bindings.comment_scopes:
        return []
    first = node.body[0].lineno
    lines = [each for each in module.bindings.comment_scopes if node.lineno <= each.lineno < first]  # type: ignore[attr-defined]
    return [each for each in lines if isinstance(each, ast.expr)]
