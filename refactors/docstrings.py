"""The docstrings of a file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.project import Module


def docstrings(module: Module) -> Iterator[ast.Constant]:
    """Yield the docstrings of a module, its classes and functions."""
    owners: list[ast.AST] = [module.source.tree]
    owners += [node for node, _ in module.bindings.classes]
    owners += [node for node, _ in module.bindings.functions]
    for owner in owners:
        constant = docstring_of(owner)
        if constant is not None:
            yield constant


def docstring_of(owner: ast.AST) -> ast.Constant | None:
    """Return the docstring of a module, class or function."""
    body = getattr(owner, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
        value = body[0].value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value
    return None
