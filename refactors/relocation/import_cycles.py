"""Cycles of imports that a move makes: what a module imports when it is loaded, its packages among it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from overhaul.refactors.modules import Location, parent
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.relocation import Relocation
from overhaul.refactors.values import ModuleValue


@dataclass(frozen=True, slots=True)
class LoadedImport:
    """An import that runs when a module is loaded: the module that it names, by its key before the move."""

    key: str
    line: int


class ImportCycles:
    """Finds paths along imports; modules are named by their keys before the move."""

    def __init__(self, relocation: Relocation, findings: Findings) -> None:
        self.relocation = relocation
        self.project = relocation.project
        self.findings = findings
        self._imports: dict[str, list[LoadedImport]] = {}

    def report(self, importers: list[Module]) -> None:
        """Report each new import, of a package that must be loaded first, that closes a cycle.

        `importers` are the files that import the module, and those that move.
        """
        reported: set[tuple[str, str]] = set()
        for module in importers:
            for each in self.imports(module.key):
                before = set(self._loaded(module.key, each.key, after=False))
                for key in self._loaded(module.key, each.key, after=True):
                    if key in before or (module.key, key) in reported:
                        continue
                    reported.add((module.key, key))
                    path = self._path(key, module.key, after=True)
                    if path is not None and not self._is_old_cycle(module.key, key):
                        names = " -> ".join(self._name(step) for step in [module.key, *path])
                        self.findings.notes.append(self._site(module, each.line, names))

    def _is_old_cycle(self, one: str, other: str) -> bool:
        """Tell whether two modules import each other before the move already."""
        return (
            self._path(one, other, after=False) is not None
            and self._path(other, one, after=False) is not None
        )

    def _site(self, module: Module, line: int, names: str) -> Site:
        reason = f"after the move these import each other in a circle: {names}"
        return Site(module.path, line, 1, self.findings.symbol, "unresolved", reason)

    def _name(self, key: str) -> str:
        return self.relocation.key_after(key).removeprefix("src/").replace("/", ".")

    def _path(self, start: str, goal: str, after: bool) -> list[str] | None:
        """Return the shortest way from one module to another along what loading imports."""
        came_from: dict[str, str] = {start: ""}
        waiting = [start]
        for key in waiting:
            if key == goal:
                steps = [key]
                while came_from[steps[0]]:
                    steps.insert(0, came_from[steps[0]])
                return steps
            for each in self.imports(key):
                for loaded in self._loaded(key, each.key, after):
                    if loaded not in came_from:
                        came_from[loaded] = key
                        waiting.append(loaded)
        return None

    def _loaded(self, importer: str, imported: str, after: bool) -> Iterator[str]:
        """Yield the module and the packages around it that an import loads, without those loading already."""
        place: Callable[[str], str] = self.relocation.key_after if after else str
        own, key = place(importer), place(imported)
        if imported != importer:
            yield imported
        package = parent(key)
        while package:
            is_loading = own == package or own.startswith(f"{package}/")
            table = self.relocation.after if after else self.project.table
            if not is_loading and package in table.packages:
                yield self._key_before(package) if after else package
            package = parent(package)

    def _key_before(self, key: str) -> str:
        new = self.relocation.new_key
        if key == new or key.startswith(f"{new}/"):
            return self.relocation.old_key + key[len(new) :]
        return key

    def imports(self, key: str) -> list[LoadedImport]:
        """Return the imports that run when a module is loaded."""
        if key not in self._imports:
            location = self.project.table.at(key)
            modules = self.project.modules_at(location) if location is not None else []
            self._imports[key] = [
                each for module in modules if module.path.endswith(".py") for each in self._of(module)
            ]
        return self._imports[key]

    def _of(self, module: Module) -> Iterator[LoadedImport]:
        for statement, scope in module.bindings.imports:
            if scope.kind == "function" or _is_for_types(module, statement):
                continue
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    found = self.project.absolute(module, alias.name)
                    if isinstance(found, Location):
                        yield LoadedImport(found.key, statement.lineno)
                continue
            source = self.project.import_source(module, statement)
            if not isinstance(source, Location):
                continue
            yield LoadedImport(source.key, statement.lineno)
            for alias in statement.names:
                found_module = self.project.member(source, alias.name) if source.is_package else None
                if isinstance(found_module, ModuleValue):
                    yield LoadedImport(found_module.location.key, statement.lineno)


def _is_for_types(module: Module, statement: ast.stmt) -> bool:
    """Tell whether a statement is in `if TYPE_CHECKING:`."""
    above = module.bindings.parents.get(statement)
    child: ast.AST = statement
    while above is not None:
        if isinstance(above, ast.If) and child in above.body and "TYPE_CHECKING" in ast.unparse(above.test):
            return True
        child, above = above, module.bindings.parents.get(above)
    return False
