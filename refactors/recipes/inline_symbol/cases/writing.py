"""Cases in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case

Files = str | Mapping[str, str]


def case(
    name: str,
    symbol: str,
    before: Files,
    after: Files | None = None,
    unresolved: Sequence[str] = (),
    **options: str,
) -> Case:
    """Return a case over files; text alone is the file `m.py`, a line number alone a line of it."""
    return Case(
        name,
        {"symbol": symbol, **options},
        _files(before),
        None if after is None else _files(after),
        [place if ":" in place else f"m.py:{place}" for place in unresolved],
    )


def refused(name: str, symbol: str, before: Files, raises: type[Exception] = ParameterError) -> Case:
    """Return a case that cannot be done at all."""
    return Case(name, {"symbol": symbol}, _files(before), raises=raises)


def _files(files: Files) -> Mapping[str, str]:
    return {"m.py": files} if isinstance(files, str) else files
