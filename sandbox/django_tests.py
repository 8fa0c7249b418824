"""How a Django project starts its tests: the script or settings that its files name, told without running them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

SCRIPTS = ("runtests.py", "run_tests.py", "tests/runtests.py", "tests/run_tests.py", "test/runtests.py")
SETTINGS_FILES = ("tox.ini", "tox.toml", "setup.cfg", "pyproject.toml", "noxfile.py")
DEEPEST = 2
_DJANGO = re.compile(rb"\bdjango\b")
_SETTINGS = re.compile(r"""\bDJANGO_SETTINGS_MODULE["']?\s*\]?\s*[=:]\s*["']?([A-Za-z_][\w.]*)""")


@dataclass(frozen=True, slots=True)
class DjangoTests:
    """`arguments` are those of Python in `folder`; `variables` are added to its environment."""

    arguments: tuple[str, ...]
    folder: str = "."
    variables: dict[str, str] = field(default_factory=dict)


def find_django(folder: Path, skipped: frozenset[str] = frozenset()) -> DjangoTests | None:
    """The script that runs the tests, else the manage.py nearest to the top, else settings that a file names."""
    for name in SCRIPTS:
        if speaks_of_django(folder / name):
            return DjangoTests((name,))
    manage = _nearest_manage(folder, skipped)
    if manage is not None:
        return DjangoTests(("manage.py", "test"), manage)
    for name in SETTINGS_FILES:
        path = folder / name
        found = (
            _SETTINGS.search(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else None
        )
        if found:
            variables = {"DJANGO_SETTINGS_MODULE": found[1]}
            return DjangoTests(("-m", "django", "test"), variables=variables)
    return None


def _nearest_manage(folder: Path, skipped: frozenset[str]) -> str | None:
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        relative = Path(place).relative_to(folder)
        at_the_end = len(relative.parts) >= DEEPEST
        folders[:] = [] if at_the_end else sorted(set(folders) - skipped)
        if "manage.py" in names and speaks_of_django(Path(place, "manage.py")):
            found.append(relative.as_posix())
    return min(found, key=lambda place: (place.count("/") + (place != "."), place), default=None)


def speaks_of_django(path: Path) -> bool:
    return path.is_file() and _DJANGO.search(path.read_bytes()) is not None
