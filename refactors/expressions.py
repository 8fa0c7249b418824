"""What an expression may be, by its kind: names, attributes, calls, operators, displays."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from overhaul.refactors.assignments import element_values
from overhaul.refactors.calls import call_values
from overhaul.refactors.fixtures import requested_values
from overhaul.refactors.flow import reaching_bindings
from overhaul.refactors.member_values import is_enumeration
from overhaul.refactors.modules import Location
from overhaul.refactors.values import (
    ClassValue,
    External,
    Instance,
    ModuleValue,
    Super,
    Unknown,
    Values,
    builtin,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module


def _name(inference: Inference, module: Module, node: ast.Name) -> Values:
    """Return what a name may be where it is used."""
    scope = module.bindings.scope_of(node)
    owner = scope.lookup(node.id, node)
    if owner is None:
        return _unbound(inference, module, node.id)
    bindings = reaching_bindings(module.bindings, owner, node, scope)
    return inference.binding_union(module, bindings)


def _unbound(inference: Inference, module: Module, name: str) -> Values:
    for statement, _ in module.bindings.star_imports:
        source = inference.project.import_source(module, statement)
        if isinstance(source, Location):
            found = (
                inference.project.member(source, name) if inference.project.exports(source, name) else None
            )
            if found is not None:
                return inference.exported_values(found)
    # Importing `package.name` from anywhere, its own __init__ among it, binds the name there.
    own = inference.project.table.at(module.key) if module.is_package else None
    is_builtin = hasattr(builtins, name)
    submodule = None if own is None or is_builtin else inference.project.submodule(own, name)
    return (External(f"builtins.{name}"),) if submodule is None else (ModuleValue(submodule),)


def _attribute(inference: Inference, module: Module, node: ast.Attribute) -> Values:
    given = requested_values(inference, module, node)
    if given:
        return given
    found = [inference.member_values(value, node.attr) for value in inference.values(module, node.value)]
    return union(*found)


def _call(inference: Inference, module: Module, node: ast.Call) -> Values:
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        return _super(inference, module, node)
    if isinstance(node.func, ast.Name) and node.func.id == "type" and len(node.args) == 1:
        return tuple(
            ClassValue(value.of) if isinstance(value, Instance) and not isinstance(value.of, str)
            else Unknown("the class of an unknown value")
            for value in inference.values(module, node.args[0])
        )  # fmt: skip
    return union(
        *(call_values(inference, value, module, node) for value in inference.values(module, node.func))
    )


def _super(inference: Inference, module: Module, node: ast.Call) -> Values:
    if node.args:
        return tuple(
            Super(value.definition)
            if isinstance(value, ClassValue)
            else Unknown("super() of an unknown class")
            for value in inference.values(module, node.args[0])
        )
    scope = module.bindings.enclosing_class(module.bindings.scope_of(node))
    if scope is None or not isinstance(scope.node, ast.ClassDef):
        return (Unknown("super() outside a class"),)
    return (Super(inference.project.class_definition(module, scope.node)),)


def _subscript(inference: Inference, module: Module, node: ast.Subscript) -> Values:
    found: list[Values] = []
    for value in inference.values(module, node.value):
        if isinstance(value, ClassValue):
            is_member = is_enumeration(inference, value.definition)
            found.append((Instance(value.definition),) if is_member else (value,))
        elif isinstance(value, External) and value.name == "sys.modules":
            found.append(_loaded_module(inference, module, node.slice))
        elif isinstance(value, External) or isinstance(node.slice, ast.Slice):
            found.append((value,))
        else:
            found.append(element_values(inference, value, node.slice))
    return union(*found)


def _loaded_module(inference: Inference, module: Module, name: ast.expr) -> Values:
    """Read `sys.modules[__name__]` and `sys.modules["acme.api"]`."""
    if isinstance(name, ast.Name) and name.id == "__name__":
        return (ModuleValue(Location(module.key, (module.path,))),)
    dotted = name.value if isinstance(name, ast.Constant) else None
    found = inference.project.absolute(module, dotted) if isinstance(dotted, str) else None
    return (ModuleValue(found),) if isinstance(found, Location) else (Unknown("a module by a computed name"),)


def _awaited(inference: Inference, module: Module, node: ast.Await) -> Values:
    return union(
        *(
            value.arguments[-1]
            if isinstance(value, Instance) and value.arguments
            else (Unknown("the result of an await"),)
            for value in inference.values(module, node.value)
        )
    )


def _binary(inference: Inference, module: Module, node: ast.BinOp) -> Values:
    left = inference.values(module, node.left)
    kept: Values = tuple(each for each in left if isinstance(each, Instance) and isinstance(each.of, str))
    if any(isinstance(each, Instance) and each.arguments for each in kept):
        kept = union(kept, inference.values(module, node.right))  # a list and what is added to it
    return kept if kept and len(kept) >= len(left) else (Unknown("the result of an operator"),)


def _constant(_inference: Inference, _module: Module, node: ast.Constant) -> Values:
    if node.value is None:
        return ()
    return builtin(type(node.value).__name__)


def _either(inference: Inference, module: Module, node: ast.BoolOp) -> Values:
    return union(*(inference.values(module, each) for each in node.values))


def _sequence(inference: Inference, module: Module, node: ast.List | ast.Set | ast.Tuple) -> Values:
    if not node.elts:  # filled later, by what cannot be seen here
        return builtin(type(node).__name__.lower())
    items = [inference.values(module, each) for each in node.elts if not isinstance(each, ast.Starred)]
    name = type(node).__name__.lower()
    return builtin(name, *items) if name == "tuple" else builtin(name, union(*items))


def _dictionary(inference: Inference, module: Module, node: ast.Dict) -> Values:
    if not node.keys:
        return builtin("dict")
    keys = union(*(inference.values(module, key) for key in node.keys if key is not None))
    return builtin("dict", keys, union(*(inference.values(module, value) for value in node.values)))


def _comprehension(
    inference: Inference, module: Module, node: ast.ListComp | ast.SetComp | ast.GeneratorExp
) -> Values:
    name = {ast.ListComp: "list", ast.SetComp: "set"}.get(type(node), "generator")
    return builtin(name, inference.values(module, node.elt))


EVALUATORS: dict[type[ast.expr], Callable[[Inference, Module, Any], Values]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Await: _awaited,
    ast.BinOp: _binary,
    ast.Constant: _constant,
    ast.BoolOp: _either,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Tuple: _sequence,
    ast.Dict: _dictionary,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: lambda inference, module, node: builtin(
        "dict", inference.values(module, node.key), inference.values(module, node.value)
    ),
    ast.IfExp: lambda inference, module, node: union(
        inference.values(module, node.body), inference.values(module, node.orelse)
    ),
    ast.NamedExpr: lambda inference, module, node: inference.values(module, node.value),
    ast.JoinedStr: lambda *_: builtin("str"),
    ast.Compare: lambda *_: builtin("bool"),
    ast.UnaryOp: lambda inference, module, node: (
        builtin("bool") if isinstance(node.op, ast.Not) else inference.values(module, node.operand)
    ),
}
