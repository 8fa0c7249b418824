"""Imports inside the moved lines: relative ones are written as the new module's package has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_places import Place, relative_text
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.move_symbol.definition import Definition

_SOURCE = re.compile(rb"from[ \t]+(\.[.\w]*)(?=[ \t])")


def inner_imports(
    project: Project, origin: Module, target: Module, definitions: Sequence[Definition]
) -> dict[Span, str]:
    """Return what the modules of relative imports in the moved lines become.

    Raises ParameterError for one that leads nowhere, and for an import of what moves itself.
    """
    moved = {each.name for each in definitions}
    found = {}
    for statement, _ in origin.bindings.imports:
        if not isinstance(statement, ast.ImportFrom):
            continue
        if not any(each.holds(statement.lineno) for each in definitions):
            continue
        source = project.import_source(origin, statement)
        is_old = isinstance(source, Location) and source.key == origin.key
        if is_old and any(alias.name in moved for alias in statement.names):
            raise ParameterError(
                f"{origin.path}:{statement.lineno}: the code that moves imports itself from its old module."
                " Remove that import first"
            )
        if not statement.level:
            continue
        place = source_place(project, origin, statement)
        text = relative_text(project, target.path, place) or place.name
        match = _SOURCE.match(origin.source.content, origin.source.start(statement))
        if match is None:
            raise ParameterError(
                f"{origin.path}:{statement.lineno}: this import is not written on one line. Simplify it first"
            )
        if text != match[1].decode():
            found[match.span(1)] = text
    return found


def source_place(project: Project, origin: Module, statement: ast.ImportFrom) -> Place:
    """Return where a relative import leads. Raises ParameterError."""
    source = project.import_source(origin, statement)
    if not isinstance(source, Location):
        raise ParameterError(
            f"{origin.path}:{statement.lineno}: nothing is at '{'.' * statement.level}{statement.module or ''}',"
            " which the code that moves needs. Put that right first"
        )
    first = source.paths[0] if source.paths else f"{source.key}/__init__.py"
    return Place(source.key, project.table.name(first))
