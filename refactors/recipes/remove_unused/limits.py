"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "a name that nothing in its scope reads, annotations in strings and type comments included",
    "imports from the standard library, other libraries, and modules of the tree whose code only defines names",
    "local variables; a call that they are given stays, for its effects",
    "private functions, classes, constants and methods that no file of the repository mentions",
    "what only removed code used goes as well",
)
REPORTS = (
    "imports of submodules (`import a.b` binds `a` and runs code), and of modules whose code runs for its effect",
    "imports with a comment, under a condition, in files whose names a tool reads; fixtures, tests to be collected",
    "names in strings, doctests, computed names, documentation, packaging files; `locals()`, `globals()`, `eval`",
    "variables that may keep an object alive, values whose evaluation may have an effect",
    "decorated definitions, methods of classes with bases from outside the tree, definitions under a condition",
)
OUT_OF_REACH = (
    "`__init__.py`, `__all__`, `import x as x`, `# noqa`, probes in `try`, stubs, notebooks: left, not reported",
    "unpacked values, loop variables, parameters, names that begin with `_` in functions: left alone",
    "private names that code outside the repository uses",
)
