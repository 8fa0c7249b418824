"""How the time grows with the files of a repository and with the sites in it, on made code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contenders import overhaul
from corpus import commit
from measure import run_once

FILES = (1_000, 2_000, 5_000, 10_000)
SITES = (10, 100, 1_000, 10_000)
_FIXED_SITES, _FIXED_FILES = 30, 1_000
_RENAME = ("rename-symbol", "old=acme.api.fetch_user", "new=get_user")
_FUNCTION = '''

def step_{number}(values, limit={number}):
    """Add up what is below the limit."""
    total = 0
    for index, value in enumerate(values):
        if value < limit and index % 2:
            total += value * {number}
    return total
'''


@dataclass(frozen=True)
class Point:
    """One repository and the best time of a scan and of an apply in it."""

    files: int
    sites: int
    scan_cpu_seconds: float
    apply_cpu_seconds: float
    memory_mb: float


def measure_growth(work: Path, repeats: int) -> dict[str, list[Point]]:
    """Return the two curves: files at 30 sites, sites in 1,000 files."""
    return {
        "files": [_point(work, files, _FIXED_SITES, repeats) for files in FILES],
        "sites": [_point(work, _FIXED_FILES, sites, repeats) for sites in SITES],
    }


def make_repository(folder: Path, files: int, sites: int) -> None:
    """Write a package of so many modules of 160 lines, and so many calls of one function in as few as 1,000 of them."""
    package = folder / "acme"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "api.py").write_text("def fetch_user(key):\n    return key\n")
    body = "".join(_FUNCTION.format(number=number) for number in range(20))
    users = min(sites, _FIXED_FILES)
    for number in range(files):
        path = package / f"part_{number // 100}" / f"module_{number}.py"
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        text = body
        if number < users:
            text = "from acme.api import fetch_user\n" + body + "".join(_calls(number, sites, users))
        path.write_text(text)
    commit(folder)


def _calls(number: int, sites: int, users: int) -> Iterator[str]:
    for call in range(sites // users + (number < sites % users)):
        yield f"\n\ndef use_{call}(key):\n    return fetch_user(key)\n"


def _point(work: Path, files: int, sites: int, repeats: int) -> Point:
    folder = work / f"made-{files}-{sites}"
    make_repository(folder, files, sites)
    scans = [run_once(overhaul("scan", *_RENAME), folder) for _ in range(repeats)]
    applied = run_once(overhaul("apply", *_RENAME), folder)
    return Point(
        files,
        sites,
        min(each.cpu_seconds for each in scans),
        applied.cpu_seconds,
        max(applied.memory_mb, *(each.memory_mb for each in scans)),
    )
