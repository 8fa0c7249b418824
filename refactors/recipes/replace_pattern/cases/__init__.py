"""The recipe's cases: at once its tests and its documentation."""

from overhaul.refactors.recipes.replace_pattern.cases.changed import CHANGED
from overhaul.refactors.recipes.replace_pattern.cases.refused import REFUSED
from overhaul.refactors.recipes.replace_pattern.cases.unchanged import UNCHANGED

CASES = (*UNCHANGED, *CHANGED, *REFUSED)
