"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "types in annotations, aliases and casts: `list[int]`, `X | None`, names from collections.abc",
    "where a union is evaluated, that its members are classes or forms of typing, on which `|` works",
    "`%` and `format`: same texts, same order of evaluation, read back by Python's parser; `%s` becomes `{x!s}`",
    "`super()` in a method of the class itself, on its own first parameter",
    "other names of one object: `IOError`, `socket.error`, `io.open`, `imp.reload`, `pipes.quote`",
    "old names of assertions, in a class whose only base is unittest's TestCase",
    "what every Python 3 does: `u` before texts, `from __future__ import print_function` and its like",
    '`class A(object)`, `open(x, "r")`, `set([..])`, `dict((k, v) for ..)`, UTF-8\'s comment',
)
REPORTS = (
    "types that are base classes, or values when the program runs: their objects are others",
    "forward references in quotes, type comments, names that may be functions in an evaluated union",
    "`'%s' % x`, where x may be a tuple; `%d` of what may be no int; arguments whose order of evaluation shows",
    "texts for translation, what is inside f-strings, edits that would lose a comment",
    "removed modules of the standard library, each with what is there instead; PEP 695's statements",
)
OUT_OF_REACH = (
    "libraries that look at annotations when the program runs and do not know the new forms",
    "`__str__`, `__getitem__` and operators that change what another argument shows",
    "whether a module is one of Python's own where a dependency has the same name",
)
