"""The definitions of a symbol: which can warn where they stand, and why others cannot."""

from __future__ import annotations

import abc
import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overhaul.refactors.annotations import last_name
from overhaul.refactors.decorators import keeps_function
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.function_blocks import is_generator
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding, FunctionNode
from overhaul.refactors.standard_library import is_standard, standard_object
from overhaul.refactors.symbols.target import MemberTarget, VariableTarget
from overhaul.refactors.values import ClassDefinition, External

# Between the caller and a function with these there is no other frame of Python.
_WITHOUT_FRAME = frozenset({
    "builtins.staticmethod", "builtins.classmethod", "builtins.property", "typing.final", "typing.override",
    "typing.no_type_check", "typing_extensions.final", "typing_extensions.override",
})  # fmt: skip
_ACCESSORS = ("setter", "getter", "deleter")
_WARNINGS = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")


@dataclass(frozen=True, slots=True)
class Warned:
    """A function that is to warn, and the definition whose docstring says so: the function's or its class's."""

    function: FunctionNode
    documented: FunctionNode | ast.ClassDef


def bindings_of(target: VariableTarget | MemberTarget) -> tuple[Module, Sequence[Binding]]:
    """Return what binds the symbol, in its own block."""
    if isinstance(target, VariableTarget):
        return target.module, target.scope.bindings.get(target.name, [])
    return target.definition.module, target.definition.scope.bindings.get(target.name, [])


def is_overload(node: FunctionNode) -> bool:
    return any(last_name(each) == "overload" for each in node.decorator_list)


def is_deprecated(node: FunctionNode | ast.ClassDef) -> bool:
    """Whether a definition warns already: by a statement of its block, or a decorator that says so."""
    if any("deprecat" in _called(each).lower() for each in node.decorator_list):
        return True
    if isinstance(node, ast.ClassDef):
        makers = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        return any(
            each.name in ("__init__", "__new__", "__init_subclass__") and is_deprecated(each)
            for each in makers
        )
    return any(is_deprecation(each) for each in node.body)


def is_deprecation(statement: ast.stmt) -> bool:
    """Whether a statement is a call that warns of a deprecation."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    given = [*call.args, *(each.value for each in call.keywords)]
    return "deprecat" in _called(call).lower() or any(
        last_name(each.func if isinstance(each, ast.Call) else each) in _WARNINGS for each in given
    )


def warned(inference: Inference, module: Module, node: FunctionNode | ast.ClassDef) -> Warned | Doubt:
    """Return the function that warns of a definition's use, or why there is none."""
    if isinstance(node, ast.ClassDef):
        return _constructor(inference, module, node)
    doubt = _function_doubt(inference, module, node)
    return doubt or Warned(node, node)


def _function_doubt(inference: Inference, module: Module, node: FunctionNode) -> Doubt | None:
    for decorator in node.decorator_list:
        doubt = _decorator_doubt(inference, module, node, decorator)
        if doubt is not None:
            return doubt
    if is_generator(node):
        return Doubt(
            "a generator: its body runs when it is iterated, so the warning would come late and name another line"
        )
    owner = inference.project.function_definition(module, node).owner
    if owner is not None and "typing.Protocol" in inference.hierarchy.ancestry(owner).external:
        return Doubt("a protocol's method: its body does not run")
    return None


def _decorator_doubt(
    inference: Inference, module: Module, node: FunctionNode, decorator: ast.expr
) -> Doubt | None:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    if (
        isinstance(function, ast.Attribute)
        and function.attr in _ACCESSORS
        and last_name(function.value) == node.name
    ):
        return None
    values = inference.values(module, function)
    names = {each.name for each in values if isinstance(each, External)}
    if names and len(names) == len(values) and names <= _WITHOUT_FRAME:
        return None
    if "abstract" in (last_name(function) or ""):
        return Doubt("abstract: what overrides it runs in its place")
    if keeps_function(inference, module, decorator):
        return None
    return Doubt(
        f"decorated by {ast.unparse(function)}: the warning would name the line that calls it there, not the user's"
    )


def _constructor(inference: Inference, module: Module, node: ast.ClassDef) -> Warned | Doubt:
    definition = inference.project.class_definition(module, node)
    doubt = _class_doubt(inference, definition)
    if doubt is not None:
        return doubt
    makers = [
        each.node
        for each in definition.scope.bindings.get("__init__", ())
        if not (isinstance(each.node, FunctionNode) and is_overload(each.node))
    ]
    if len(makers) != 1 or not isinstance(makers[0], ast.FunctionDef):
        return Doubt(
            "a class without an __init__ of its own: one that is added may break its subclasses;"
            " -p alias=NEW makes the old name warn instead"
        )
    return _function_doubt(inference, module, makers[0]) or Warned(makers[0], node)


def _class_doubt(inference: Inference, definition: ClassDefinition) -> Doubt | None:
    """Say what may stand between a call of the class and its `__init__`."""
    for decorator in definition.node.decorator_list:
        values = inference.values(definition.module, decorator)
        if not values or not all(
            isinstance(each, External) and each.name in ("typing.final", "functools.total_ordering")
            for each in values
        ):
            return Doubt(
                f"a class decorated by {ast.unparse(decorator)}, which may make or call its __init__"
            )
    ancestry = inference.hierarchy.ancestry(definition)
    unknown = [*ancestry.unknown, *(each for each in ancestry.external if not _is_plain_base(each))]
    if unknown:
        return Doubt(f"its base {unknown[0]} may make instances in a way of its own, as a metaclass does")
    for each in ancestry.classes:
        for keyword in each.node.keywords:
            if keyword.arg == "metaclass" and last_name(keyword.value) != "ABCMeta":
                return Doubt(
                    f"its metaclass {ast.unparse(keyword.value)} may make instances in a way of its own"
                )
    return None


def _is_plain_base(name: str) -> bool:
    found = standard_object(name) if is_standard(name) else None
    return isinstance(found, type) and type(found) in (type, abc.ABCMeta)


def overrides(inference: Inference, target: MemberTarget) -> Iterator[tuple[Module, Binding]]:
    """Yield what binds the member in classes that inherit from its own."""
    for definition in inference.hierarchy.descendants(target.definition):
        for binding in definition.scope.bindings.get(target.name, ()):
            yield definition.module, binding


def _called(node: ast.expr) -> str:
    return last_name(node.func if isinstance(node, ast.Call) else node) or ""
