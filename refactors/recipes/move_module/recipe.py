"""The recipe itself: finds the module and its new place, and lets the parts find what follows it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import ModuleTable, join, parent
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import parameter
from overhaul.refactors.recipes.move_module.cases import CASES
from overhaul.refactors.recipes.move_module.dotted_uses import DottedUses
from overhaul.refactors.recipes.move_module.imports import MovedImports
from overhaul.refactors.recipes.move_module.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.rename_symbol.computed_names import report_computed_imports
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.clashes import (
    refuse_fixed_name,
)
from overhaul.refactors.relocation.compatibility import ALIAS_HELP
from overhaul.refactors.relocation.finding import find_folder, find_module
from overhaul.refactors.relocation.import_cycles import report_import_circles
from overhaul.refactors.relocation.leftovers import report_vanished_package
from overhaul.refactors.relocation.python_strings import (
    PythonStrings,
    report_exported_name,
)
from overhaul.refactors.relocation.recipe import MODULE_HELP, STRINGS_HELP, RelocatingRecipe
from overhaul.refactors.relocation.relocation import Relocation, location_name, moved_files
from overhaul.refactors.relocation.texts import TextMentions


@dataclass(frozen=True, slots=True)
class Parameters:
    """What to move, where to, and how far beyond the code."""

    module: str = parameter(MODULE_HELP)
    to: str = parameter(
        "the package that gets it, package.subpackage, or a folder such as src/ or ./ for the top of a source root"
    )
    docs: bool = parameter(
        "also edit its dotted name in docstrings, .rst and .md files (otherwise reported)", default=False
    )
    strings: bool = parameter(STRINGS_HELP, default=False)
    alias: Literal["no", "yes", "warn"] = parameter(ALIAS_HELP, default="no")


class MoveModule(RelocatingRecipe):
    id = "move-module"
    summary = "Move a module or package into another package or source root"
    Parameters = Parameters
    moves_code = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Move {self.parameters.module} to {self.parameters.to}"

    def relocation(self, project: Project) -> Relocation:
        location = find_module(project, self.parameters.module)
        old_name = location_name(project.table, location)
        leaf = old_name.rpartition(".")[2]
        refuse_fixed_name(leaf, location.is_package)
        folder = find_folder(project, self.parameters.to)
        new_key = join(folder, leaf)
        if folder == parent(location.key):
            raise ParameterError(f"'{old_name}' is in {folder or 'the top folder'} already")
        moves = moved_files(project, location, new_key)
        after = ModuleTable(moves.get(path, path) for path in project.tree.paths())
        return Relocation(
            project, location, old_name, location_name(after, after.at(new_key) or location), new_key, moves
        )

    def find(self, relocation: Relocation, findings: Findings) -> None:
        inference = Inference(relocation.project)
        imports, uses = MovedImports(relocation, findings), DottedUses(inference, relocation, findings)
        importers = list(_files_to_read(relocation))
        for module in importers:
            imports.find_in(module)
            uses.find_in(module)
        PythonStrings(relocation, findings, self.parameters.docs, self.parameters.strings).find()
        TextMentions(relocation, findings, self.parameters.docs, self.parameters.strings).find()
        report_computed_imports(findings, relocation.location)
        report_exported_name(relocation, findings)
        report_vanished_package(relocation, findings)
        report_import_circles(relocation, findings, importers)


def _files_to_read(relocation: Relocation) -> Iterator[Module]:
    """Yield the files that have the module's name, and those that move."""
    project = relocation.project
    paths = {*project.paths_containing([relocation.leaf]), *relocation.moves}
    for path in sorted(paths):
        module = project.module(path) if path.endswith((".py", ".pyi")) else None
        if module is not None:
            yield module
