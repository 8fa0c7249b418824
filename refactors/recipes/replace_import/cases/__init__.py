"""Before and after, for every form of import and use."""

from overhaul.refactors.recipes.replace_import.cases.changed import CHANGED_CASES
from overhaul.refactors.recipes.replace_import.cases.unchanged import UNCHANGED_CASES

CASES = (*UNCHANGED_CASES, *CHANGED_CASES)
