"""What the cases have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overhaul.refactors.recipe import Case

GREET = {"method": "users.User.greet"}


def case(
    name: str,
    parameters: Mapping[str, Any],
    before: str | Mapping[str, str],
    after: str | Mapping[str, str] | None = None,
    unresolved: Sequence[str] = (),
) -> Case:
    """One case; a text is the file users.py."""
    return Case(
        name,
        parameters,
        {"users.py": before} if isinstance(before, str) else before,
        {"users.py": after} if isinstance(after, str) else after,
        [place if ":" in place else f"users.py:{place}" for place in unresolved],
    )
