"""What stands against a call: arguments that cannot be seen, that would be lost, or that come to mean another thing."""

from __future__ import annotations

import ast

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.recipes.change_signature.arguments import Bound, known_keys, may_be_mapped
from overhaul.refactors.recipes.change_signature.signature import (
    Kind,
    by_name,
    by_origin,
    of_kind,
    positional,
)
from overhaul.refactors.recipes.change_signature.transfer import SignatureChange


def obstacle(change: SignatureChange, bound: Bound, drops_effects: bool) -> Doubt | None:
    """Return why a call that fits the old signature cannot be written for the new one, whatever its form."""
    return _hidden(change, bound) or _dropped(change, bound, drops_effects) or _collision(change, bound)


def _hidden(change: SignatureChange, bound: Bound) -> Doubt | None:
    """Tell what stands against a call that passes arguments which cannot be seen."""
    if bound.is_open:
        doubt = _hidden_positions(change, bound)
        if doubt is not None:
            return doubt
    for each in change.old:
        after = by_origin(change.new, each.name)
        is_kept = after is not None and after.name == each.name and after.kind.takes_keyword
        if may_be_mapped(each, bound) and (not is_kept or (after is not None and after.value is not None)):
            readable = known_keys(bound) is not None
            return Doubt(
                f"it passes '{each.name}' in a dictionary"
                if readable
                else f"a '**' or a later call may pass '{each.name}', which changes"
            )
    for added in change.added:
        keys = known_keys(bound)
        takes_any = of_kind(change.old, Kind.VAR_KEYWORD) is not None
        if takes_any and bound.has_mapping and (keys is None or added.name in keys):
            return Doubt(f"a '**' may pass '{added.name}' already")
    return None


def _hidden_positions(change: SignatureChange, bound: Bound) -> Doubt | None:
    """What comes after the first `*` must find the same parameters at the same places."""
    reached = positional(change.old)[bound.count :]
    stars = of_kind(change.old, Kind.VAR_POSITIONAL)
    tail = [each.name for each in reached]
    new = [each.origin for each in positional(change.new)]
    start = next((index for index in range(len(new) + 1) if new[index : index + len(tail)] == tail), None)
    if tail and start is None:
        return Doubt("a '*' or a later call passes arguments by position, whose parameters change")
    if not tail:
        start = len(new)
    rest = positional(change.new)[(start or 0) + len(tail) :]
    front = positional(change.new)[:start]
    passed = {name for name, argument in bound.by_parameter.items() if not argument.keyword}
    gives_all = all(each.origin in passed or each.value is not None for each in front)
    if stars is not None and (rest or by_origin(change.new, stars.name) is None):
        return Doubt("a '*' or a later call may pass arguments to what follows the parameters, which changes")
    if not gives_all or any(each.value is not None or each.is_required for each in rest):
        return Doubt("a '*' or a later call passes arguments by position, whose parameters change")
    if any(each.origin in tail and each.value is not None for each in change.new):
        return Doubt("a '*' may pass the argument whose default is inlined")
    return None


def _dropped(change: SignatureChange, bound: Bound, drops_effects: bool) -> Doubt | None:
    removed = {each.name: each for each in change.removed}
    for name, argument in bound.by_parameter.items():
        if name in removed and not changes_nothing(argument.value) and not drops_effects:
            return Doubt(
                f"'{ast.unparse(argument.value)}' would no longer be evaluated, and may have side effects;"
                " -p side_effects=drop removes it"
            )
    for each in removed.values():
        if each.kind is Kind.VAR_POSITIONAL and bound.overflow:
            return Doubt(f"it passes arguments to '*{each.name}', which is removed")
        if each.kind is Kind.VAR_KEYWORD and (bound.extra or bound.mappings):
            return Doubt(f"it passes arguments to '**{each.name}', which is removed")
    return None


def _collision(change: SignatureChange, bound: Bound) -> Doubt | None:
    for each in bound.extra:
        found = by_name(change.new, each.keyword or "")
        if found is not None:
            return Doubt(f"it passes '{found.name}' already, in the function's **keywords")
    return None
