"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "imports of every form, dotted uses, `__all__` of the package, the stub beside the module",
    "a package's folder with its data, and settings whose meaning is known",
    "names that are taken, and a name that would hide a module of the standard library: refused",
)
REPORTS = (
    "dotted paths in strings and documents, unless an option edits them; lazy imports, unknown settings",
    "what the module says of itself, and the test file that is named after it",
    'imports by a computed name of which a word is written out: `import_module("acme.plugins." + name)`',
)
OUT_OF_REACH = (
    "users outside the tree: `alias` leaves them a module under the old name",
    "module names computed while the code runs, of which no word is written out",
)
