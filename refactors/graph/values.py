"""What a term may denote in the whole tree, beside what `refactors/values.py` has: by names, without syntax trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from overhaul.refactors.values import External, ModuleValue, Unknown


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
class OutsideInstance:
    """An instance of a class outside the tree."""

    name: str


Value: TypeAlias = (
    ModuleValue
    | ClassAt
    | InstanceOf
    | SuperOf
    | FunctionAt
    | CoroutineOf
    | External
    | OutsideInstance
    | Unknown
)
Values: TypeAlias = tuple[Value, ...]
