"""Carries a change over to the other definitions of a function: overloads, the stub, overrides and overridden ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.change_signature.changes import invalid
from overhaul.refactors.recipes.change_signature.signature import (
    Kind,
    Parameter,
    Signature,
    by_name,
    by_origin,
    of_kind,
    positional,
    shown,
)


@dataclass(frozen=True, slots=True)
class SignatureChange:
    """What the parameters of one definition were and are to be."""

    old: Signature
    new: Signature

    @property
    def renamed(self) -> dict[str, str]:
        """The new names by the old ones, of those that change."""
        return {each.origin: each.name for each in self.new if each.origin and each.origin != each.name}

    @property
    def removed(self) -> list[Parameter]:
        return [each for each in self.old if by_origin(self.new, each.name) is None]

    @property
    def added(self) -> list[Parameter]:
        return [each for each in self.new if each.origin is None]


def transfer(
    change: SignatureChange, own: Signature, is_variant: bool, ellipsis: bool
) -> SignatureChange | Doubt:
    """Return the change for a definition with a signature of its own.

    A variant (an overload, a stub) describes the same function and may lack parameters. Others are overrides,
    whose positional parameters must line up with those of the changed one, under the same or another name; they
    may have more. `ellipsis` says that defaults are written as `...`, as stubs do.
    """
    names = _names(change.old, own)
    if not is_variant:
        doubt = _misaligned(change, own, names)
        if doubt is not None:
            return doubt
    new: list[Parameter] = []
    for each in change.new:
        if each.origin is None:
            new.append(
                replace(each, default="..." if ellipsis and each.default is not None else each.default)
            )
        elif each.origin in names:
            new.append(_carried(change, each, own, names[each.origin], ellipsis))
    taken = {each.origin for each in new}
    removed = {names[each.name] for each in change.removed if each.name in names}
    new += [each for each in own if each.name not in taken | removed]
    result = tuple(sorted(new, key=lambda each: each.kind))
    wrong = invalid(result)
    if wrong is not None:
        return Doubt(f"the signature would become {shown(result)}, which is not possible: {wrong}")
    return SignatureChange(own, result)


def _names(changed: Signature, own: Signature) -> dict[str, str]:
    """Pair parameters by name, stars with stars, and positional ones of other names by their places."""
    names = {each.name: each.name for each in changed if by_name(own, each.name) is not None}
    for first, second in zip(positional(changed), positional(own), strict=False):
        if first.name not in names and second.name not in names.values():
            names[first.name] = second.name
    for kind in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD):
        first_star, second_star = of_kind(changed, kind), of_kind(own, kind)
        if first_star is not None and second_star is not None:
            names[first_star.name] = second_star.name
    return names


def _misaligned(change: SignatureChange, own: Signature, names: dict[str, str]) -> Doubt | None:
    changed_places = [names.get(each.name) for each in positional(change.old)]
    own_places = [each.name for each in positional(own)]
    if None in changed_places or own_places[: len(changed_places)] != changed_places:
        stars = [each.shown for each in own if each.kind in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)]
        through = f" (it takes {' and '.join(stars)})" if stars else ""
        return Doubt(f"its parameters {shown(own)} are not those of the changed one{through}")
    missing = [each.name for each in change.old if each.kind is Kind.KEYWORD_ONLY and each.name not in names]
    if missing and of_kind(own, Kind.VAR_KEYWORD) is None:
        return Doubt(f"its parameters {shown(own)} lack '{missing[0]}'")
    return None


def _carried(
    change: SignatureChange, new: Parameter, own: Signature, own_name: str, ellipsis: bool
) -> Parameter:
    """Return a definition's own parameter with what changes of the one that it is paired with."""
    before = by_name(change.old, new.origin or "")
    mine = by_name(own, own_name)
    assert before is not None  # noqa: S101 - origins are names of the old signature
    assert mine is not None  # noqa: S101 - names are paired with own ones
    default = mine.default
    if new.default is None and before.default is not None:
        default = None
    elif new.default is not None and new.default != before.default:
        default = "..." if ellipsis else new.default
    same_name = own_name == new.origin
    return replace(
        mine,
        name=new.name if same_name else own_name,
        kind=mine.kind if new.kind == before.kind else new.kind,
        default=default,
        value=new.value,
    )
