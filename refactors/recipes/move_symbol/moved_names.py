"""The names that the moved lines use from outside themselves, and when they are looked up."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overhaul.refactors.import_needs import runs_later
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.move_symbol.definition import Definition
from overhaul.refactors.scopes import Scope


@dataclass(frozen=True, slots=True)
class Use:
    """A name in the moved lines. `is_type` if it stands in an annotation that nothing evaluates on its own."""

    node: ast.Name
    scope: Scope
    is_immediate: bool
    is_type: bool


def global_uses(
    module: Module, definitions: Sequence[Definition], deferred: bool
) -> Iterator[tuple[str, Use]]:
    """Yield the names in the moved lines that mean a name of the module, a builtin, or nothing that is known.

    `deferred` tells that nothing evaluates the annotations where the lines go.
    """
    for name, uses in module.bindings.names.items():
        for node, scope in uses:
            if not any(each.holds(node.lineno) for each in definitions):
                continue
            owner = scope.lookup(name, node)
            if owner is not None and owner is not module.scope:
                continue
            is_text, is_annotation = in_annotation(module, node)
            is_type = is_text or (is_annotation and deferred)
            yield name, Use(node, scope, not is_type and not runs_later(scope), is_type)


def in_annotation(module: Module, node: ast.AST) -> tuple[bool, bool]:
    """Tell whether a node is in a type written as text (a string, a comment), and whether in an annotation."""
    parents = module.bindings.parents
    child, above = node, parents.get(node)
    is_text = False
    while above is not None:
        if isinstance(above, ast.Constant):
            is_text = True
        if child in (getattr(above, "annotation", None), getattr(above, "returns", None)):
            return is_text, True
        if isinstance(above, ast.stmt):
            return is_text, False
        child, above = above, parents.get(above)
    return True, True  # a type comment has no statement above it


def defers_annotations(module: Module) -> bool:
    """Tell whether a file's annotations are not evaluated: a stub, or `from __future__ import annotations`."""
    if module.path.endswith(".pyi"):
        return True
    return any(
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
        for statement, _ in module.bindings.imports
    )
