"""The recipe itself: finds the target, lets the part for its kind find the sites, and gathers them."""

from __future__ import annotations

import keyword
import unicodedata
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError, SymbolNotFound
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.recipes.rename_symbol.cases import CASES
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.rename_symbol.search import Search
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.positions import named_target
from overhaul.refactors.symbols.target import (
    ExternalTarget,
    MemberTarget,
    ParameterTarget,
    Target,
    UnreadableTarget,
    VariableTarget,
)
from overhaul.refactors.text import collector_paused


@dataclass(frozen=True, slots=True)
class Parameters:
    """What to rename, into what, and how far beyond the code."""

    old: str = parameter(
        "the symbol: package.module.Class.method, package.module.function(parameter), or path.py:LINE:COLUMN"
    )
    new: str = parameter("its new name, plain or with the same parent: get_user or package.module.get_user")
    docs: bool = parameter(
        "also edit cross references in docstrings, doctests, .rst and .md files (otherwise they are reported)",
        default=False,
    )
    strings: bool = parameter(
        "also edit names in strings that are proved: mock.patch paths, getattr, entry points (otherwise reported)",
        default=False,
    )
    unknown_receivers: Literal["report", "unique"] = parameter(
        "x.name where x has no known type: report it, or rename it if nothing else in the tree has that name",
        default="report",
    )


class RenameSymbol(Recipe):
    id = "rename-symbol"
    summary = "Rename a module, class, function, method, attribute, parameter or variable everywhere"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Rename {self.parameters.old} to {self.parameters.new}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find every place that means the symbol, and every place that may."""
        with collector_paused():
            return self._analyse(tree)

    def _analyse(self, tree: Tree) -> Analysis:
        project = Project(tree)
        inference = Inference(project)
        try:
            target = named_target(inference, self.parameters.old)
        except UnreadableTarget:
            return self.analysis(project, (), ())
        findings = Findings(
            project, target.symbol, leaf_of(target), new_name(self.parameters.new, target.symbol)
        )
        _check(findings)
        Search(inference, findings, self.parameters).find(target)
        if not findings.sites and isinstance(target, ExternalTarget) and not project.failures:
            raise SymbolNotFound(
                f"'{target.symbol}' is defined nowhere in the tree and nothing in it imports it"
            )
        renamed = {findings.old: findings.new}
        return self.analysis(project, findings.all_sites(), findings.edits(), renamed=renamed)


def leaf_of(target: Target) -> str:
    """Return the name itself."""
    if isinstance(target, VariableTarget | MemberTarget | ParameterTarget):
        return target.name
    return target.symbol.rpartition(".")[2]


def new_name(new: str, symbol: str) -> str:
    """Return the plain new name. Raises ParameterError if it names another parent or is no name."""
    above, _, leaf = new.rpartition(".")
    if above and above != symbol.rpartition(".")[0]:
        raise ParameterError(
            f"'{new}' has another parent than '{symbol}'; rename-symbol changes the last part only."
            f" Write: {symbol.rpartition('.')[0]}.{leaf}"
        )
    # Python reads identifiers in NFKC (language reference, 2.3): another spelling would be another name only to us.
    leaf = unicodedata.normalize("NFKC", leaf)
    if not leaf.isidentifier() or keyword.iskeyword(leaf):
        reason = "is a keyword of Python" if keyword.iskeyword(leaf) else "is not a name"
        raise ParameterError(f"the new name '{leaf}' {reason}. Choose letters, digits and underscores")
    return leaf


def _check(findings: Findings) -> None:
    if findings.old == findings.new:
        raise ParameterError(f"'{findings.symbol}' has the name '{findings.new}' already")
