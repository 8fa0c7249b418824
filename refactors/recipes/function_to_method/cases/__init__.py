"""Before and after, for the tests and the documentation; those where nothing may change come first."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.function_to_method.cases.calls import CALLS
from overhaul.refactors.recipes.function_to_method.cases.definitions import DEFINITIONS
from overhaul.refactors.recipes.function_to_method.cases.refused import REFUSED
from overhaul.refactors.recipes.function_to_method.cases.staying import STAYING
from overhaul.refactors.recipes.function_to_method.cases.unchanged import UNCHANGED

CASES: tuple[Case, ...] = (*UNCHANGED, *CALLS, *DEFINITIONS, *STAYING, *REFUSED)
