"""What is evaluated before an expression in its statement, and whether the expression is certainly evaluated once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.doubt import Doubt

Step = tuple[ast.expr, bool]


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


def operands(node: ast.expr) -> Iterator[Step]:
    """Yield the parts of an expression in order of evaluation, each with whether it is evaluated exactly once."""
    match node:
        case ast.BoolOp(values=[first, *others]):
            yield first, True
            yield from ((each, False) for each in others)
        case ast.Compare(left=left, comparators=[first, *others]):
            yield from ((left, True), (first, True), *((each, False) for each in others))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield from ((test, True), (body, False), (orelse, False))
        case ast.Lambda(args=arguments, body=body):
            yield from (
                (each, True) for each in (*arguments.defaults, *arguments.kw_defaults) if each is not None
            )
            yield body, False
        case ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
            yield node.generators[0].iter, True
            for index, generator in enumerate(node.generators):
                rest = [generator.target, *generator.ifs]
                yield from ((each, False) for each in ([generator.iter, *rest] if index else rest))
            results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            yield from ((each, False) for each in results)
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                yield from ((each, True) for each in (key, value) if each is not None)
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield child, True
                elif isinstance(child, ast.keyword):
                    yield child.value, True
