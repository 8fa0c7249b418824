"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "calls by what the name means: through imports, aliases and re-exports, not through shadowed names",
    "`$X.method(...)` where the type of `$X` is known to be `receiver`'s or a subclass",
    "arguments by position or keyword, also the other way where the function of the tree has their names",
    "side effects happen as often as before and in the same order, also those of `:=`",
    "the template's own names: imported where they are missing, in their sorted place; taken ones are not touched",
    "parentheses where the template or the place asks for them; captured text stays byte for byte",
    "calls inside calls, in one run; a template that the pattern matches again is refused",
    "imports that only the replaced calls used are removed, unless another file takes them from here",
)
REPORTS = (
    "`$X.method(...)` where the type of `$X` is not known; `unknown_receivers=replace` takes them all",
    "the function as a value, its name in a string or in getattr, names bound in several ways or by a star import",
    "unpacked arguments where the pattern takes one",
    "calls inside f-strings, and those with comments that would be lost",
    "names that mean something else at the place, and values that a lambda would read too late",
    "calls in Cython files and in files that do not parse; symbolic links behind which there may be some",
    "`await` in the template where no coroutine is around",
)
OUT_OF_REACH = (
    "calls of the function through variables: `j = os.path.join` is reported, `j(a, b)` is not",
    "properties with side effects: names and attributes of names are taken to have none",
    "what the template does: that it means the same is for the author to know",
)
