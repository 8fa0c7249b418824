"""Cases where nothing may change."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.function_to_method.cases.writing import GREET, case

UNCHANGED: tuple[Case, ...] = (
    case(
        "a file that does not parse is reported",
        GREET,
        "def greet(user:\n",
    ),
)
