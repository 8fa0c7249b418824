"""Which argument expressions may be evaluated in another order, or not at all, without a difference."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.scopes import Scope

_READS = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Constant, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare,
    ast.IfExp, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.JoinedStr, ast.FormattedValue, ast.Starred, ast.Lambda,
    ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
_CONSTANTS = (ast.Constant, ast.UnaryOp, ast.Tuple, ast.unaryop, ast.expr_context, ast.JoinedStr)


def only_reads(node: ast.expr) -> bool:
    """Tell whether an expression is taken to change nothing: names, attributes, items, operators, displays.

    A property or an operator with side effects would be the exception.
    """
    if isinstance(node, ast.Lambda):
        return all(only_reads(each) for each in [*node.args.defaults, *node.args.kw_defaults] if each)
    return all(
        isinstance(each, _READS) and (not isinstance(each, ast.Lambda) or only_reads(each))
        for each in _evaluated(node)
    )


def _evaluated(node: ast.AST) -> list[ast.AST]:
    """Return the nodes that are evaluated with an expression: what is in a lambda's body is not."""
    found, pending = [], [node]
    while pending:
        current = pending.pop()
        found.append(current)
        if not isinstance(current, ast.Lambda):
            pending += ast.iter_child_nodes(current)
    return found


def keeps_order(bindings: ModuleBindings, before: Sequence[ast.expr], after: Sequence[ast.expr]) -> bool:
    """Tell whether evaluating the same expressions in another order makes no difference that can be seen."""
    places = {node: index for index, node in enumerate(before)}
    return all(
        places[first] < places[second] or _may_swap(bindings, first, second)
        for index, first in enumerate(after)
        for second in after[index + 1 :]
    )


def _may_swap(bindings: ModuleBindings, first: ast.expr, second: ast.expr) -> bool:
    if _is_fixed(first) or _is_fixed(second) or (only_reads(first) and only_reads(second)):
        return True
    return _is_unreachable(bindings, first, second) or _is_unreachable(bindings, second, first)


def _is_fixed(node: ast.expr) -> bool:
    if isinstance(node, ast.Lambda):
        return only_reads(node) and not node.args.defaults and not any(node.args.kw_defaults)
    return all(isinstance(each, _CONSTANTS) for each in ast.walk(node))


def _is_unreachable(bindings: ModuleBindings, name: ast.expr, other: ast.expr) -> bool:
    """Tell whether an expression is a local variable's name that nothing evaluated with the other can rebind."""
    if not isinstance(name, ast.Name):
        return False
    if any(
        isinstance(each, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom) for each in ast.walk(other)
    ):
        return False
    owner = bindings.scope_of(name).lookup(name.id, name)
    return (
        owner is not None and owner.kind in ("function", "comprehension") and not _is_shared(owner, name.id)
    )


def _is_shared(owner: Scope, name: str) -> bool:
    return any(name in scope.nonlocal_names for scope in owner.subtree())
