"""The recipe itself: finds the symbol and its uses, edits both modules and every importer, and checks the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.recipes.move_symbol.cases import CASES
from overhaul.refactors.recipes.move_symbol.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.move_symbol.whole_move import WholeMove
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.positions import named_target
from overhaul.refactors.symbols.target import (
    ExternalTarget,
    MemberTarget,
    ModuleTarget,
    Target,
    UnreadableTarget,
    VariableTarget,
)
from overhaul.refactors.text import collector_paused


@dataclass(frozen=True, slots=True)
class Parameters:
    """What to move, where to, what stays behind, and how far beyond the code."""

    symbol: str = parameter(
        "the function, class or constant of a module: package.module.name, or path.py:LINE:COLUMN"
    )
    to: str = parameter("the module that it moves to, which may not exist yet: package.other")
    alias: Literal["no", "yes", "warn"] = parameter(
        "what stays in the old module: nothing, an import of the name, or a __getattr__ that gives it with a"
        " DeprecationWarning",
        default="no",
    )
    with_helpers: bool = parameter(
        "also move the functions, classes and constants of the old module that only the symbol uses",
        default=False,
    )
    imports: Literal["as-before", "module", "from-package", "from-module"] = parameter(
        "what a use such as old.name becomes, and with module or from-package also what the old module itself goes on"
        " using: like the import that gives old, import package.other, from package import other, or from package.other"
        " import name",
        default="as-before",
    )
    docs: bool = parameter(
        "also edit qualified names in docstrings, doctests, .rst and .md files (otherwise they are reported)",
        default=False,
    )
    strings: bool = parameter(
        "also edit qualified names in strings: mock.patch paths, entry points (otherwise reported)",
        default=False,
    )


class MoveSymbol(Recipe):
    id = "move-symbol"
    summary = "Move a function, class or constant to another module, with the imports it needs and all its importers"
    Parameters = Parameters
    moves_code = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Move {self.parameters.symbol} to {self.parameters.to}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find the definition and every use, and edit all of them or none."""
        with collector_paused():
            project = Project(tree)
            inference = Inference(project)
            try:
                found = named_target(inference, self.parameters.symbol)
            except UnreadableTarget:
                return self.analysis(project, (), ())
            target = _movable(found)
            edits, sites = WholeMove(inference, target, self.parameters).done()
            new = f"{self.parameters.to}.{target.name}"
            return self.analysis(project, sites, edits, renamed={target.symbol: new})


_SPECIAL = frozenset(
    {"__all__", "__getattr__", "__dir__", "__path__", "__doc__", "__file__", "__name__", "__slots__"}
)


def _movable(target: Target) -> VariableTarget:
    """Return the target if it is a name of a module. Raises ParameterError."""
    if isinstance(target, VariableTarget) and target.scope.parent is None:
        if target.name in _SPECIAL:
            raise ParameterError(f"'{target.symbol}' is read by Python from its own module; it cannot move")
        return target
    if isinstance(target, ModuleTarget):
        raise ParameterError(f"'{target.symbol}' is a module; move-symbol moves what a module defines")
    if isinstance(target, MemberTarget):
        raise ParameterError(
            f"'{target.symbol}' is a member of a class; move-symbol moves functions, classes and constants of a module"
        )
    if isinstance(target, ExternalTarget):
        raise ParameterError(
            f"'{target.symbol}' is defined outside the tree. To follow a library that moved it: replace-import"
        )
    raise ParameterError(
        f"'{target.symbol}' is no name of a module; only functions, classes and constants move"
    )
