"""What the cases have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent

from overhaul.refactors.recipe import Case


def case(
    name: str,
    function: str,
    change: str | Sequence[str],
    before: str | Mapping[str, str],
    after: str | Mapping[str, str] | None = None,
    unresolved: Sequence[str] = (),
    **options: str | Sequence[str],
) -> Case:
    """One case; a text is the file acme.py. `unresolved` are its lines, or `path:line`."""
    return Case(
        name,
        {"function": function, "change": [change] if isinstance(change, str) else list(change), **options},
        files(before),
        None if after is None else files(after),
        [place if ":" in place else f"acme.py:{place}" for place in unresolved],
    )


def refused(
    name: str,
    error: type[Exception],
    function: str,
    change: str | Sequence[str],
    before: str | Mapping[str, str],
) -> Case:
    """A case that raises an error."""
    changes = [change] if isinstance(change, str) else list(change)
    return Case(name, {"function": function, "change": changes}, files(before), raises=error)


def files(text: str | Mapping[str, str]) -> dict[str, str]:
    """Return the files of a case, each without the indent of the code around it."""
    named = {"acme.py": text} if isinstance(text, str) else text
    return {path: dedent(content) for path, content in named.items()}
