"""Circles of imports that a move makes: the packages above a module's new place are executed before it."""

from __future__ import annotations

from overhaul.refactors.import_cycles import ImportGraph, Layout
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.relocation import Relocation


def report_import_circles(relocation: Relocation, findings: Findings, importers: list[Module]) -> None:
    """Report each new import, of a package that must be executed first, that closes a circle.

    `importers` are the files that import the module, and those that move.
    """
    before = ImportGraph(relocation.project)
    layout = Layout(relocation.after.packages, relocation.key_after, relocation.key_before)
    after = ImportGraph(relocation.project, layout)
    for module in importers:
        imported = after.lines(module.key) if module.path.endswith(".py") else {}
        for key, line in imported.items():
            path = after.path(key, module.key) if key not in before.imports(module.key) else None
            if path is not None and not _is_circle(before, module.key, key):
                names = " -> ".join(_name(relocation, step) for step in [module.key, *path])
                reason = f"after the move these import each other in a circle: {names}"
                findings.notes.append(Site(module.path, line, 1, findings.symbol, "unresolved", reason))


def _is_circle(graph: ImportGraph, one: str, other: str) -> bool:
    return graph.path(one, other) is not None and graph.path(other, one) is not None


def _name(relocation: Relocation, key: str) -> str:
    return relocation.key_after(key).removeprefix("src/").replace("/", ".")
