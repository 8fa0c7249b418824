"""Before and after, rule by rule; what must stay comes first."""

from overhaul.refactors.recipes.modernize_syntax.cases.changed import OTHER_CASES, TEXT_CASES, TYPE_CASES
from overhaul.refactors.recipes.modernize_syntax.cases.unchanged import REFUSED_CASES, UNCHANGED_CASES

CASES = (*UNCHANGED_CASES, *TYPE_CASES, *TEXT_CASES, *OTHER_CASES, *REFUSED_CASES)
