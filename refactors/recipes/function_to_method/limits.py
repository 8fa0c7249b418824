"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "calls whose instance is of the class or a subclass and not None: built, declared, tested, `self`",
    "the instance by position or keyword; arguments keep their order of evaluation",
    "the name is free in the class, its bases and subclasses, and nothing sets it from outside",
    "the function means the same in the class: what its block cannot evaluate is refused, types are quoted",
    "`Class.method` where the function is a value that is called by position",
    "imports that nothing needs any more are removed, also those that only the function used",
    "a function that calls the method stays while something may still use it (`keep`), with a warning if asked for",
)
REPORTS = (
    "calls whose instance has no known type, may be None or of another class, or is unpacked",
    "the function as a value that may be called by keyword, in `__all__`, re-exported",
    "calls inside f-strings, with comments that would be lost, with side effects that would change places",
    "names in strings and documentation",
    "a base outside the tree that may have the name: refused, unless accepted",
)
OUT_OF_REACH = (
    "calls outside the tree; `keep=yes` leaves them a function",
    "a declared type that is not true: the annotation is believed",
    "subclasses outside the tree that have a method of the name",
)
