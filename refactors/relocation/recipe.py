"""What the recipes for modules share: texts of parameters, the order of their steps, and what both report."""

from __future__ import annotations

from abc import abstractmethod

from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Recipe, Site
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.clashes import refuse_missing_package, refuse_taken_place
from overhaul.refactors.relocation.compatibility import refuse_alias, with_alias
from overhaul.refactors.relocation.leftovers import report_star_imported_names
from overhaul.refactors.relocation.own_identity import report_named_tests, report_own_identity
from overhaul.refactors.relocation.python_strings import report_relative_names
from overhaul.refactors.relocation.relocation import Relocation
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused

MODULE_HELP = "the module or package: package.module, or its path such as src/package/module.py"
STRINGS_HELP = "also edit strings that are its dotted name: mock.patch paths, settings (otherwise reported)"


class RelocatingRecipe(Recipe):
    """A recipe that gives a module another name or place: a parameter of it is `alias`."""

    def analyse(self, tree: Tree) -> Analysis:
        """Find every import and use of the module, and every place that may mean it."""
        alias = self.parameters.alias
        with collector_paused():
            relocation = self.relocation(Project(tree))
            new = relocation.new_name.rpartition(".")[2]
            findings = Findings(relocation.project, relocation.old_name, relocation.leaf, new)
            refuse_missing_package(relocation)
            refuse_taken_place(relocation)
            refuse_alias(relocation, alias)
            _move_files(relocation, findings)
            self.find(relocation, findings)
            report_relative_names(relocation, findings)
            report_star_imported_names(relocation, findings)
            report_own_identity(relocation, findings)
            report_named_tests(relocation, findings)
            renamed = {
                relocation.old_name: relocation.new_name,
                relocation.old_key: relocation.new_key,  # test ids are paths, where the two are one text
            }
            edits = with_alias(relocation, findings.edits(), alias)
            return self.analysis(relocation.project, findings.all_sites(), edits, renamed=renamed)

    @abstractmethod
    def relocation(self, project: Project) -> Relocation:
        """Return what the parameters say. Raises ParameterError for what cannot be done."""

    @abstractmethod
    def find(self, relocation: Relocation, findings: Findings) -> None:
        """Find what follows the module, and what is only reported."""


def _move_files(relocation: Relocation, findings: Findings) -> None:
    """Record the new paths, with a site for each file that is the module itself."""
    findings.moves.update(relocation.moves)
    for path in relocation.location.paths or sorted(relocation.moves)[:1]:
        reason = f"definition: the file moves to {relocation.moves[path]}"
        findings.sites[path, -1, "resolved"] = Site(path, 1, 1, relocation.old_name, "resolved", reason)
