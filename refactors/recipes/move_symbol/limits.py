"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "imports of every form, dotted uses, re-exports and `__all__` of both modules; the stub's definition goes along",
    "the moved code finds all its names: imports are copied, the old module's own names imported back",
    "no circle of imports is made when modules are loaded: refused otherwise",
    "the definition stands above what the new module executes with it",
    "a name that means something else in the new module, or a variable of the module that is assigned anew: refused",
)
REPORTS = (
    "module state, decorators that may register, pickles, `__name__` and loggers of the module",
    "uses set from outside, names in strings, unknown objects; documents unless an option edits them",
    "tests that replace a name in the module where the code no longer looks it up",
)
OUT_OF_REACH = (
    "users outside the tree: `alias` leaves them the old name",
    "methods, names that Python reads from its own module, two statements on one line: refused",
)
