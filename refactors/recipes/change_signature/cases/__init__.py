"""Before and after, for the tests and the documentation; those where nothing may change come first."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.change_signature.cases.callers import CALLERS
from overhaul.refactors.recipes.change_signature.cases.calls import CALLS
from overhaul.refactors.recipes.change_signature.cases.layout import LAYOUT
from overhaul.refactors.recipes.change_signature.cases.members import MEMBERS
from overhaul.refactors.recipes.change_signature.cases.refused import REFUSED
from overhaul.refactors.recipes.change_signature.cases.unchanged import UNCHANGED

CASES: tuple[Case, ...] = (*UNCHANGED, *CALLS, *CALLERS, *MEMBERS, *LAYOUT, *REFUSED)
