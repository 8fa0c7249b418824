"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "the structure, and each condition of `where`; nothing else is claimed of what a name means",
    "an expression that may have side effects is evaluated exactly once and in the same order",
    "the replacement's own names mean what its imports say",
    "layout, comments and parentheses of what the metavariables stand for stay",
)
REPORTS = (
    "places where a condition is neither true nor false: an unknown type, a name that is bound in several ways",
    "a comment that would be lost, code in f-strings and in patterns of `match`, statements that share a line",
    "places inside others that are replaced as a whole",
)
OUT_OF_REACH = (
    "code that does the same in another structure",
    "names that reach a file only under another name than the pattern's or the condition's",
    "code in strings and documents, and in files that are no Python",
)
