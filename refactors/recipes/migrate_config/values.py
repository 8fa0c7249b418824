"""What arguments of setup() are worth: plain values, texts that know where they are from, and what is not told."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Part = "str | Whole"


class Unknown(Exception):
    """What an expression is worth is not told; the message says why."""


class Mystery:
    """The value of a name that nobody can tell without running the file."""

    def __init__(self, why: str = "it is computed") -> None:
        self.why = why


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a file, by its path below the project."""

    path: str


class Derived(str):
    """A text that is not literal. `files` are those that it depends on, `parts` what it is put together from.

    `attribute` is the dotted name of a constant of the project's own that it is the value of.
    """

    files: frozenset[str]
    parts: tuple[str | Whole, ...]
    attribute: str

    @classmethod
    def of(
        cls,
        text: str,
        files: Iterable[str],
        parts: tuple[str | Whole, ...] = (),
        attribute: str = "",
    ) -> Self:
        made = cls(text)
        made.files, made.parts, made.attribute = frozenset(files), parts, attribute
        return made


@dataclass(frozen=True, slots=True)
class Location:
    """A file or folder below the project's own, which is the empty path."""

    path: str

    def below(self, *names: str) -> Location:
        joined = posixpath.normpath(posixpath.join(self.path or ".", *names))
        if joined.startswith(("/", "..")):
            raise Unknown("it leads out of the project")
        return Location("" if joined == "." else joined)

    @property
    def parent(self) -> Location:
        if not self.path:
            raise Unknown("it leads out of the project")
        return Location(posixpath.dirname(self.path))


@dataclass(frozen=True, slots=True)
class Reference:
    """Something of another module, by its dotted name."""

    name: str


@dataclass(slots=True)
class OpenFile:
    """A file that is open for reading."""

    path: str
    text: Derived


@dataclass(frozen=True, slots=True)
class Found:
    """What find_packages() finds."""

    namespaces: bool
    where: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributeOf:
    """`attr: package.name` of setup.cfg."""

    name: str


@dataclass(frozen=True, slots=True)
class FilesOf:
    """`file: NAME, NAME` of setup.cfg."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of one keyword of setup(): its value, where, and the comments that stand with it.

    `comments` are those of the elements of a list by their index; those of -1 stand above all of it.
    """

    value: Any
    path: str
    line: int
    column: int
    comments: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def has_more_than(value: Any, count: int) -> bool:
    """Tell whether there are more values in a value: what is the same list in several places counts each time."""
    waiting = [value]
    while waiting and count >= 0:
        each = waiting.pop()
        count -= 1
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each
    return count < 0


def is_flat(value: Any) -> bool:
    """Tell whether a value is a text or number, or a list of such: it cannot be in itself."""
    values = value if isinstance(value, list | tuple) else [value]
    return all(each is None or isinstance(each, str | int) for each in values)


def files_of(value: Any) -> frozenset[str]:
    """Return the files that a value depends on."""
    if isinstance(value, Derived):
        return value.files
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        return frozenset().union(*(files_of(each) for each in value))
    return frozenset()


def is_plain(value: Any) -> bool:
    """Tell whether a value is made of texts, numbers and None only, none of them derived from anything."""
    if isinstance(value, Derived):
        return False
    if isinstance(value, dict):
        return all(is_plain(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple | set):
        return all(map(is_plain, value))
    return value is None or isinstance(value, str | int | float | bool)


def mystery_in(value: Any) -> Mystery | None:
    """Return what is not told in a value."""
    if isinstance(value, Mystery):
        return value
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        return next((found for each in value if (found := mystery_in(each))), None)
    return None
