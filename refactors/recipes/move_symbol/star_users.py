"""Files that star-import the new module: the name that it gets must not take the place of another one there."""

from __future__ import annotations

import ast

from overhaul.refactors.errors import NameTaken
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.move_symbol.importers import Move


def refuse_captured(project: Project, move: Move) -> None:
    """Raise NameTaken if a star import of the new module would give a name of a file another meaning."""
    if move.name.startswith("_"):
        return
    for module in project.containing([move.name]):
        for statement, _ in module.bindings.star_imports:
            source = project.import_source(module, statement)
            if not isinstance(source, Location) or source.key != move.new.key or module.key == move.old.key:
                continue
            line = _other_meaning(project, module, move)
            if line is not None:
                raise NameTaken(
                    f"'{move.name}' is taken at {module.path}:{line}, and the star import at line {statement.lineno}"
                    f" would bring that of {move.new.name}. Rename one of them first"
                )


def _other_meaning(project: Project, module: Module, move: Move) -> int | None:
    """Return a line on which a file gives the name, or takes it with, another meaning than the symbol's."""
    for binding in module.scope.bindings.get(move.name, ()):
        statement = module.bindings.parents.get(binding.node)
        if isinstance(binding.node, ast.alias) and isinstance(statement, ast.ImportFrom):
            source = project.import_source(module, statement)
            if isinstance(source, Location) and source.key == move.old.key:
                continue
        return binding.line
    is_star_used = any(
        isinstance(source := project.import_source(module, statement), Location)
        and source.key == move.old.key
        for statement, _ in module.bindings.star_imports
    )
    for node, scope in module.bindings.names.get(move.name, ()):
        if scope.lookup(move.name, node) is None and not is_star_used:
            return node.lineno
    return None
