"""What is evaluated before an expression in its statement, and whether the expression is certainly evaluated once."""

from __future__ import annotations

import ast

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.operands import Step, operands


def evaluated_before(bindings: ModuleBindings, statement: ast.stmt, node: ast.expr) -> list[ast.expr] | Doubt:
    """Return the expressions that a statement evaluates before one of its own.

    A Doubt if the expression may be evaluated not at all, more than once or later.
    """
    first = _first_evaluated(statement)
    if first is None:
        return Doubt("its statement evaluates it in another way than once")
    path: list[ast.AST] = []
    current: ast.AST | None = node
    while current is not None and current is not statement:
        path.append(current)
        current = bindings.parents.get(current)
    path.reverse()
    path = [each for each in path if isinstance(each, ast.expr)]
    before: list[ast.expr] = []
    steps: list[Step] = [(each, True) for each in first]
    for each in path:
        certain = None
        for child, is_certain in steps:
            if child is each:
                certain = is_certain
                break
            before.append(child)
        if certain is None:
            return Doubt("it is evaluated after what the statement does with other values")
        if not certain:
            return Doubt("it may be evaluated more than once or not at all")
        steps = list(operands(each)) if isinstance(each, ast.expr) else []
    return before


def _first_evaluated(statement: ast.stmt) -> list[ast.expr] | None:
    """Return what a statement evaluates first, once and certainly."""
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value):
            return [value]
        case ast.Return(value=ast.expr() as value) | ast.AnnAssign(value=ast.expr() as value):
            return [value]
        case ast.AugAssign(target=target, value=value):
            return [target, value]
        case ast.If(test=test) | ast.Assert(test=test):
            return [test]
        case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable):
            return [iterable]
        case ast.With(items=[first, *_]) | ast.AsyncWith(items=[first, *_]):
            return [first.context_expr]
        case ast.Match(subject=subject):
            return [subject]
        case ast.Raise(exc=ast.expr() as exception):
            return [exception]
        case _:
            return None
