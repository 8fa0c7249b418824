"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "what goes in and what comes out, on every way through the region, loops and exceptions among them",
    "every way returns, or none: other jumps out of the region are refused",
    "`await` makes it async; super() and private names stay in their class",
    "`similar`: other fragments that are equal but for the names of their variables",
)
REPORTS = ("fragments that are equal but cannot become a call, with the reason",)
OUT_OF_REACH = (
    "parts of a statement, expressions in f-strings, generators, `nonlocal`, `locals()` and `eval`: refused",
    "code that reads the frames of the stack",
)
