"""Before and after; what stays as it is comes first."""

from overhaul.refactors.recipes.migrate_config.cases.moved import MOVED
from overhaul.refactors.recipes.migrate_config.cases.partly import PARTLY
from overhaul.refactors.recipes.migrate_config.cases.unchanged import UNCHANGED

CASES = (*UNCHANGED, *MOVED, *PARTLY)
