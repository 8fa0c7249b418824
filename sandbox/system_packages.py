"""Debian packages that a repository's tests need: `.overhaul/apt.txt`, or Heroku's `Aptfile`, a name on each line."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from overhaul.sandbox.plan import Step

FILES = (".overhaul/apt.txt", "Aptfile")
# What asks for pictures of pages needs a browser, and letters for it.
SCREENSHOTS_FILE = ".overhaul/screenshots.toml"
BROWSER_PACKAGES = ("chromium", "fonts-liberation")
# deb-version(7), Debian Policy 5.6.1: a name, perhaps of an architecture, perhaps at a version.
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(?::[a-z0-9-]+)?(?:=[A-Za-z0-9.+:~-]+)?")


@dataclass(frozen=True, slots=True)
class SystemPackages:
    """`files` are those that were read; `left_out` are lines that name no package, such as addresses."""

    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def read_system_packages(folder: Path) -> SystemPackages:
    files, names, left_out = [], [], []
    for file in FILES:
        path = folder / file
        if not path.is_file():
            continue
        files.append(file)
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            for word in line.partition("#")[0].split():
                if _PACKAGE.fullmatch(word):
                    names.append(word)
                else:
                    left_out.append(f"{file}: {word}: no package of Debian's")
    if (folder / SCREENSHOTS_FILE).is_file():
        names += BROWSER_PACKAGES
    return SystemPackages(tuple(files), tuple(dict.fromkeys(names)), tuple(left_out))


def apt_step(names: Sequence[str]) -> Step:
    """Install them, as root in a container; the lists of packages do not stay in the image."""
    script = (
        'apt-get -q update && apt-get -qy install --no-install-recommends "$@" && rm -rf /var/lib/apt/lists/*'
    )
    words = ("sh", "-c", script, "sh", *names)
    return Step(
        "system packages",
        words,
        "the repository names them",
        environment={"DEBIAN_FRONTEND": "noninteractive"},
    )


def absent_here(names: Sequence[str]) -> list[str]:
    """Those that this machine does not have; all where its packages are not Debian's."""
    program = shutil.which("dpkg-query")
    if program is None or not names:
        return list(names)
    bare = {name.partition("=")[0].partition(":")[0]: name for name in names}
    form = "${Package} ${db:Status-Status}\n"
    asked = subprocess.run([program, "-W", "-f", form, *bare], capture_output=True, text=True, check=False)
    there = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [name for key, name in bare.items() if key not in there]


def advice(names: Sequence[str], tier: str) -> str:
    """Say what a tier that uses this machine's own programs goes without, and what to do about it."""
    words = " ".join(names)
    return (
        f"without the system packages {words}: {tier} uses this machine's own;"
        f" apt-get install {words} here, or --sandbox docker, which installs them into the image"
    )
