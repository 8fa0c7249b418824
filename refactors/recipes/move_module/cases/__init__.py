"""Before and after, for every kind of import, use and mention that a move must get right or report."""

from overhaul.refactors.recipes.move_module.cases.imports import IMPORT_CASES
from overhaul.refactors.recipes.move_module.cases.places import PLACE_CASES
from overhaul.refactors.recipes.move_module.cases.texts import TEXT_CASES
from overhaul.refactors.recipes.move_module.cases.unchanged import UNCHANGED_CASES

CASES = sorted(
    (*UNCHANGED_CASES, *IMPORT_CASES, *PLACE_CASES, *TEXT_CASES),
    key=lambda case: case.after is not None,  # those that change nothing first
)
