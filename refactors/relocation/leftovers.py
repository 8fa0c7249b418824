"""Code that stays as it is and may miss the module: names from star imports, imports of a package left empty."""

from __future__ import annotations

import ast

from overhaul.refactors.modules import Location, parent
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.relocation import Relocation


def report_star_imported_names(relocation: Relocation, findings: Findings) -> None:
    """Report uses of the module's name in files that have it from a star import only."""
    is_rename = relocation.old_parent == relocation.new_parent
    if relocation.is_bound_by_parent and not is_rename:
        return  # the package still has the name
    for module in relocation.project.containing([relocation.leaf]):
        if not any(_brings_module(relocation, module, each) for each, _ in module.bindings.star_imports):
            continue
        for node, scope in module.bindings.names.get(relocation.leaf, ()):
            if scope.lookup(relocation.leaf, node) is None:
                findings.leave(module, node, "a star import may bring this name, and it may be the module")


def _brings_module(relocation: Relocation, module: Module, statement: ast.ImportFrom) -> bool:
    source = relocation.project.import_source(module, statement)
    return isinstance(source, Location) and relocation.is_reached(
        relocation.project.member(source, relocation.leaf)
    )


def report_vanished_package(relocation: Relocation, findings: Findings) -> None:
    """Report imports of the old package if the module was all that a folder without `__init__` had."""
    key = parent(relocation.old_key)
    if not key or relocation.after.at(key) is not None or relocation.project.table.at(key) is None:
        return
    for module in relocation.project.containing([key.rpartition("/")[2]]):
        for statement, _ in module.bindings.imports:
            for alias in statement.names:
                if _package_of(relocation, module, statement, alias) == key:
                    findings.leave(module, alias, "the package is gone when its only module has left it")


def _package_of(
    relocation: Relocation, module: Module, statement: ast.Import | ast.ImportFrom, alias: ast.alias
) -> str | None:
    """Return the key of the package that a name of an import statement is."""
    project = relocation.project
    if isinstance(statement, ast.Import):
        found = project.absolute(module, alias.name)
    else:
        source = project.import_source(module, statement)
        found = project.submodule(source, alias.name) if isinstance(source, Location) else None
    return found.key if isinstance(found, Location) else None
