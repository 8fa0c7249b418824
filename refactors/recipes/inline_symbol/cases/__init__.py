"""Before and after, for values and bodies that mean the same elsewhere, and those that may not."""

from overhaul.refactors.recipes.inline_symbol.cases.functions import FUNCTIONS
from overhaul.refactors.recipes.inline_symbol.cases.methods import METHODS
from overhaul.refactors.recipes.inline_symbol.cases.statements import STATEMENTS
from overhaul.refactors.recipes.inline_symbol.cases.unchanged import UNCHANGED
from overhaul.refactors.recipes.inline_symbol.cases.variables import VARIABLES

CASES = (*UNCHANGED, *VARIABLES, *FUNCTIONS, *METHODS, *STATEMENTS)
