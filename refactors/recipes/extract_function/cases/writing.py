"""Cases in few words: the selected code is found by its text."""

from __future__ import annotations

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipe import Case


def case(
    name: str, selected: str, before: str, after: str | None, unresolved: tuple[str, ...] = (), **options: str
) -> Case:
    """Return a case over one file, `m.py`; without `after` the code is refused."""
    start = before.index(selected)
    return Case(
        name,
        {
            "name": "extracted",
            "at": f"m.py:{_place(before, start)}-{_place(before, start + len(selected))}",
            **options,
        },
        {"m.py": before},
        {"m.py": after} if after is not None else None,
        unresolved,
        raises=None if after is not None else ParameterError,
    )


def _place(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset)
    return f"{line + 1}:{offset - (text.rfind(chr(10), 0, offset) + 1) + 1}"
