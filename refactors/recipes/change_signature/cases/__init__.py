"""Before and after, for the tests and the documentation; those where nothing may change come first."""

from overhaul.refactors.recipe import Case

CASES: tuple[Case, ...] = ()
