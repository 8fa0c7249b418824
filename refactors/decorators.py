"""What decorators of the tree do: keep the function, replace it, or hand it its first arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from overhaul.refactors.annotations import last_name
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.function_blocks import returned_expressions
from overhaul.refactors.values import (
    ClassValue,
    External,
    FunctionDefinition,
    FunctionValue,
    Unknown,
    Values,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module
    from overhaul.refactors.scopes import FunctionNode

# What these do to a function they do to a method as well.
NEUTRAL_DECORATORS = frozenset(
    {
        "functools.cache",
        "functools.lru_cache",
        "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
        "typing.no_type_check",
        "warnings.deprecated",
        "typing_extensions.deprecated",
    }
)


TRANSPARENT_DECORATORS = frozenset({
    "abc.abstractmethod", "builtins.staticmethod", "builtins.classmethod", "builtins.property", "typing.final",
    "typing.overload", "typing.override", "typing_extensions.override", "typing_extensions.overload",
    "functools.cache", "functools.lru_cache", "functools.wraps", "functools.cached_property", "typing.no_type_check",
    "contextlib.contextmanager", "contextlib.asynccontextmanager", "pytest.fixture", "types.coroutine",
    "abc.abstractproperty", "functools.singledispatch", "functools.singledispatchmethod", "warnings.deprecated",
    "typing_extensions.deprecated", "enum.property", "atexit.register", "typing_extensions.final",
})  # fmt: skip


def function_values(
    inference: Inference, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> Values:
    """Return what a def statement binds its name to."""
    strange = unknown_decorator(inference, module, node)
    if strange is not None:
        replaced = _replaced_values(inference, module, node.decorator_list)
        if replaced:
            return replaced
        return (Unknown(f"'{node.name}' is decorated by {strange}, which may replace it"),)
    return (FunctionValue(inference.project.function_definition(module, node)),)


def unknown_decorator(
    inference: Inference, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> str | None:
    """Return the text of a decorator that may replace the function by something else."""
    for decorator in node.decorator_list:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(function, ast.Attribute) and function.attr in (
            "setter",
            "getter",
            "deleter",
            "register",
        ):
            continue
        names = [value.name for value in inference.values(module, function) if isinstance(value, External)]
        if (not names or not set(names) <= TRANSPARENT_DECORATORS) and not keeps_function(
            inference, module, decorator
        ):
            return ast.unparse(function)
    return None


def replaced_classes(inference: Inference, module: Module, node: ast.ClassDef) -> Iterable[Values]:
    """Yield the classes that decorators are seen to give back in a class's place."""
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            found = union(*(inference.call_value(value) for value in inference.values(module, decorator)))
            yield tuple(value for value in found if isinstance(value, ClassValue))


def keeps_function(inference: Inference, module: Module, decorator: ast.expr) -> bool:
    """Tell whether a decorator is a function of the tree that gives back the function it gets."""
    is_factory = isinstance(decorator, ast.Call)
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    values = inference.values(module, function)
    return bool(values) and all(
        isinstance(value, FunctionValue) and _keeps(value.definition, is_factory) for value in values
    )


def _keeps(definition: FunctionDefinition, is_factory: bool) -> bool:
    node = definition.node
    if is_factory:
        if _is_same_callable(node.returns):
            return True
        inner = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        returned = {last_name(each) for each in returned_expressions(node)}
        return any(each.name in returned and _gives_back_first(each) for each in inner) and len(returned) == 1
    return _gives_back_first(node)


def _is_same_callable(annotation: ast.expr | None) -> bool:
    """Tell whether a type is `Callable[[F], F]`."""
    if not isinstance(annotation, ast.Subscript) or last_name(annotation.value) != "Callable":
        return False
    inner = annotation.slice
    if not isinstance(inner, ast.Tuple) or len(inner.elts) != 2 or not isinstance(inner.elts[0], ast.List):
        return False
    first = inner.elts[0].elts
    return len(first) == 1 and isinstance(first[0], ast.Name) and last_name(inner.elts[1]) == first[0].id


def _gives_back_first(node: FunctionNode) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args]
    if not arguments:
        return False
    first = arguments[0]
    if isinstance(first.annotation, ast.Name) and last_name(node.returns) == first.annotation.id:
        return True
    returned = returned_expressions(node)
    return bool(returned) and all(isinstance(each, ast.Name) and each.id == first.arg for each in returned)


def _replaced_values(inference: Inference, module: Module, decorators: list[ast.expr]) -> Values:
    """Return what the outermost decorator declares to give instead of the function."""
    outermost = decorators[0]
    values = inference.values(module, outermost)
    found = union(*(inference.call_value(value) for value in values))
    return tuple(value for value in found if not isinstance(value, Unknown)) if found else ()


def handed_values(inference: Inference, module: Module, function: FunctionNode, parameter: ast.arg) -> Values:
    """Return what a decorator hands over: `def pass_context(f: Callable[Concatenate[Context, P], R])`."""
    positional = [*function.args.posonlyargs, *function.args.args]
    if parameter not in positional:
        return ()
    index = positional.index(parameter)
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call):
            continue
        for value in inference.values(module, decorator):
            if isinstance(value, FunctionValue):
                given = _handed(inference, value.definition, index)
                if given:
                    return given
    return ()


def _handed(inference: Inference, definition: FunctionDefinition, index: int) -> Values:
    arguments = definition.node.args.args
    annotation = arguments[0].annotation if arguments else None
    if isinstance(annotation, ast.Constant):
        annotation = definition.module.bindings.string_expressions.get(annotation)
    if not isinstance(annotation, ast.Subscript) or last_name(annotation.value) != "Callable":
        return ()
    inner = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
    if isinstance(inner, ast.Subscript) and last_name(inner.value) == "Concatenate":
        kinds = inner.slice.elts[:-1] if isinstance(inner.slice, ast.Tuple) else []
    else:
        kinds = inner.elts if isinstance(inner, ast.List) else []
    return declared_values(inference, definition.module, kinds[index]) if index < len(kinds) else ()
