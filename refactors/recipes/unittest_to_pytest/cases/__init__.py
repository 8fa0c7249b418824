"""Before and after; what stays comes first."""

from overhaul.refactors.recipes.unittest_to_pytest.cases.assertions import ASSERTIONS
from overhaul.refactors.recipes.unittest_to_pytest.cases.classes import CLASSES
from overhaul.refactors.recipes.unittest_to_pytest.cases.unchanged import UNCHANGED

CASES = (*UNCHANGED, *ASSERTIONS, *CLASSES)
