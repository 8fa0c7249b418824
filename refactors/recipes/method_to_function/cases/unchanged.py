"""Cases where nothing may change."""

from overhaul.refactors.recipe import Case
from overhaul.refactors.recipes.method_to_function.cases.writing import GREET, case

UNCHANGED: tuple[Case, ...] = (
    case(
        "a file that does not parse is reported",
        GREET,
        "class User:\n    def greet(self:\n        return 1\n",
    ),
)
