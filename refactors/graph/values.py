"""What a term may denote in the whole tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from overhaul.refactors.modules import Location


@dataclass(frozen=True, slots=True)
class ModuleAt:
    """A module or package of the tree."""

    location: Location


@dataclass(frozen=True, slots=True)
class ClassAt:
    """A class of the tree: its file, and its qualified name there."""

    path: str
    qualified: str


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """An instance of a class of the tree."""

    of: ClassAt


@dataclass(frozen=True, slots=True)
class SuperOf:
    """`super()` in a method of a class."""

    of: ClassAt


@dataclass(frozen=True, slots=True)
class FunctionAt:
    """A function of the tree; `receiver` is the class that it was taken from, for a method."""

    path: str
    qualified: str
    receiver: ClassAt | None = None


@dataclass(frozen=True, slots=True)
class CoroutineOf:
    """What calling an async function gives."""

    function: FunctionAt


@dataclass(frozen=True, slots=True)
class Outside:
    """Something from outside the tree by its qualified name: a module, class, function or method."""

    name: str


@dataclass(frozen=True, slots=True)
class OutsideInstance:
    """An instance of a class outside the tree."""

    name: str


@dataclass(frozen=True, slots=True)
class Untold:
    """What cannot be told, and why."""

    reason: str


Value: TypeAlias = (
    ModuleAt | ClassAt | InstanceOf | SuperOf | FunctionAt | CoroutineOf | Outside | OutsideInstance | Untold
)
Values: TypeAlias = tuple[Value, ...]


def union(*alternatives: Values) -> Values:
    """Return all the possibilities, each once."""
    if len(alternatives) == 1:
        return alternatives[0]
    return tuple(dict.fromkeys(value for values in alternatives for value in values))
