"""A function's own block: what is in it and not in functions and classes inside."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.scopes import FunctionNode


def own_nodes(node: FunctionNode) -> Iterator[ast.AST]:
    """Yield the nodes of a function's block, the statements that open inner blocks among them, in no order."""
    pending: list[ast.AST] = list(node.body)
    while pending:
        current = pending.pop()
        yield current
        if not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(current)


def is_generator(node: FunctionNode) -> bool:
    return any(isinstance(each, ast.Yield | ast.YieldFrom) for each in own_nodes(node))


def returned_expressions(node: FunctionNode) -> list[ast.expr]:
    return [each.value for each in own_nodes(node) if isinstance(each, ast.Return) and each.value is not None]


def yielded_expressions(node: FunctionNode) -> list[ast.expr]:
    return [each.value for each in own_nodes(node) if isinstance(each, ast.Yield) and each.value is not None]
