"""Classes that a call makes: `namedtuple("P", "x y")`, `TypedDict("T", {"x": int})`, `Enum("Color", "RED GREEN")`.

Each becomes a class statement of its own making, whose names stand where the call's strings have them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overhaul.refactors.annotations import last_name
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.scopes import Scope
from overhaul.refactors.values import ClassDefinition, ClassValue, External, Value

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module

RECORDS = frozenset({
    "collections.namedtuple", "typing.NamedTuple", "typing.TypedDict", "typing_extensions.TypedDict",
    "typing_extensions.NamedTuple", "dataclasses.make_dataclass", "attr.make_class", "attrs.make_class",
    "pydantic.create_model",
})  # fmt: skip
_ENUMERATIONS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
MAKERS = frozenset(name.rpartition(".")[2] for name in RECORDS | _ENUMERATIONS)
_WORD = re.compile(r"[^\s,]+")
# A name, the string it stands in and where, and its type if it has one.
_Field = tuple[str, ast.Constant, int, ast.expr | None]


def made_class(inference: Inference, module: Module, call: ast.Call, maker: Value) -> ClassDefinition | None:
    """Return the class that a call of a maker gives; None if it makes none or its fields cannot be read."""
    if not _makes_class(inference, call, maker):
        return None
    known = inference.made_classes
    if call not in known:
        fields = list(_fields(call))
        named = len(call.args) > 1 or any(each.arg for each in call.keywords)
        known[call] = _definition(module, call, fields) if fields or not named else None
    return known[call]


def made_in(inference: Inference, module: Module) -> Iterator[ClassDefinition]:
    """Yield the classes that calls in a file make."""
    for maker in MAKERS:
        for use, _ in [*module.bindings.names.get(maker, ()), *module.bindings.attributes.get(maker, ())]:
            call = module.bindings.parents.get(use)
            if isinstance(call, ast.Call) and call.func is use:
                for value in inference.values(module, use):
                    made = made_class(inference, module, call, value)
                    if made is not None:
                        yield made


def _makes_class(inference: Inference, call: ast.Call, maker: Value) -> bool:
    name = call.args[0] if call.args else None
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str) or not name.value.isidentifier():
        return False
    if isinstance(maker, External):
        return maker.name in RECORDS or (maker.name in _ENUMERATIONS and len(call.args) > 1)
    if isinstance(maker, ClassValue) and len(call.args) > 1:  # an enumeration of the tree without members
        outside = inference.hierarchy.ancestry(maker.definition).external
        return bool(_ENUMERATIONS & set(outside))
    return False


def _fields(call: ast.Call) -> Iterator[_Field]:
    for listed in call.args[1:2]:
        yield from _listed(listed)
    for keyword in call.keywords:
        if keyword.arg in ("field_names", "fields", "names"):
            yield from _listed(keyword.value)


def _listed(node: ast.expr) -> Iterator[_Field]:
    """Yield the names in `"x y"`, `["x", "y"]`, `[("x", int)]`, `{"x": int}` or `"x y".split()`."""
    if (
        isinstance(node, ast.Call)
        and last_name(node.func) == "split"
        and isinstance(node.func, ast.Attribute)
    ):
        node = node.func.value
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        for word in _WORD.finditer(node.value):
            yield word.group(), node, word.start(), None
    elif isinstance(node, ast.List | ast.Tuple):
        for each in node.elts:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.value, each, 0, None
            elif isinstance(each, ast.Tuple | ast.List) and each.elts:
                first = each.elts[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value, first, 0, each.elts[1] if len(each.elts) > 1 else None
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, key, 0, value


def _definition(module: Module, call: ast.Call, fields: list[_Field]) -> ClassDefinition:
    name = str(call.args[0].value)  # type: ignore[attr-defined]
    node = ast.ClassDef(name=name, bases=[call.func], keywords=[], body=[], decorator_list=[])
    ast.copy_location(node, call)
    scope = Scope("class", node, None)
    scope.parent = module.bindings.scope_of(call)  # not among that one's children: no code runs in it
    parents = module.bindings.parents
    for field, constant, start, annotation in fields:
        target = ast.Name(id=field, ctx=ast.Store(), **_place(module, constant, field, start))
        statement = ast.AnnAssign(target=target, annotation=annotation or ast.Constant(...), simple=1)
        ast.copy_location(statement, call)
        node.body.append(statement)
        scope.bind(field, target)
        scope.uses.setdefault(field, []).append(target)
        parents[target], parents[statement] = statement, node
    parents[node] = module.bindings.statement_of(call)
    is_named = isinstance(parents.get(call), ast.Assign) and scope.parent is module.scope
    key = f"{module.key}::{name}" if is_named else f"{module.key}::{name}@{call.lineno}:{call.col_offset}"
    return ClassDefinition(module, node, scope, f"{module.name}.{name}", key)


def _place(module: Module, constant: ast.Constant, field: str, start: int) -> dict[str, int]:
    """Return where a field's name stands in its string, or where the string begins if that is not written out."""
    span = string_span(module.source, constant, start, len(field))
    if span is None:
        line, column = constant.lineno, constant.col_offset
        return {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": column}
    source = module.source
    line = source.position(span[0])[0]
    column = len(source.slice(source.offset(line, 0), span[0]).encode())  # as ast counts: in bytes of UTF-8
    end = column + len(field.encode())
    return {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": end}
