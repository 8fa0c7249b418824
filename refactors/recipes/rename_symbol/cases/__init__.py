"""Before and after, for every kind of use that a rename must get right or report."""

from overhaul.refactors.recipes.rename_symbol.cases.imports import IMPORT_CASES
from overhaul.refactors.recipes.rename_symbol.cases.members import MEMBER_CASES
from overhaul.refactors.recipes.rename_symbol.cases.parameters import PARAMETER_CASES
from overhaul.refactors.recipes.rename_symbol.cases.texts import TEXT_CASES
from overhaul.refactors.recipes.rename_symbol.cases.unchanged import UNCHANGED_CASES

CASES = sorted(
    (*UNCHANGED_CASES, *IMPORT_CASES, *MEMBER_CASES, *PARAMETER_CASES, *TEXT_CASES),
    key=lambda case: case.after is not None,  # those that change nothing first
)
