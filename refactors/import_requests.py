"""The imports that the edits of many files need and those that they leave unused, gathered and then put in."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_cycles import ImportGraph
from overhaul.refactors.import_edits import (
    added_imports,
    named_elsewhere,
    removable_imports,
    removed_imports,
    without_double_blanks,
)
from overhaul.refactors.import_needs import ImportStatement, runs_later
from overhaul.refactors.project import Module, Project
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.text import Splice
from overhaul.refactors.unused_imports import unused_without


@dataclass(slots=True)
class ImportRequests:
    """By file: what to import, before which offset, and what to remove."""

    project: Project
    graph: ImportGraph = field(init=False)
    _statements: dict[str, set[ImportStatement]] = field(default_factory=lambda: defaultdict(set))
    _before: dict[str, int] = field(default_factory=dict)
    _removed: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    _modules: dict[str, Module] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.graph = ImportGraph(self.project)

    def add(
        self, module: Module, scope: Scope, node: ast.expr | ast.stmt, statement: ImportStatement
    ) -> None:
        """Ask for an import, in time for a node of a scope."""
        start = None if runs_later(scope) else module.source.start(module.bindings.statement_of(node))
        self.add_before(module, statement, start)

    def add_before(self, module: Module, statement: ImportStatement, before: int | None = None) -> None:
        """Ask for an import, before an offset if one is given."""
        self._modules[module.path] = module
        self._statements[module.path].add(statement)
        if before is not None:
            self._before[module.path] = min(before, self._before.get(module.path, before))

    def remove(self, module: Module, binding: Binding) -> None:
        """Take an import away."""
        self._modules[module.path] = module
        if binding not in self._removed[module.path]:
            self._removed[module.path].append(binding)

    def remove_unused(
        self, module: Module, gone: Iterable[tuple[ast.expr, Scope]], kept: Collection[ast.AST] = ()
    ) -> list[Binding]:
        """Take away, and return, the imports that only what is gone used and that nobody else relies on."""
        unused = removable_imports(module, unused_without(module, gone, kept))
        taken = named_elsewhere(self.project, {(module.name, each.name) for each in unused})
        found = [each for each in unused if (module.name, each.name) not in taken]
        for each in found:
            self.remove(module, each)
        return found

    def refuse_cycles(self) -> None:
        """Raise ParameterError if the imports together close a circle that none of them closes alone."""
        added = [
            (module, imported)
            for path, module in self._modules.items()
            for each in self._statements[path]
            if (location := self.project.table.locate(each.module, path)) is not None
            for imported in self.project.modules_at(location)[:1]
            if imported.key not in self.graph.imports(module.key)
        ]
        for module, imported in added:
            self.graph.add(module.key, imported.key)
        for module, imported in added:
            if self.closes_cycle(module, imported):
                raise ParameterError(
                    f"{module.path} would import {imported.name}, and {imported.name} then imports {module.name}:"
                    " an import cycle. Choose another module"
                )

    def closes_cycle(self, importer: Module, imported: Module) -> bool:
        """Tell whether executing a module executes another, which is to import it."""
        return self.graph.path(imported.key, importer.key) is not None

    def splices(self) -> Iterator[tuple[Module, list[Splice]]]:
        """Yield each file with the splices for its imports."""
        for path, module in self._modules.items():
            content = module.source.content
            splices = added_imports(
                self.project, module, self._statements[path], self._before.get(path, len(content))
            )
            splices += removed_imports(module, self._removed[path])
            yield module, without_double_blanks(content, splices)
