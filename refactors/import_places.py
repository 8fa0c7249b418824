"""Where a module is, as a file writes it in an import: absolute from the same root, or relative as before."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.modules import join, module_key, parent
from overhaul.refactors.project import Module, Project


@dataclass(frozen=True, slots=True)
class Place:
    """A module by its key (the path without ending) and its absolute dotted name; its file may not exist yet."""

    key: str
    name: str

    @property
    def leaf(self) -> str:
        """The last part of its name."""
        return self.name.rpartition(".")[2]

    @property
    def package(self) -> str:
        """The name of the package that it is in; empty at a source root."""
        return self.name.rpartition(".")[0]


def place_of(module: Module) -> Place:
    """Return the place of a parsed module."""
    return Place(module.key, module.name)


def absolute_text(written: str, target: Place, wanted: Place) -> str:
    """Return how a file that calls `target` by an absolute name calls `wanted`: from the same folder."""
    as_path = written.replace(".", "/")
    if target.key == as_path or target.key.endswith(f"/{as_path}"):
        base = target.key[: len(target.key) - len(as_path)]
        if wanted.key.startswith(base) and wanted.key != base:
            return wanted.key[len(base) :].replace("/", ".")
    return wanted.name


def relative_text(project: Project, importer: str, wanted: Place) -> str | None:
    """Return the relative name of a module for the file at a path; None where its package does not reach."""
    folder = parent(importer)
    if not folder or folder not in project.table.packages:
        return None
    dots = "."
    while wanted.key != folder and not wanted.key.startswith(f"{folder}/"):
        folder = parent(folder)
        if not folder or folder not in project.table.packages:
            return None
        dots += "."
    return dots + wanted.key[len(folder) + 1 :].replace("/", ".")


def uses_relative_imports(module: Module) -> bool:
    """Tell whether a file imports its own package's modules by relative names."""
    return any(isinstance(each, ast.ImportFrom) and each.level for each, _ in module.bindings.imports)


def prefers_relative_imports(project: Project, target: Module, origin: Module) -> bool:
    """Tell whether new imports of the package's modules are relative in a file that gets code from another."""
    if uses_relative_imports(target) or not uses_relative_imports(origin):
        return uses_relative_imports(target)
    absolute = [
        each
        for each, _ in target.bindings.imports
        for name in (
            [each.module] if isinstance(each, ast.ImportFrom) else [alias.name for alias in each.names]
        )
        if name and project.table.locate(name, target.path) is not None
    ]
    return not absolute


def from_import(
    project: Project, importer: str, wanted: Place, name: str, relative: bool, alias: str | None = None
) -> ImportStatement:
    """Return `from wanted import name` as the file at a path writes it."""
    text = relative_text(project, importer, wanted) if relative else None
    return ImportStatement(text or wanted.name, name, alias)


def module_import(
    project: Project, importer: str, wanted: Place, relative: bool, alias: str | None = None
) -> ImportStatement:
    """Return the import that binds a module's last name: `from package import module`, or `import module`."""
    above = parent(wanted.key)
    if relative and wanted.package:
        package = relative_text(project, importer, Place(above, wanted.package))
        if package is not None:
            return ImportStatement(package, wanted.leaf, alias)
    if wanted.package:
        return ImportStatement(wanted.package, wanted.leaf, alias)
    return ImportStatement(wanted.name, None, alias)


def is_same_file(path: str, wanted: Place) -> bool:
    """Tell whether a path is that of a module or of its stub."""
    return module_key(path) == wanted.key


def path_in(place: Place, ending: str) -> str:
    """Return the path of a plain module's file."""
    return join(parent(place.key), place.key.rpartition("/")[2] + ending)
