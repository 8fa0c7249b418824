"""The parts of an expression in the order in which Python evaluates them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

# A part, and whether it is evaluated exactly once when the whole is.
Step: TypeAlias = tuple[ast.expr, bool]


def operands(node: ast.AST) -> Iterator[Step]:
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
