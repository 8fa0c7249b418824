"""Which Python an environment is made with: the one that the project's people use, or the newest that it allows."""

from __future__ import annotations

import sys
from collections.abc import Callable

from packaging.specifiers import InvalidSpecifier, SpecifierSet

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
KNOWN = ("3.13", "3.12", "3.11", "3.10", "3.14", "3.9", "3.8")

CanHave = Callable[[str], bool]


def choose_python(
    requires_python: str | None,
    asked: str | None,
    pinned: tuple[str, str] | None = None,
    can_have: CanHave | None = None,
) -> tuple[str, str]:
    """The version as "3.12", and why. `asked` is taken as it is; a `requires_python` that nothing fits gives our own.

    `pinned` is a version and the file that names it. `can_have` tells whether an environment can have a version; with
    it, the first of the fitting ones that can be had is taken. If none can, the first is, and making it says why not.
    """
    if asked:
        return asked, f"Python {asked}: asked for"
    allowed, words = _allowed(requires_python)
    wanted = [version for version in (pinned[0],) if _fits(version, allowed)] if pinned else []
    fitting = list(
        dict.fromkeys([*wanted, *(version for version in (OWN, *KNOWN) if _fits(version, allowed))])
    )
    if not fitting:
        return OWN, f"Python {OWN}: no known version fits requires-python {requires_python!r}"
    taken = next((each for each in fitting if each == OWN or can_have is None or can_have(each)), fitting[0])
    if pinned and taken == pinned[0]:
        return taken, f"Python {taken}: {pinned[1]} names it"
    instead = (
        f" ({pinned[1]} names {pinned[0]}, which {'cannot be had here' if wanted else 'that forbids'})"
        if pinned
        else ""
    )
    return taken, f"Python {taken}: {words}{instead}"


def _allowed(requires_python: str | None) -> tuple[SpecifierSet, str]:
    if not requires_python:
        return SpecifierSet(), "the project says nothing, so this program's own"
    try:
        return SpecifierSet(requires_python), f"requires-python {requires_python}"
    except InvalidSpecifier:
        return SpecifierSet(), f"requires-python {requires_python!r} cannot be read"


def _fits(version: str, allowed: SpecifierSet) -> bool:
    # Bounds such as >=3.9.1 and !=3.9.0 speak of patch releases: a late one stands for the series.
    try:
        return allowed.contains(f"{version}.99", prereleases=True)
    except ValueError:  # numbers of thousands of digits
        return False
