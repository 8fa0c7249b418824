"""Imports that nothing in a file uses any more once some of its expressions are gone."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from overhaul.refactors.imports import dotted_names
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding, Scope


def unused_without(
    module: Module, expressions: Iterable[tuple[ast.expr, Scope]], kept: Collection[ast.AST] = ()
) -> list[Binding]:
    """Return the bindings that only these names and dotted names used, each given with its scope.

    Those whose node is in `kept` are used by what takes their place.
    """
    consumed: set[ast.AST] = set()
    owners: dict[tuple[ast.AST, str], list[Binding]] = {}
    for expression, scope in expressions:
        first = next(iter(dotted_names(expression) or ()), None)
        owner = scope.lookup(first.id, first) if isinstance(first, ast.Name) else None
        if isinstance(first, ast.Name) and owner is not None:
            consumed.add(first)
            owners[owner.node, first.id] = owner.bindings[first.id]
    unused = []
    for (owner_node, name), bindings in owners.items():
        remaining = any(
            use not in consumed
            and (found := scope.lookup(name, use)) is not None
            and found.node is owner_node
            for use, scope in module.bindings.names[name]
        )
        if not remaining and not any(binding.node in kept for binding in bindings):
            unused += bindings
    return unused
