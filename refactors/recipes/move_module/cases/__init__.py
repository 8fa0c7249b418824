from overhaul.refactors.recipe import Case

CASES: tuple[Case, ...] = ()
