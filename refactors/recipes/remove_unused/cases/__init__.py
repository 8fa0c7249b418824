"""Before and after, for every kind of what is unused."""

from overhaul.refactors.recipes.remove_unused.cases.changed import CHANGED_CASES
from overhaul.refactors.recipes.remove_unused.cases.unchanged import UNCHANGED_CASES

CASES = (*UNCHANGED_CASES, *CHANGED_CASES)
