"""Which Python an environment is made with: the newest that the project allows, this program's own if it is one."""

from __future__ import annotations

import sys

from packaging.specifiers import InvalidSpecifier, SpecifierSet

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
KNOWN = ("3.13", "3.12", "3.11", "3.10", "3.14", "3.9", "3.8")


def choose_python(requires_python: str | None, asked: str | None) -> tuple[str, str]:
    """The version as "3.12", and why. `asked` is taken as it is; a `requires_python` nothing fits gives our own."""
    if asked:
        return asked, f"Python {asked}: asked for"
    if not requires_python:
        return OWN, f"Python {OWN}: the project says nothing, so this program's own"
    try:
        allowed = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return OWN, f"Python {OWN}: requires-python {requires_python!r} cannot be read"
    for version in (OWN, *KNOWN):
        # Bounds such as >=3.9.1 and !=3.9.0 speak of patch releases: a late one stands for the series.
        if allowed.contains(f"{version}.99", prereleases=True):
            return version, f"Python {version}: requires-python {requires_python}"
    return OWN, f"Python {OWN}: no known version fits requires-python {requires_python!r}"
