"""Before and after, for every kind of definition and every way in which other code reaches it."""

from overhaul.refactors.recipes.move_symbol.cases.definitions import DEFINITION_CASES
from overhaul.refactors.recipes.move_symbol.cases.importers import IMPORTER_CASES
from overhaul.refactors.recipes.move_symbol.cases.needs import NEED_CASES
from overhaul.refactors.recipes.move_symbol.cases.refused import REFUSED_CASES
from overhaul.refactors.recipes.move_symbol.cases.texts import TEXT_CASES
from overhaul.refactors.recipes.move_symbol.cases.unchanged import UNCHANGED_CASES

CASES = (
    *UNCHANGED_CASES,
    *REFUSED_CASES,
    *DEFINITION_CASES,
    *IMPORTER_CASES,
    *NEED_CASES,
    *TEXT_CASES,
)
