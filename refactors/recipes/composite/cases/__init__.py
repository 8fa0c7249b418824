"""The recipe's cases: at once its tests and its documentation."""

from overhaul.refactors.recipes.composite.cases.changed import CHANGED
from overhaul.refactors.recipes.composite.cases.refused import REFUSED
from overhaul.refactors.recipes.composite.cases.unchanged import UNCHANGED

CASES = (*UNCHANGED, *CHANGED, *REFUSED)
