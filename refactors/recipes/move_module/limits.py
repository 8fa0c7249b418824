"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "imports of every form, dotted uses, relative imports in it and of it, submodules as attributes of packages",
    "what `import a.b.c` loads beside it stays loaded",
    "a package moves with all that is in its folder; stubs go along",
    "code cells of notebooks; `alias` leaves one module object under both names",
    "entry points, package lists and settings whose meaning is known",
    "names that are taken, modules of the standard library or of libraries that it would hide: refused",
)
REPORTS = (
    "circles of imports that the move makes",
    "dotted paths in strings, documents, workflows and unknown settings; strings and documents by option",
    "names that a star import brings, imports of a package left empty, test files named after the module",
    "packages that may be the value of a variable; `__file__`, `__name__` and resources of the module",
    'imports by a computed name of which a word is written out: `import_module("acme.plugins." + name)`',
)
OUT_OF_REACH = (
    "users outside the tree: `alias` leaves them a module under the old name",
    "module names computed while the code runs, of which no word is written out",
)
