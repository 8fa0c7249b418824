"""What the recipes for modules report: the files that move, and the analysis."""

from __future__ import annotations

from overhaul.refactors.recipe import Analysis, Recipe, Site
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.compatibility import Alias, with_alias
from overhaul.refactors.relocation.relocation import Relocation


def move_files(relocation: Relocation, findings: Findings) -> None:
    """Record the new paths, with a site for each file that is the module itself."""
    findings.moves.update(relocation.moves)
    for path in relocation.location.paths or sorted(relocation.moves)[:1]:
        findings.sites[path, -1, "resolved"] = Site(
            path,
            1,
            1,
            relocation.old_name,
            "resolved",
            f"definition: the file moves to {relocation.moves[path]}",
        )


def analysis_of(recipe: Recipe, relocation: Relocation, findings: Findings, alias: Alias) -> Analysis:
    """Return the analysis; tests are still the same under the module's new name and path."""
    renamed = {
        relocation.old_name: relocation.new_name,
        relocation.old_key: relocation.new_key,  # test ids are paths, where the two are one text
    }
    edits = with_alias(relocation, findings.edits(), alias)
    return recipe.analysis(relocation.project, findings.all_sites(), edits, renamed=renamed)
