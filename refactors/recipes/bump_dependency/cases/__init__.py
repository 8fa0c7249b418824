"""Before and after; what stays as it is comes first."""

from overhaul.refactors.recipes.bump_dependency.cases.changed import CHANGED
from overhaul.refactors.recipes.bump_dependency.cases.refused import REFUSED
from overhaul.refactors.recipes.bump_dependency.cases.unchanged import UNCHANGED

CASES = (*UNCHANGED, *CHANGED, *REFUSED)
