"""What the cases have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overhaul.refactors.recipe import Case

JOIN = {"pattern": "os.path.join($A, $B)", "template": "pathlib.Path($A) / $B"}
JOIN_FROM = JOIN | {"template": "Path($A) / $B", "imports": ["from pathlib import Path"]}
KEEP = JOIN | {"unused_imports": "keep"}
HAS_KEY = {"pattern": "$OBJ.has_key($K)", "template": "$K in $OBJ", "unknown_receivers": "replace"}
FETCH = {"pattern": "acme.api.fetch($X)", "template": "acme.api.get($X, None)"}


def case(
    name: str,
    parameters: Mapping[str, Any],
    before: str | Mapping[str, str],
    after: str | Mapping[str, str] | None = None,
    unresolved: Sequence[str] = (),
) -> Case:
    """One case; a text is the file a.py."""
    return Case(
        name,
        parameters,
        {"a.py": before} if isinstance(before, str) else before,
        {"a.py": after} if isinstance(after, str) else after,
        [place if ":" in place else f"a.py:{place}" for place in unresolved],
    )
