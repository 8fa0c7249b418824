"""Checks the edited tree: files parse, no name has lost its meaning, no circle of imports has come about."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence

from overhaul.refactors.edited_tree import EditedTree
from overhaul.refactors.errors import ParameterError, RefactorError
from overhaul.refactors.import_cycles import ImportGraph
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit
from overhaul.refactors.recipes.move_symbol.importers import Move


def check_edits(project: Project, edits: Sequence[Edit], move: Move) -> None:
    """Raise ParameterError for a circle of imports that the edits make.

    Raises RefactorError where an edited file does not parse or lacks a name: that would be a mistake of ours.
    """
    after = Project(EditedTree(project.tree, edits))
    changed = [edit.new_path or edit.path for edit in edits]
    python = [path for path in changed if path.endswith((".py", ".pyi"))]
    for path in python:
        module = after.module(path)
        if module is None:
            raise RefactorError(
                f"{after.failures[path].error} in {path} after the edit; nothing is changed. Please report this"
            )
        old = project.module(path) if path in project.tree.paths() else None
        lost = unknown_names(module) - (unknown_names(old) if old is not None else set())
        missing = _known_before(project, move, lost)
        if missing:
            raise RefactorError(
                f"{path} would use {', '.join(map(repr, sorted(missing)))} without defining it; nothing is changed."
                " Please report this"
            )
    _check_cycles(project, after, [path for path in python if path.endswith(".py")], move)


def unknown_names(module: Module) -> set[str]:
    """Return the names that a file uses and neither binds nor gets from Python or a star import of the tree."""
    if module.bindings.star_imports:
        return set()
    return {
        name
        for name, uses in module.bindings.names.items()
        if not hasattr(builtins, name) and any(scope.lookup(name, node) is None for node, scope in uses)
    }


def _known_before(project: Project, move: Move, names: set[str]) -> set[str]:
    """Return those names that the old module or the new one knew before."""
    known: set[str] = set()
    for place in (move.old, move.new):
        location = project.table.at(place.key)
        for module in project.modules_at(location) if location is not None else ():
            known |= names & set(module.scope.bindings)
    return known


def _check_cycles(project: Project, after: Project, paths: Sequence[str], move: Move) -> None:
    before, now = ImportGraph(project), ImportGraph(after)
    for path in paths:
        module = after.module(path)
        if module is None:
            continue
        for imported in _added(before, now, module.key, move):
            circle = now.circle(module.key, imported)
            if circle is not None:
                raise ParameterError(
                    f"moving '{move.symbol}' to {move.new.name} makes a circle of imports: {module.name} would import"
                    f" {circle}. Move it to a module that none of these import"
                )


def _added(before: ImportGraph, now: ImportGraph, key: str, move: Move) -> Iterator[str]:
    """Yield what a module imports only now, and the new module if it takes a name out of it."""
    old = before.imports(key) if before.project.table.at(key) is not None else frozenset()
    for imported in sorted(now.imports(key)):
        if imported not in old or (imported == move.new.key and now.takes_from(key, imported)):
            yield imported
