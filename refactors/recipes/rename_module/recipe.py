"""The recipe itself: the rename of the module's name, and what else knows a module by its name or path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import join, parent
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.recipes.rename_module.cases import CASES
from overhaul.refactors.recipes.rename_module.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.recipe import Parameters as SymbolParameters
from overhaul.refactors.recipes.rename_symbol.recipe import new_name
from overhaul.refactors.recipes.rename_symbol.search import Search
from overhaul.refactors.recipes.rename_symbol.unread_files import report_links, report_unparsed_files
from overhaul.refactors.relocation.clashes import refuse_fixed_name, refuse_taken_place
from overhaul.refactors.relocation.compatibility import ALIAS_HELP, refuse_alias
from overhaul.refactors.relocation.finding import find_module
from overhaul.refactors.relocation.leftovers import report_star_imported_names
from overhaul.refactors.relocation.outcome import analysis_of, move_files
from overhaul.refactors.relocation.own_identity import report_named_tests, report_own_identity
from overhaul.refactors.relocation.python_strings import edit_setup_arguments, report_relative_names
from overhaul.refactors.relocation.relocation import Relocation, location_name, moved_files
from overhaul.refactors.relocation.texts import TextMentions
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.target import ModuleTarget
from overhaul.refactors.text import collector_paused


@dataclass(frozen=True, slots=True)
class Parameters:
    """What to rename, into what, and how far beyond the code."""

    old: str = parameter("the module or package: package.module, or its path such as src/package/module.py")
    new: str = parameter("its new name, plain or with the same parent: parsing or package.parsing")
    docs: bool = parameter(
        "also edit its name in docstrings, doctests, .rst and .md files (otherwise reported)", default=False
    )
    strings: bool = parameter(
        "also edit strings that are its dotted name: mock.patch paths, settings (otherwise reported)",
        default=False,
    )
    alias: Literal["no", "yes", "warn"] = parameter(ALIAS_HELP, default="no")


class RenameModule(Recipe):
    id = "rename-module"
    summary = "Rename a module or package: its files, imports, entry points and settings"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Rename {self.parameters.old} to {self.parameters.new}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find every import and use of the module, and every place that may mean it."""
        with collector_paused():
            project = Project(tree)
            relocation = self._relocation(project)
            leaf = relocation.new_name.rpartition(".")[2]
            findings = Findings(project, relocation.old_name, relocation.leaf, leaf)
            refuse_taken_place(relocation)
            refuse_alias(relocation, self.parameters.alias)
            move_files(relocation, findings)
            self._find(relocation, findings)
            return analysis_of(self, relocation, findings, self.parameters.alias)

    def _relocation(self, project: Project) -> Relocation:
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

    def _find(self, relocation: Relocation, findings: Findings) -> None:
        docs, strings = self.parameters.docs, self.parameters.strings
        TextMentions(relocation, findings, docs, strings, documents_too=False).find()
        edit_setup_arguments(relocation, findings)
        parameters = SymbolParameters(relocation.old_name, findings.new, docs, strings)
        target = ModuleTarget(relocation.location, relocation.old_name)
        Search(Inference(relocation.project), findings, parameters).find(target)
        report_relative_names(relocation, findings)
        report_star_imported_names(relocation, findings)
        report_own_identity(relocation, findings)
        report_named_tests(relocation, findings)
        report_unparsed_files(findings)
        report_links(findings)
