"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "calls whose function is known, through imports, aliases, re-exports, instances; bound by Python's rules",
    "overrides, overloads, the stub beside the module and super() change together",
    "arguments keep the order in which they are evaluated, by keywords if need be",
    "an argument that may do something is dropped only by option",
    "a decorator of the tree that hands everything on is looked through",
    "a removed parameter is used nowhere in the body, a new one hides nothing there: refused otherwise",
)
REPORTS = (
    "calls on receivers of unknown type, and the function handed over as a value or to `functools.partial`",
    "`*args` and `**kwargs` in a call, and keywords that another function hands on",
    "calls through decorators that are not known, and functions that a framework calls",
    "calls in strings; in doctests and documents unless an option edits them",
    "comments that would be lost",
)
OUT_OF_REACH = (
    "callers outside the tree",
    "properties, special methods that Python calls itself and constructors that a decorator makes: refused",
)
