"""Rows of a stored graph that become named tuples when they are looked at: most of a graph is not, most of the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

Row = TypeVar("Row", bound=tuple[Any, ...])


class Rows(Sequence[Row], Generic[Row]):
    """A sequence over plain tuples; equal to a list of the rows."""

    __slots__ = ("_make", "_plain")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, make: Callable[[Any], Row], plain: list[Any]) -> None:
        self._make = make
        self._plain = plain

    def __len__(self) -> int:
        return len(self._plain)

    def __iter__(self) -> Iterator[Row]:
        return map(self._make, self._plain)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._make(each) for each in self._plain[index]]
        return self._make(self._plain[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list | Rows) and list(self) == list(other)
