"""What an expression denotes as far as its own file tells: small terms, which the linker follows through the tree.

A term is a tuple whose first item is its kind; the terms in it are numbers of the file's table. The kinds:

| kind | rest | denotes |
|---|---|---|
| DEFINED | qualified name | a function or class of this file |
| VARIABLE | name | a variable of this module |
| UNBOUND | name | a builtin, or what a star import brings |
| IMPORTED | module, level, name or "" | what a from-import names; `level` counts the dots |
| MODULE | dotted name | what `import a.b` names |
| MEMBER | term, attribute | an attribute |
| RESULT | term | what calling it gives |
| AWAITED | term | what awaiting it gives |
| INSTANCE | term | an instance of the class or type |
| SELF, OWN_CLASS, SUPER | qualified class | a method's `self`, `cls` and `super()` |
| EITHER | terms | one of these; of none for None |
| UNKNOWN | reason | what cannot be told |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

Term = tuple[Any, ...]

DEFINED: Final = "defined"
VARIABLE: Final = "variable"
UNBOUND: Final = "unbound"
IMPORTED: Final = "imported"
MODULE: Final = "module"
MEMBER: Final = "member"
RESULT: Final = "result"
AWAITED: Final = "awaited"
INSTANCE: Final = "instance"
SELF: Final = "self"
OWN_CLASS: Final = "own class"
SUPER: Final = "super"
EITHER: Final = "either"
UNKNOWN: Final = "unknown"


class TermTable:
    """The terms of one file, each once; a term's number is its place in `rows`."""

    def __init__(self) -> None:
        self._numbers: dict[Term, int] = {}
        self._rows: list[Term] = []

    def add(self, *term: Any) -> int:
        """Return the term's number."""
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self._rows)
            self._rows.append(term)
        return number

    def unknown(self, reason: str) -> int:
        """Return the number of an unknown with a reason."""
        return self.add(UNKNOWN, reason)

    def either(self, terms: Sequence[int]) -> int:
        """Return the number of the alternative of these; of the term itself if it is one."""
        distinct = tuple(dict.fromkeys(terms))
        return distinct[0] if len(distinct) == 1 else self.add(EITHER, *distinct)

    def at(self, number: int) -> Term:
        """Return the term of a number."""
        return self._rows[number]

    @property
    def rows(self) -> list[Term]:
        return self._rows
