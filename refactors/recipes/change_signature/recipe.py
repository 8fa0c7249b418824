"""The recipe itself: reads the changes, finds definitions and uses, and puts the edits together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.recipes.change_signature.cases import CASES
from overhaul.refactors.recipes.change_signature.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.change_signature.notation import parse_changes
from overhaul.refactors.recipes.change_signature.search import Search
from overhaul.refactors.recipes.change_signature.target import function_of
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.positions import named_target
from overhaul.refactors.symbols.target import UnreadableTarget
from overhaul.refactors.text import collector_paused


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which function, what to change, and how far."""

    function: str = parameter(
        "the function: package.module.function, package.module.Class.method, package.module.Class for its"
        " constructor, or path.py:LINE:COLUMN"
    )
    change: tuple[str, ...] = parameter(
        "one change, in order if there are several:"
        " 'add NAME[: ANNOTATION][ = DEFAULT] [first|last|before NAME|after NAME|at NUMBER|keyword-only]"
        " [call VALUE]' (callers get VALUE, or rely on DEFAULT); 'remove NAME'; 'rename OLD NEW';"
        " 'reorder NAME, NAME, ...' (the named ones change places); 'keyword-only NAME, ...';"
        " 'default NAME = VALUE'; 'inline-default NAME [keep]' (the default goes into the calls that rely on it, and"
        " out of the definition unless kept); 'normalize-calls' (by position what can be)"
    )
    side_effects: Literal["report", "drop"] = parameter(
        "a call whose argument is removed though it may have side effects, such as a call: report it, or drop it",
        default="report",
    )
    docs: bool = parameter(
        "also edit the calls in doctests, .rst and .md files that surely mean the function (otherwise reported)",
        default=False,
    )
    imports: tuple[str, ...] = parameter(
        "import statements for names of the new expressions that the function's module does not have:"
        " 'from x import y'",
        default=(),
    )


class ChangeSignature(Recipe):
    id = "change-signature"
    summary = "Add, remove, rename, reorder parameters of a function, with its overrides and all calls"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Change the signature of {self.parameters.function}: {'; '.join(self.parameters.change)}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find the definitions and every use, rewrite what is proved and report the rest."""
        changes = parse_changes(self.parameters.change)
        project = Project(tree)
        with collector_paused():
            inference = Inference(project)
            try:
                target = named_target(inference, self.parameters.function)
            except UnreadableTarget:
                return self.analysis(project, (), ())
            report, edits = Search(inference, self.parameters, changes).run(function_of(inference, target))
        return self.analysis(project, report.ordered(), edits)
