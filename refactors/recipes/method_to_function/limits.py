"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "calls on instances and on the class whose type is known; the receiver is evaluated once, in its place",
    "instance, class and static methods; `Class.method` as a value is the function",
    "one implementation: overrides, abstract and protocol members, assignments to it and properties are refused",
    "the body means the same: `super()` and names of the class's block are refused, `__private` ones spelled out",
    "imports in other modules, in their sorted place, under another name where it is taken, without new cycles",
    "what moves to another module finds all its names there",
    "a method that calls the function stays while something may still use it (`keep`)",
)
REPORTS = (
    "`x.method` where the type of `x` is not known",
    "bound methods that are not called; `references=partial` makes them `functools.partial`",
    "`super().method()`, calls inside f-strings, calls whose AttributeError is caught",
    "names in strings and documentation; `getattr` with a name that is put together and may be the method's",
    "a base outside the tree that may have the method: refused, unless accepted",
)
OUT_OF_REACH = (
    "overrides and calls outside the tree; `keep=yes` leaves them a method",
    "frameworks that find methods by the form of their names, but for those of the standard library",
    "a declared type that is not true, and a receiver that is None: the function gets it instead of an AttributeError",
)
