"""What a rename proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "imports of the symbol, absolute, relative, aliased, star and conditional, and its re-exports",
    "names by Python's scopes: shadowed names, `global`, comprehensions and class blocks keep their own meaning",
    "`x.name` where the type of `x` is known: annotated, built, returned, tested, iterated, entered or `self`",
    "overrides in bases and subclasses, and `super()`, over all files",
    "keywords of calls, also handed on as `**keywords`, through `functools.partial` and dataclass constructors",
    "types in annotations, strings and type comments, stubs, `__all__`, `__slots__`, patterns, TypedDict keys",
    "moves of module files with the imports of them",
    "with `strings=yes` and `docs=yes`: getattr, patch paths, entry points, doctests and cross references",
)
REPORTS = (
    "`x.name` where the type of `x` is not known, with what is missing; `unknown_receivers=unique` decides some",
    "names in strings and documentation, unless they are to be edited",
    "overrides of a method that a base outside the tree defines: nothing of the family is renamed",
    "keywords in calls of what is not known, and decorators that may pass a parameter by its name",
    "f-strings that show the name itself, `locals()`; code in strings for `exec`, also where a file puts it together",
    "notebooks, Cython files and files that do not parse",
    "a new name that is taken: refused, with the place",
)
OUT_OF_REACH = (
    "names put together when the code runs of which no word is written out: `getattr(x, prefix + name)`",
    "code outside the tree that uses the symbol: other repositories, pickles, databases, templates",
    "a declared type that is not true: the annotation is believed",
    "prose that only has the word",
)
