"""Which argument expressions may be evaluated in another order without a difference."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.scopes import Scope

_CONSTANTS = (ast.Constant, ast.UnaryOp, ast.Tuple, ast.unaryop, ast.expr_context, ast.JoinedStr)


def keeps_order(bindings: ModuleBindings, before: Sequence[ast.expr], after: Sequence[ast.expr]) -> bool:
    """Tell whether evaluating the same expressions in another order makes no difference that can be seen."""
    places = {node: index for index, node in enumerate(before)}
    return all(
        places[first] < places[second] or _may_swap(bindings, first, second)
        for index, first in enumerate(after)
        for second in after[index + 1 :]
    )


def _may_swap(bindings: ModuleBindings, first: ast.expr, second: ast.expr) -> bool:
    if _is_fixed(first) or _is_fixed(second) or (changes_nothing(first) and changes_nothing(second)):
        return True
    return _is_unreachable(bindings, first, second) or _is_unreachable(bindings, second, first)


def _is_fixed(node: ast.expr) -> bool:
    if isinstance(node, ast.Lambda):
        return changes_nothing(node) and not node.args.defaults and not any(node.args.kw_defaults)
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
