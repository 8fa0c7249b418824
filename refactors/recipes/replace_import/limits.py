"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "imports of every form, split out of the import that they share; aliases stay",
    "dotted uses follow where the name of the module changes, also in annotations that are strings",
    "names of the same spelling from elsewhere stay",
    "the new name means nothing else in the file, and the new place in the tree has it",
)
REPORTS = (
    "star imports, names in strings and documents, the last two edited by option",
    "the new module's own imports of the old one, and files that it imports itself: a circle of imports",
    "fallbacks (`try: import a except ImportError: import b`), unless an option makes them one import",
    "names that the new place does not have",
)
OUT_OF_REACH = ("whether a library outside the tree behaves the same",)
