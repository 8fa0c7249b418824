"""What evaluating an expression depends on: nothing, names that stay what they are, or what happens before it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Literal

from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Exported, Module
from overhaul.refactors.recipes.inline_symbol.patches import is_set_by_others, may_be_set
from overhaul.refactors.scopes import Scope
from overhaul.refactors.values import External, Instance, ModuleValue

# constant: may stand anywhere, any number of times. stable: the same while its names are. reading: has no effects,
# but attributes that it reads may change. acting: anything else.
Purity = Literal["constant", "stable", "reading", "acting"]
_ORDER: tuple[Purity, ...] = ("constant", "stable", "reading", "acting")
_MAY_FAIL = (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift, ast.MatMult)
_IMMUTABLE = frozenset(f"builtins.{name}" for name in ("int", "float", "complex", "str", "bytes", "bool"))


def purity(inference: Inference, module: Module, node: ast.expr) -> Purity:
    """Return what the value of an expression depends on."""
    match node:
        case ast.Constant():
            return "constant"
        case ast.Name():
            return "stable"
        case ast.Attribute():
            base = purity(inference, module, node.value)
            if base == "stable" and is_module(inference, module, node.value):
                return "reading" if _changes(inference, module, node) else "stable"
            return "reading" if base in ("constant", "stable", "reading") else "acting"
        case ast.Tuple() if not any(isinstance(each, ast.Starred) for each in node.elts):
            return _worst(inference, module, node.elts)
        case ast.UnaryOp(operand=operand):
            return _operation(inference, module, [operand])
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _is_text(left) or _is_text(right):
            return _worst(inference, module, [left, right])  # what can be added to text is text
        case ast.BinOp(op=op, right=right) if isinstance(op, _MAY_FAIL) and not _is_number(right):
            return "acting"
        case ast.BinOp(left=left, right=right):
            return _operation(inference, module, [left, right])
        case ast.Compare(left=left, comparators=comparators):
            return _operation(inference, module, [left, *comparators])
        case ast.BoolOp(values=values):
            return _operation(inference, module, values)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _operation(inference, module, [test, body, orelse])
        case _:
            return "acting"


def _changes(inference: Inference, module: Module, node: ast.Attribute) -> bool:
    """Tell whether a module's attribute may be given another value while the program runs."""
    for value in inference.values(module, node.value):
        if isinstance(value, External) and is_set_by_others(f"{value.name}.{node.attr}"):
            return True
        if isinstance(value, ModuleValue):
            found = inference.project.member(value.location, node.attr)
            if isinstance(found, Exported) and not all(
                is_bound_once(found.module, found.module.scope, each.name) for each in found.bindings
            ):
                return True
    return may_be_set(inference.project, node.attr)


def _worst(inference: Inference, module: Module, nodes: list[ast.expr]) -> Purity:
    return max((purity(inference, module, each) for each in nodes), key=_ORDER.index, default="constant")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _is_number(node: ast.expr) -> bool:
    """Tell whether an expression is a small positive number as it is written."""
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and 0 < node.value < 1000


def _operation(inference: Inference, module: Module, operands: list[ast.expr]) -> Purity:
    """Operators of values of unknown types may do anything."""
    worst = _worst(inference, module, operands)
    if worst == "constant":
        return worst
    return worst if all(is_immutable(inference, module, each) for each in operands) else "acting"


def is_immutable(inference: Inference, module: Module, node: ast.expr) -> bool:
    """Tell whether an expression is known to be a number, a string or the like."""
    if isinstance(node, ast.Constant):
        return True
    values = inference.values(module, node)
    return bool(values) and all(isinstance(each, Instance) and each.of in _IMMUTABLE for each in values)


def is_module(inference: Inference, module: Module, node: ast.expr) -> bool:
    """Tell whether an expression is a module, written as a name or dotted name."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    imported = False
    if isinstance(node, ast.Name):
        owner = module.bindings.scope_of(node).lookup(node.id, node)
        if owner is None or not all(isinstance(each.node, ast.alias) for each in owner.bindings[node.id]):
            return False
        statements = [module.bindings.parents[each.node] for each in owner.bindings[node.id]]
        imported = all(isinstance(each, ast.Import) for each in statements)
    values = inference.values(module, node)
    return bool(values) and all(
        isinstance(each, ModuleValue)
        or (isinstance(each, External) and (imported or _is_standard_module(each.name)))
        for each in values
    )


def _is_standard_module(name: str) -> bool:
    if name.partition(".")[0] not in sys.stdlib_module_names:
        return False
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def outer_names(module: Module, node: ast.AST) -> Iterator[tuple[ast.Name, Scope | None]]:
    """Yield the names in code that belong to scopes around it, each with its scope (None for a builtin)."""
    inside = set(ast.walk(node))
    for each in inside:
        if isinstance(each, ast.Name):
            owner = module.bindings.scope_of(each).lookup(each.id, each)
            if owner is None or owner.parent is None or owner.node not in inside:
                yield each, owner


def is_bound_once(module: Module, scope: Scope, name: str) -> bool:
    """Tell whether a scope's name never changes: one statement binds it, which is in no loop of the scope."""
    bound = scope.bindings.get(name, [])
    if len(bound) != 1 or bound[0].scope is not scope:
        return False
    node: ast.AST | None = bound[0].node
    while node is not None and node is not scope.node:
        if isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.comprehension):
            return False
        node = module.bindings.parents.get(node)
    return True
