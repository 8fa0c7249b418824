"""`from __future__ import annotations` in one of the two modules only: where the moved annotations mean the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.move_symbol.definition import Definition
from overhaul.refactors.recipes.move_symbol.moved_names import defers_annotations


def needs_future(origin: Module, target: Module, definitions: Sequence[Definition]) -> bool:
    """Tell whether the target must get the future import for the moved annotations; a new file gets it like the old.

    Raises ParameterError where the target has annotations of its own that the import would change.
    """
    if target.path.endswith(".pyi") or not defers_annotations(origin) or defers_annotations(target):
        return False
    moved = [
        each for definition in definitions for node in definition.statements for each in annotations_in(node)
    ]
    if not target.source.tree.body:
        return True
    if all(_is_simple(origin, each, definitions) for each in moved):
        return False
    own = list(annotations_in(target.source.tree))
    if own:
        raise ParameterError(
            f"{origin.path} has 'from __future__ import annotations' and {target.path} has not: annotations of the"
            f" code that moves (line {moved[0].lineno}) would be evaluated there. Add the import to {target.path} first"
        )
    return True


def becomes_text(origin: Module, target: Module, definition: Definition) -> ast.expr | None:
    """Return an annotation that is no longer evaluated after the move although something may look at it."""
    if defers_annotations(origin) or not defers_annotations(target):
        return None
    for statement in definition.statements:
        looked_at = getattr(statement, "decorator_list", []) or getattr(statement, "bases", [])
        if looked_at:
            return next(annotations_in(statement), None)
    return None


def annotations_in(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the annotations of a tree that Python evaluates unless the future import is there."""
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            annotation = getattr(node, name, None)
            if isinstance(annotation, ast.expr):
                yield annotation


def _is_simple(origin: Module, annotation: ast.expr, definitions: Sequence[Definition]) -> bool:
    """Tell whether an annotation can be evaluated as soon as the definition is: names that are bound by then."""
    moved = {each.name for each in definitions}
    for node in ast.walk(annotation):
        if isinstance(node, ast.BinOp):
            return False
        if isinstance(node, ast.Name):
            bindings = origin.scope.bindings.get(node.id, [])
            if node.id in moved or any(not _is_bound_early(origin, each.node) for each in bindings):
                return False
    return True


def _is_bound_early(origin: Module, node: ast.AST) -> bool:
    if not isinstance(node, ast.alias):
        return True
    statement = origin.bindings.parents[node]
    return origin.bindings.parents.get(statement) is origin.source.tree
