"""Whether a new import would close a circle: what a module imports while it is itself being loaded."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from overhaul.refactors.annotations import last_name
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project


def closes_cycle(
    project: Project,
    importer: Module,
    imported: Module,
    more: Mapping[str, Collection[Location]] = MappingProxyType({}),
) -> bool:
    """Tell whether loading `imported` loads `importer`, directly or through others.

    Imports inside functions and for type checkers only do not count: they run later or never. `more` are imports
    that are about to be added, by the key of the module that gets them.
    """
    seen: set[str] = set()
    pending = [imported]
    while pending:
        module = pending.pop()
        if module.key in seen:
            continue
        seen.add(module.key)
        for location in [*_loaded_by(project, module), *more.get(module.key, ())]:
            if location.key == importer.key:
                return True
            if location.key not in seen:
                pending += [each for each in project.modules_at(location) if not each.path.endswith(".pyi")]
    return False


def imported_when_loaded(project: Project, module: Module, imported: Module) -> bool:
    """Tell whether a module itself imports another while it is loaded."""
    return any(location.key == imported.key for location in _loaded_by(project, module))


def _loaded_by(project: Project, module: Module) -> Iterator[Location]:
    for statement, scope in module.bindings.imports:
        if scope.kind != "module" or _is_for_type_checkers(module, statement):
            continue
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                found = project.absolute(module, alias.name)
                if isinstance(found, Location):
                    yield found
            continue
        source = project.import_source(module, statement)
        if not isinstance(source, Location):
            continue
        yield source
        for alias in statement.names:
            submodule = project.submodule(source, alias.name)
            if submodule is not None:
                yield submodule


def _is_for_type_checkers(module: Module, statement: ast.stmt) -> bool:
    above = module.bindings.parents.get(statement)
    child: ast.AST = statement
    while above is not None:
        if isinstance(above, ast.If) and child in above.body and last_name(above.test) == "TYPE_CHECKING":
            return True
        child, above = above, module.bindings.parents.get(above)
    return False
