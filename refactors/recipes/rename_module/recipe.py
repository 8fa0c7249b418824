"""The recipe itself: the rename of the module's name, and what else knows a module by its name or path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import join, parent
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import parameter
from overhaul.refactors.recipes.rename_module.cases import CASES
from overhaul.refactors.recipes.rename_module.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.recipe import Parameters as SymbolParameters
from overhaul.refactors.recipes.rename_symbol.recipe import new_name
from overhaul.refactors.recipes.rename_symbol.search import Search
from overhaul.refactors.relocation.clashes import refuse_fixed_name
from overhaul.refactors.relocation.compatibility import ALIAS_HELP
from overhaul.refactors.relocation.finding import find_module
from overhaul.refactors.relocation.python_strings import edit_setup_arguments
from overhaul.refactors.relocation.recipe import MODULE_HELP, STRINGS_HELP, RelocatingRecipe
from overhaul.refactors.relocation.relocation import Relocation, location_name, moved_files
from overhaul.refactors.relocation.texts import TextMentions
from overhaul.refactors.symbols.target import ModuleTarget


@dataclass(frozen=True, slots=True)
class Parameters:
    """What to rename, into what, and how far beyond the code."""

    old: str = parameter(MODULE_HELP)
    new: str = parameter("its new name, plain or with the same parent: parsing or package.parsing")
    docs: bool = parameter(
        "also edit its name in docstrings, doctests, .rst and .md files (otherwise reported)", default=False
    )
    strings: bool = parameter(STRINGS_HELP, default=False)
    alias: Literal["no", "yes", "warn"] = parameter(ALIAS_HELP, default="no")


class RenameModule(RelocatingRecipe):
    id = "rename-module"
    summary = "Rename a module or package: its files, imports, entry points and settings"
    Parameters = Parameters
    moves_code = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Rename {self.parameters.old} to {self.parameters.new}"

    def relocation(self, project: Project) -> Relocation:
        location = find_module(project, self.parameters.old)
        old_name = location_name(project.table, location)
        package, _, leaf = old_name.rpartition(".")
        refuse_fixed_name(leaf, location.is_package)
        new = new_name(self.parameters.new, old_name)
        if new == leaf:
            raise ParameterError(f"'{old_name}' has the name '{new}' already")
        refuse_fixed_name(new, location.is_package)
        new_key = join(parent(location.key), new)
        dotted = f"{package}.{new}" if package else new
        return Relocation(
            project, location, old_name, dotted, new_key, moved_files(project, location, new_key)
        )

    def find(self, relocation: Relocation, findings: Findings) -> None:
        docs, strings = self.parameters.docs, self.parameters.strings
        TextMentions(relocation, findings, docs, strings, documents_too=False).find()
        edit_setup_arguments(relocation, findings)
        parameters = SymbolParameters(relocation.old_name, findings.new, docs, strings)
        target = ModuleTarget(relocation.location, relocation.old_name)
        Search(Inference(relocation.project), findings, parameters).find(target)
