"""Before and after, for what a region takes along, gives back and cannot leave behind."""

from overhaul.refactors.recipes.extract_function.cases.changed import CHANGED
from overhaul.refactors.recipes.extract_function.cases.methods import METHODS
from overhaul.refactors.recipes.extract_function.cases.refused import REFUSED

CASES = (*REFUSED, *CHANGED, *METHODS)
