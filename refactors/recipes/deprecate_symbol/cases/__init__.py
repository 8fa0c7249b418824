"""Before and after; what stays as it is comes first."""

from overhaul.refactors.recipes.deprecate_symbol.cases.changelogs import CHANGELOG_CASES
from overhaul.refactors.recipes.deprecate_symbol.cases.definitions import DEFINITION_CASES
from overhaul.refactors.recipes.deprecate_symbol.cases.old_names import OLD_NAME_CASES, OLD_NAME_REPORTS
from overhaul.refactors.recipes.deprecate_symbol.cases.unchanged import REFUSED_CASES, UNCHANGED_CASES
from overhaul.refactors.recipes.deprecate_symbol.cases.uses import USE_CASES

CASES = (
    *UNCHANGED_CASES,
    *OLD_NAME_REPORTS,
    *DEFINITION_CASES,
    *USE_CASES,
    *OLD_NAME_CASES,
    *CHANGELOG_CASES,
    *REFUSED_CASES,
)
