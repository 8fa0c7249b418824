"""What else a list, set or dictionary may hold than what it was made with: what its variable's uses put into it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overhaul.refactors.scopes import Scope
from overhaul.refactors.values import Instance, Value, Values, union

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module

_MADE = (ast.List, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.BinOp)
_MAKERS = frozenset({"list", "set", "dict", "sorted"})
_MUTABLE = frozenset({"builtins.list", "builtins.set", "builtins.dict"})
_READERS = frozenset({
    "all", "any", "bool", "dict", "enumerate", "filter", "frozenset", "isinstance", "iter", "len", "list", "map", "max",
    "min", "next", "print", "repr", "reversed", "set", "sorted", "str", "sum", "tuple", "type", "zip", "join",
})  # fmt: skip
_READING_METHODS = frozenset({
    "items", "values", "keys", "get", "copy", "index", "count", "pop", "popitem", "clear", "remove", "discard", "sort",
    "reverse", "union", "difference", "intersection", "issubset", "issuperset", "isdisjoint",
})  # fmt: skip
_ADDING = {"append": 0, "add": 0, "insert": 1, "setdefault": 1}


def with_later_elements(
    inference: Inference, module: Module, target: ast.expr, value: ast.expr, values: Values
) -> Values:
    """Return what a variable is bound to, with what its uses add to a container made for it.

    If the container leaves the code that can be seen, nothing is told of its elements.
    """
    if not _is_made(value) or not any(_is_mutable(each) for each in values):
        return values
    added = _added(inference, module, target)
    return tuple(_filled(each, added) if _is_mutable(each) else each for each in values)


def _is_made(value: ast.expr) -> bool:
    """Tell whether an expression makes a container, rather than takes one that has a type of its own."""
    if isinstance(value, ast.IfExp):
        return _is_made(value.body) or _is_made(value.orelse)
    if isinstance(value, ast.BoolOp):
        return any(_is_made(each) for each in value.values)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in _MAKERS
    return isinstance(value, _MADE)


def _is_mutable(value: Value) -> bool:
    return isinstance(value, Instance) and value.of in _MUTABLE


def _filled(value: Value, added: Values | None) -> Value:
    if not isinstance(value, Instance) or added == ():
        return value
    if added is None:
        return Instance(value.of)
    *keys, elements = value.arguments or ((),)
    if value.of == "builtins.dict" and not keys:
        return value
    return Instance(value.of, (*keys, union(elements, added)))


def _added(inference: Inference, module: Module, target: ast.expr) -> Values | None:
    """Return what the uses of a variable put into its container, or None if it goes where that cannot be seen."""
    found: list[Values] = []
    for where, use, owner in _uses(inference, module, target):
        added = None if use is None else _put_by(inference, where, use, owner)
        if added is None:
            return None
        found.append(added)
    return union(*found)


def _uses(
    inference: Inference, module: Module, target: ast.expr
) -> Iterator[tuple[Module, ast.expr | None, Scope | None]]:
    """Yield the uses of a variable or attribute, in other files too; None for one that cannot be followed."""
    if isinstance(target, ast.Attribute):
        for other in inference.project.containing([target.attr]):
            for attribute, _ in other.bindings.attributes.get(target.attr, ()):
                yield other, attribute, None
        return
    if not isinstance(target, ast.Name):
        yield module, None, None
        return
    name = target.id
    owner = module.bindings.scope_of(target).lookup(name)
    for use, place in module.bindings.names.get(name, ()):
        if place.lookup(name, use) is owner:
            yield module, use, owner
    if owner is None or owner.kind not in ("module", "class"):
        return
    for other in inference.project.containing([name]):
        for attribute, _ in other.bindings.attributes.get(name, ()):
            yield other, attribute, None
        if other is not module and any(
            alias.name == name for each, _ in other.bindings.imports for alias in each.names
        ):
            yield other, None, None
        if other.bindings.star_imports and name in other.bindings.names:
            yield other, None, None


def _put_by(inference: Inference, module: Module, use: ast.expr, owner: Scope | None) -> Values | None:
    """Return what one use puts into the container, () if it only reads, or None if that cannot be told."""
    parents = module.bindings.parents
    above = parents.get(use)
    if isinstance(above, ast.AugAssign):
        return None
    if isinstance(getattr(use, "ctx", None), ast.Store | ast.Del):
        return ()
    if isinstance(above, ast.Subscript) and above.value is use:
        return _put_at(inference, module, above)
    if isinstance(above, ast.Attribute):
        call = parents.get(above)
        if above.attr in _READING_METHODS:
            return ()
        if above.attr in _ADDING and isinstance(call, ast.Call) and call.func is above:
            index = _ADDING[above.attr]
            return inference.values(module, call.args[index]) if index < len(call.args) else None
        return None
    if isinstance(above, ast.Call) and use in above.args:
        function = above.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        return () if name in _READERS else None
    if isinstance(above, ast.Return):
        scope = module.bindings.scope_of(use)
        return () if scope is owner and scope.kind == "function" else None
    reads = isinstance(
        above,
        ast.For | ast.AsyncFor | ast.comprehension | ast.Compare | ast.If | ast.While | ast.UnaryOp
        | ast.FormattedValue | ast.Assert | ast.Starred | ast.Expr,
    )  # fmt: skip
    return () if reads or (isinstance(above, ast.IfExp) and above.test is use) else None


def _put_at(inference: Inference, module: Module, place: ast.Subscript) -> Values | None:
    statement = module.bindings.parents.get(place)
    if not isinstance(place.ctx, ast.Store):
        return ()
    if (
        isinstance(statement, ast.Assign)
        and place in statement.targets
        and not isinstance(place.slice, ast.Slice)
    ):
        return inference.values(module, statement.value)
    return None
