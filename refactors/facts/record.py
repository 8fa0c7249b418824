"""The record of one file's facts: rows that marshal holds, read as named tuples."""

from __future__ import annotations

import hashlib
import marshal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from overhaul.refactors.facts.terms import Term
from overhaul.refactors.sealing import seal, unseal

# Flags of an import: where it stands, and whether it is `import x as x`, which offers x to others.
FOR_TYPES, IN_FUNCTION, CONDITIONAL, OFFERED = 1, 2, 4, 8
_MAKERS = (
    "annotations.py", "binding_visitors.py", "bindings.py", "class_blocks.py", "flow.py", "scopes.py", "text.py",
    "facts/collection.py", "facts/declarations.py", "facts/evaluation.py", "facts/import_facts.py",
    "facts/notebook_facts.py", "notebooks.py", "facts/record.py", "facts/terms.py", "facts/uses.py", "sealing.py",
)  # fmt: skip


class ImportFact(NamedTuple):
    """One name of an import statement. `name` is "" for `import module`, "*" for all names."""

    line: int
    level: int
    module: str
    name: str
    bound: str
    flags: int


class DefinitionFact(NamedTuple):
    """A function, class or variable. `value` is the term of a variable's value or a function's result.

    `kind` is class, function, method, property, variable (also of a class) or attribute (`self.name = ...`), with
    "async " before it where that is so. `decorators` are terms. `line` and `column` count from 1, in characters.
    """

    qualified: str
    kind: str
    line: int
    column: int
    value: int
    decorators: tuple[int, ...]


class ClassFact(NamedTuple):
    """A class statement with its bases, as written and as terms."""

    qualified: str
    bases: tuple[tuple[str, int], ...]


class AttributeUse(NamedTuple):
    """An attribute of something that is not simply imported or defined. `context` is load, store or delete."""

    name: str
    receiver: int
    line: int
    column: int
    context: str


class CallFact(NamedTuple):
    """A call. `caller` is the qualified name of the function around it, or "" for the module's own code.

    The place is that of the called name, so that each call of `a().b()` has its own.
    """

    caller: str
    callee: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class FileFacts:
    """All that is kept of a file.

    `exported` are the strings of `__all__` (None without one), `is_complete` tells that nothing else is added to it.
    `names` gives each name of the module's namespace its term. `references` gives a term (a name that is imported or
    defined in the module, with its attributes) the lines and columns of its uses, one after the other.
    """

    imports: Sequence[ImportFact]
    definitions: Sequence[DefinitionFact]
    classes: Sequence[ClassFact]
    exported: tuple[str, ...] | None
    is_complete: bool
    terms: Sequence[Term]
    names: dict[str, int]
    references: dict[int, tuple[int, ...]]
    attributes: Sequence[AttributeUse]
    calls: Sequence[CallFact]
    error: str = ""

    @classmethod
    def of_failure(cls, error: str) -> Self:
        """Return what there is to keep of a file that cannot be understood."""
        return cls([], [], [], None, True, [], {}, {}, [], [], error)


_ROW_KINDS: dict[str, Any] = {
    "imports": ImportFact,
    "definitions": DefinitionFact,
    "classes": ClassFact,
    "attributes": AttributeUse,
    "calls": CallFact,
}
_FIELDS = tuple(each.name for each in fields(FileFacts))


def encode(facts: FileFacts) -> bytes:
    """Return the facts as bytes that carry their own digest."""
    return seal(
        [
            [tuple(row) for row in getattr(facts, name)] if name in _ROW_KINDS else getattr(facts, name)
            for name in _FIELDS
        ]
    )


def decode(record: bytes) -> FileFacts | None:
    """Return the facts, or None if the record is not as it was written."""
    values = unseal(record)
    if values is None:
        return None
    made: list[Any] = [
        list(map(_ROW_KINDS[name]._make, value)) if name in _ROW_KINDS else value
        for name, value in zip(_FIELDS, values, strict=True)
    ]
    return FileFacts(*made)


def code_version(modules: Iterable[str]) -> str:
    """Return a hash of source files of this package and of the running Python."""
    digest = hashlib.blake2b(repr((sys.version_info[:2], marshal.version)).encode(), digest_size=12)
    package = Path(__file__).parent.parent
    for name in modules:
        digest.update((package / name).read_bytes())
    return digest.hexdigest()


@cache
def facts_version() -> str:
    """Return the version of the records that `encode` makes now."""
    return code_version(_MAKERS)
