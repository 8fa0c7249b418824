"""Imports of the name from modules that may give it in a way that cannot be seen: lazily, or in a library."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.symbols.target import ExternalTarget


def report_unseen_names(findings: Findings, module: Module) -> None:
    """Report an import from a module of the tree that has no such name to see: it may have a `__getattr__`."""
    for alias, source in _imports(findings, module):
        if isinstance(source, Location) and findings.project.member(source, findings.old) is None:
            findings.leave(module, alias, f"the module {source.key} has no '{findings.old}' that can be seen")


def report_possible_reexports(findings: Findings, module: Module, target: ExternalTarget) -> None:
    """Report an import from elsewhere in the library, whose re-exports cannot be read."""
    top = target.symbol.partition(".")[0]
    for alias, source in _imports(findings, module):
        is_other = isinstance(source, str) and f"{source}.{findings.old}" != target.symbol
        if is_other and str(source).partition(".")[0] == top:
            findings.leave(module, alias, f"import from {source}, which may re-export {target.symbol}")


def _imports(findings: Findings, module: Module) -> Iterator[tuple[ast.alias, Location | str | None]]:
    for statement, _ in module.bindings.imports:
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if alias.name == findings.old:
                    yield alias, findings.project.import_source(module, statement)
