"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "a variable that is bound once, and a value that means the same where it is used",
    "a function whose body means the same at the call; arguments are evaluated once and in their order",
    "names get their imports; variables of the body get free names",
    "a method with one implementation in the tree; the receiver's class is known",
    "the definition goes only if nothing else uses it",
)
REPORTS = (
    "calls inside an expression where statements are needed, after another call or under a condition",
    "values that are made anew each time, and defaults that were evaluated once",
    "callbacks, `__all__`, re-exports, receivers of unknown type, bases outside the tree; these keep the definition",
    "names that other code sets (`module.name = x`, a mock's string); members whose name other classes have as well",
    "f-strings that show the name, or cannot hold the quotes",
)
OUT_OF_REACH = (
    "what nothing uses and special names such as `__version__`: refused",
    "generators; decorated, recursive, overridden functions; `*args`, `super()`, `locals()`: refused",
    "users outside the tree",
)
