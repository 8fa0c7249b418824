"""Before and after, for each place that a flag is read in."""

from overhaul.refactors.recipes.remove_flag.cases.branches import BRANCH_CASES
from overhaul.refactors.recipes.remove_flag.cases.conditions import CONDITION_CASES
from overhaul.refactors.recipes.remove_flag.cases.unchanged import UNCHANGED_CASES

CASES = (*UNCHANGED_CASES, *CONDITION_CASES, *BRANCH_CASES)
