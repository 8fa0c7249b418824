"""The recipe itself: which kinds to look for, and the rounds of removal."""

from __future__ import annotations

from dataclasses import dataclass

from overhaul.refactors.errors import ParameterError, did_you_mean
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.recipes.remove_unused.cases import CASES
from overhaul.refactors.recipes.remove_unused.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.rounds import Rounds
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused
from overhaul.refactors.unused.finding import KINDS
from overhaul.refactors.unused.search import Extent, remove_unused


@dataclass(frozen=True, slots=True)
class Parameters:
    """What to remove."""

    kinds: tuple[str, ...] = parameter(
        "what to remove: imports, variables (of functions), definitions (private ones); all of them if none is named",
        default=(),
    )


class RemoveUnused(Recipe):
    id = "remove-unused"
    summary = "Remove the imports, local variables and private definitions that nothing uses"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Remove unused {', '.join(self.parameters.kinds or KINDS)}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find what nothing uses in each file; remove what is proved, and what only that used."""
        for kind in self.parameters.kinds:
            if kind not in KINDS:
                raise ParameterError(
                    f"kinds is '{kind}', which is none.{did_you_mean(kind, KINDS)} It takes {', '.join(KINDS)}"
                )
        kinds = [kind for kind in KINDS if kind in (self.parameters.kinds or KINDS)]
        with collector_paused():
            rounds = Rounds(tree)
            remove_unused(rounds, Extent(kinds))
            return self.analysis(
                rounds.first, rounds.sites.values(), rounds.edits(), rounds.failures.values()
            )
