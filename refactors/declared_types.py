"""What an annotation declares: the values that a variable or result of this type may have."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from overhaul.refactors.values import (
    ClassDefinition,
    ClassValue,
    External,
    Instance,
    Unknown,
    Value,
    Values,
    builtin,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module

_TRANSPARENT = frozenset({"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "InitVar"})
_UNTOLD = frozenset({"Any", "object", "TypeVar", "ParamSpec", "Never", "NoReturn", "AnyStr", "Unpack"})
# The typing module's names of builtin classes; the others keep their own qualified names.
_BUILTIN_NAMES = {"List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple"}


def declared_values(
    inference: Inference, module: Module, annotation: ast.expr, own_class: ClassDefinition | None = None
) -> Values:
    """Return the values of a type; `own_class` is what `Self` means."""
    key = ("declared", annotation, own_class)
    return inference.guarded(key, lambda: _declared(inference, module, annotation, own_class))


def _declared(
    inference: Inference, module: Module, annotation: ast.expr, own_class: ClassDefinition | None
) -> Values:
    if isinstance(annotation, ast.Constant):
        if annotation.value is None:
            return ()
        expression = module.bindings.string_expressions.get(annotation)
        if expression is None:
            return (Unknown(f"annotated {annotation.value!r}, which cannot be read"),)
        return declared_values(inference, module, expression, own_class)
    if isinstance(annotation, ast.BinOp):
        return union(
            declared_values(inference, module, annotation.left, own_class),
            declared_values(inference, module, annotation.right, own_class),
        )
    if isinstance(annotation, ast.Subscript):
        return _subscripted(inference, module, annotation, own_class)
    if isinstance(annotation, ast.Name | ast.Attribute):
        return _named(inference, module, annotation, own_class)
    return (Unknown(f"annotated {ast.unparse(annotation)}"),)


def _named(
    inference: Inference,
    module: Module,
    annotation: ast.Name | ast.Attribute,
    own_class: ClassDefinition | None,
) -> Values:
    alias = _alias(inference, module, annotation)
    if alias is not None:
        return alias
    return union(
        *(_instances(value, annotation, own_class) for value in inference.values(module, annotation))
    )


def _instances(value: Value, annotation: ast.expr, own_class: ClassDefinition | None) -> Values:
    if isinstance(value, ClassValue):
        return (Instance(value.definition),)
    if isinstance(value, External):
        short = value.name.rpartition(".")[2]
        if short == "Self" and own_class is not None:
            return (Instance(own_class),)
        if short in ("type", "Type"):
            return (Unknown("annotated as any class"),)
        if short in _UNTOLD or short == "Self":
            return (Unknown(f"annotated {short}"),)
        return builtin(_BUILTIN_NAMES[short]) if short in _BUILTIN_NAMES else (Instance(value.name),)
    if (
        isinstance(value, Instance)
        and isinstance(value.of, str)
        and value.of in ("typing.TypeVar", "typing.ParamSpec")
    ):
        return (Unknown(f"annotated with the type variable {ast.unparse(annotation)}"),)
    return (value if isinstance(value, Unknown) else Unknown(f"annotated {ast.unparse(annotation)}"),)


def _alias(inference: Inference, module: Module, annotation: ast.Name | ast.Attribute) -> Values | None:
    """Follow `UserOrNone = Optional[User]` and a type variable's bound, in this module."""
    if not isinstance(annotation, ast.Name):
        return None
    owner = module.bindings.scope_of(annotation).lookup(annotation.id, annotation)
    bindings = owner.bindings[annotation.id] if owner is not None else []
    if len(bindings) != 1:
        return None
    node = bindings[0].node
    bound = getattr(node, "bound", None)
    if isinstance(bound, ast.expr):
        return declared_values(inference, module, bound)
    if not isinstance(node, ast.Name):
        return None
    above = module.bindings.parents.get(node)
    value = getattr(above, "value", None)
    if type(above).__name__ == "TypeAlias" and isinstance(
        value, ast.expr
    ):  # `type X = User`, from Python 3.12 on
        return declared_values(inference, module, value)
    if isinstance(value, ast.Subscript | ast.BinOp | ast.Constant):
        return declared_values(inference, module, value)
    if (
        isinstance(value, ast.Call)
        and getattr(value.func, "id", getattr(value.func, "attr", "")) == "TypeVar"
    ):
        bounds = [keyword.value for keyword in value.keywords if keyword.arg == "bound"]
        if bounds:
            return declared_values(inference, module, bounds[0])
        return (Unknown(f"annotated with the type variable {annotation.id}"),)
    return None


def _subscripted(
    inference: Inference, module: Module, annotation: ast.Subscript, own_class: ClassDefinition | None
) -> Values:
    inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]

    def declared(node: ast.expr) -> Values:
        return declared_values(inference, module, node, own_class)

    found: list[Values] = []
    for value in inference.values(module, annotation.value):
        if not isinstance(value, External):
            found.append(_instances(value, annotation.value, own_class))
            continue
        short = value.name.rpartition(".")[2]
        if short in ("Optional", "Union"):
            found.append(union(*map(declared, inner)))
        elif short in _TRANSPARENT:
            found.append(declared(inner[0]))
        elif short in ("Type", "type"):
            found.append(_classes(declared(inner[0])))
        elif short == "Literal":
            found.append(union(*(inference.values(module, each) for each in inner)))
        elif short in ("Callable", "TypeGuard", "TypeIs", "Unpack", "Concatenate"):
            result = declared(inner[-1]) if short == "Callable" else ()
            found.append((Instance("typing.Callable", (result,)),))
        else:
            name = f"builtins.{_BUILTIN_NAMES[short]}" if short in _BUILTIN_NAMES else value.name
            found.append((Instance(name, tuple(map(declared, inner))),))
    return union(*found)


def _classes(instances: Values) -> Values:
    return tuple(
        ClassValue(value.of)
        if isinstance(value, Instance) and isinstance(value.of, ClassDefinition)
        else External(value.of)
        if isinstance(value, Instance) and isinstance(value.of, str)
        else Unknown("a class that cannot be told")
        for value in instances
    )
