"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "reads of a constant, an attribute or calls of a pattern, followed through imports, aliases and local variables",
    "conditions with `and`, `or`, `not`, comparisons with True and False, conditional expressions, comprehensions",
    "the branch that stays takes the place of its statement; dead branches go with their comments",
    "what only removed code used: imports, local variables, private definitions",
    "the definition, if nothing in the repository uses or names it any more",
)
REPORTS = (
    "conditions that evaluate something which may have an effect before the flag decides them",
    "f-strings and other strings with the flag in them; tests that set or patch it; keywords of its name",
    "dead branches with `global`, `nonlocal` or the only `yield`",
    "the definition, where something still needs it",
)
OUT_OF_REACH = (
    "configuration files and flag services: what is there about the flag stays",
    "public definitions that nothing uses any more",
    "values that a flag has besides true and false: it becomes True or False",
)
