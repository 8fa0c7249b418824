"""What becomes of one constraint: raised, pinned or replaced; or why it stays."""

from __future__ import annotations

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from overhaul.refactors.declared_dependencies import have_common_version, is_within, poetry_range
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.bump_dependency.constraint import (
    COMPOUND,
    LOWER,
    UPPER,
    Constraint,
    Part,
    Wanted,
    are_same,
)

_REPLACE = "-p how=replace writes what is wanted over it"


def bumped(constraint: Constraint, wanted: Wanted, how: str) -> str | Doubt | None:
    """Return the new text, a Doubt that says why there is none, or None if it asks for that already."""
    if any(each.operator == "===" for each in constraint.parts):
        return Doubt("'===' compares texts, not versions")
    if how == "raise":
        return _raised(constraint, wanted)
    new = _pinned(constraint, wanted) if how == "pin" else _replaced(constraint, wanted)
    if isinstance(new, str) and are_same(constraint.range_of([new]), constraint.allowed):
        return None
    return _downgrade(constraint, wanted) or _excluded(constraint, wanted) or new


def _raised(constraint: Constraint, wanted: Wanted) -> str | Doubt | None:
    if is_within(constraint.allowed, wanted.allowed):
        return None
    doubt = _downgrade(constraint, wanted) or _excluded(constraint, wanted)
    if doubt is not None:
        return doubt
    pin = constraint.pin
    if pin is not None and wanted.version is None and not wanted.is_pin:
        return Doubt(f"it is pinned, and which version of '{wanted.text}' is not said; {_REPLACE}")
    if pin is not None and wanted.version is not None:
        new = ",".join(
            pin.at(pin.written, wanted.version) if each is pin else str(each) for each in constraint.parts
        )
        return new if _allows(constraint.range_of([new]), wanted) else _blocked(constraint, wanted)
    kept = (
        [each for each in constraint.parts if each.operator == "!="]
        if wanted.is_bounded
        else constraint.parts
    )
    above = [_upper(constraint, each) for each in kept]
    goal = SpecifierSet(",".join([*filter(None, above), wanted.constraint]))
    if not _allows(goal, wanted):
        return _blocked(constraint, wanted)
    new = ",".join([wanted.constraint, *map(str, kept)]) if wanted.is_bounded else _lifted(constraint, wanted)
    try:
        is_meant = are_same(constraint.range_of([new]), goal)
    except (InvalidSpecifier, InvalidVersion):
        is_meant = False
    return (
        new
        if is_meant
        else Doubt(f"how to write it so that it allows just '{goal}' is not known; {_REPLACE}")
    )


def _lifted(constraint: Constraint, wanted: Wanted) -> str:
    """Put what is wanted in the place of the lower bounds; all else stays as it is written."""
    made: list[str] = []
    is_done = False
    for each in constraint.parts:
        if each.operator in LOWER:
            if not is_done:
                made.append(_lower(each, wanted))
            is_done = True
        elif (
            each.operator in COMPOUND
            and wanted.version is not None
            and (form := _same_end(constraint, each, wanted))
        ):
            made.append(form)
            is_done = True
        elif each.operator in {"^", "~"}:
            upper = next(one for one in str(poetry_range(str(each))).split(",") if one.startswith("<"))
            made.append(f"{each.lead}{wanted.constraint},{upper}{each.trail}")
            is_done = True
        else:
            made.append(str(each))
    if is_done:
        return ",".join(made)
    if not made:
        return wanted.constraint
    separator = ", " if ", " in constraint.text else ","
    lead = constraint.parts[0].lead
    gap = constraint.parts[0].gap
    first = wanted.constraint if wanted.version is None else f">={gap}{wanted.version}"
    return f"{lead}{first}{separator}{','.join(made).removeprefix(lead)}"


def _lower(part: Part, wanted: Wanted) -> str:
    if wanted.version is None:
        return f"{part.lead}{wanted.text}{part.trail}"
    return part.at(">=", wanted.version)


def _same_end(constraint: Constraint, part: Part, wanted: Wanted) -> str | None:
    """Return a compound comparison from the wanted version on, if it ends where it did."""
    if part.operator == "==*" or wanted.version is None:
        return None
    new = part.at(part.written, wanted.version)
    goal = SpecifierSet(f"{constraint.range_of([part])},>={wanted.version}")
    try:
        return new if are_same(constraint.range_of([new]), goal) else None
    except (InvalidSpecifier, InvalidVersion):
        return None


def _upper(constraint: Constraint, part: Part) -> str:
    """Return what a part says beside its lower bound, by PEP 440."""
    if part.operator in LOWER:
        return ""
    if part.operator in COMPOUND:
        return str(constraint.range_of([part]))
    return f"{part.operator}{part.version}"


def _pinned(constraint: Constraint, wanted: Wanted) -> str:
    version = str(wanted.version)
    only = constraint.parts[0] if len(constraint.parts) == 1 else None
    if only is None:
        return f"=={version}"
    return only.at(only.written if only.operator == "==" else "==", version)


def _replaced(constraint: Constraint, wanted: Wanted) -> str | Doubt:
    """Return what is wanted; a version in the form that there is, if that has one version."""
    only = constraint.parts[0] if len(constraint.parts) == 1 else None
    if wanted.version is None or only is None:
        return wanted.constraint
    if only.operator in {"^", "=="}:
        return only.at(only.written, wanted.version)
    if only.operator in {"~=", "~"}:
        length, release = len(only.bound.release), Version(wanted.version).release
        if len(release) == length or (only.operator == "~" and 1 < length < len(release)):
            return only.at(only.written, wanted.version)
        if len(release) < length and wanted.version.replace(".", "").isdigit():
            return only.at(only.written, wanted.version + ".0" * (length - len(release)))
        text = str(only).strip()
        return Doubt(
            f"'{text}' says by its {length} parts where to end; write a range instead of '{wanted.text}'"
        )
    return only.at(">=", wanted.version) if only.operator in LOWER else wanted.constraint


def _downgrade(constraint: Constraint, wanted: Wanted) -> Doubt | None:
    lowest = constraint.lowest
    if lowest is None:
        return None
    if wanted.lowest is None:
        is_lower = not have_common_version(wanted.allowed, SpecifierSet(f">={lowest.public}"))
    else:
        is_lower = wanted.lowest < lowest
    text = constraint.text.strip()
    return Doubt(f"'{wanted.text}' would be a downgrade from '{text}'") if is_lower else None


def _excluded(constraint: Constraint, wanted: Wanted) -> Doubt | None:
    if wanted.version is None:
        return None
    for each in constraint.parts:
        if each.operator == "!=" and not SpecifierSet(f"!={each.version}").contains(
            wanted.version, prereleases=True
        ):
            return Doubt(f"'{str(each).strip()}' says that {wanted.version} is not to be used")
    return None


def _allows(goal: SpecifierSet, wanted: Wanted) -> bool:
    if wanted.version is not None:
        return goal.contains(wanted.version, prereleases=True)
    return have_common_version(goal, wanted.allowed)


def _blocked(constraint: Constraint, wanted: Wanted) -> Doubt:
    blocking = [
        str(each).strip()
        for each in constraint.parts
        if each.operator in UPPER | COMPOUND
        and not _allows(constraint.range_of([_upper(constraint, each)]), wanted)
    ]
    text = ",".join(blocking) or constraint.text.strip()
    return Doubt(f"'{text}' does not allow '{wanted.text}'; {_REPLACE}")
