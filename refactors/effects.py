"""Which expressions change nothing when they are evaluated, so that they may move, repeat or go."""

from __future__ import annotations

import ast


def is_effect_free(node: ast.AST) -> bool:
    """Whether evaluating this any number of times, at any moment, is taken to change nothing.

    Names, constants and chains of attributes on names are; a property with side effects would be the exception.
    """
    if isinstance(node, ast.keyword):
        return node.arg is not None and is_effect_free(node.value)
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name | ast.Constant)


def rebinds(node: ast.AST, names: set[str]) -> bool:
    """Whether evaluating this gives one of these names another value: `(x := f())`."""
    return any(isinstance(each, ast.NamedExpr) and each.target.id in names for each in ast.walk(node))


def names_read(node: ast.AST) -> set[str]:
    """The names that an expression mentions."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
