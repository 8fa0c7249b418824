"""Before and after, for the tests and the documentation; those where nothing may change come first."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.replace_call.cases.changed import CHANGED
from overhaul.refactors.recipes.replace_call.cases.refused import REFUSED
from overhaul.refactors.recipes.replace_call.cases.unchanged import UNCHANGED

CASES: tuple[Case, ...] = (*UNCHANGED, *CHANGED, *REFUSED)
