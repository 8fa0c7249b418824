"""Whether every call that fits the old signature means the same with the new one."""

from __future__ import annotations

from overhaul.refactors.recipes.change_signature.signature import (
    Kind,
    Parameter,
    by_origin,
    of_kind,
    positional,
)
from overhaul.refactors.recipes.change_signature.transfer import SignatureChange


def is_compatible(change: SignatureChange) -> bool:
    """Tell whether callers that cannot be seen or edited go on as before, and none should get a new value."""
    keywords = of_kind(change.old, Kind.VAR_KEYWORD)
    if keywords is not None and (by_origin(change.new, keywords.name) is None or change.added):
        return False
    return keeps_positions(change) and all(
        _is_kept(each, by_origin(change.new, each.name)) for each in change.old
    )


def keeps_positions(change: SignatureChange) -> bool:
    """Tell whether callers that pass all by position go on as before, as most that get a function handed do."""
    if any(each.value is not None or (each.origin is None and each.default is None) for each in change.new):
        return False
    before, after = positional(change.old), positional(change.new)
    kept = after[: len(before)]
    if [each.name for each in before] != [each.origin for each in kept]:
        return False
    if any(old.default is not None and new.default is None for old, new in zip(before, kept, strict=True)):
        return False
    stars = of_kind(change.old, Kind.VAR_POSITIONAL)
    return stars is None or (by_origin(change.new, stars.name) is not None and len(after) == len(before))


def _is_kept(before: Parameter, after: Parameter | None) -> bool:
    if after is None or (before.default is not None and after.default is None):
        return False
    if before.kind.takes_keyword:
        return after.name == before.name and after.kind.takes_keyword
    return True
