"""What an expression may be: modules, classes, instances, functions; all that the analysis can tell of a value.

An expression's values are a tuple, one entry for each possibility; None has no entry, since it has no attributes.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from overhaul.refactors.modules import Location

if TYPE_CHECKING:
    from overhaul.refactors.project import Module
    from overhaul.refactors.scopes import FunctionNode, Scope


@dataclass(frozen=True, slots=True)
class ClassDefinition:
    """A class of the tree. Definitions with one `key` are one class (a stub's, or one in each branch of an if)."""

    module: Module = field(repr=False)
    node: ast.ClassDef = field(repr=False)
    scope: Scope = field(repr=False)
    qualified: str
    key: str

    @property
    def name(self) -> str:
        return self.node.name

    def __hash__(self) -> int:
        return hash(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClassDefinition) and self.node is other.node


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A function or method of the tree."""

    module: Module = field(repr=False)
    node: FunctionNode = field(repr=False)
    qualified: str
    owner: ClassDefinition | None = None

    def __hash__(self) -> int:
        return hash(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FunctionDefinition) and self.node is other.node


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be told, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module or package of the tree."""

    location: Location


@dataclass(frozen=True, slots=True)
class External:
    """Something from outside the tree by its qualified name: a module, class or function."""

    name: str


@dataclass(frozen=True, slots=True)
class ClassValue:
    """The class itself."""

    definition: ClassDefinition


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class of the tree, or of one outside by its qualified name; with its type arguments."""

    of: ClassDefinition | str
    arguments: tuple[Values, ...] = ()


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` in a method of this class."""

    definition: ClassDefinition


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function; `receiver` is what it was taken from, for a method. `returns` is set if only that is known."""

    definition: FunctionDefinition
    receiver: ClassValue | Instance | Super | None = None


@dataclass(frozen=True, slots=True)
class BuiltinMethod:
    """A method of a builtin container, such as `items` of a dict."""

    receiver: Instance
    name: str


Value: TypeAlias = (
    BuiltinMethod | Unknown | ModuleValue | External | ClassValue | Instance | Super | FunctionValue
)
Values: TypeAlias = tuple[Value, ...]
_Possible = TypeVar("_Possible")


def class_of(value: object) -> ClassDefinition | None:
    """Return the class of the tree whose attributes a value has: its own, its instances', or its bases' for super()."""
    if isinstance(value, Instance):
        return value.of if isinstance(value.of, ClassDefinition) else None
    return value.definition if isinstance(value, ClassValue | Super) else None


def union(*alternatives: tuple[_Possible, ...]) -> tuple[_Possible, ...]:
    """Return all the possibilities, each once."""
    if len(alternatives) == 1 and len(alternatives[0]) < 2:
        return alternatives[0]
    return tuple(dict.fromkeys(value for values in alternatives for value in values))


def builtin(name: str, *arguments: Values) -> Values:
    """Return an instance of a builtin class."""
    return (Instance(f"builtins.{name}", arguments),)
