"""Which program installs a Node project's packages: npm, or the one whose lock file is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overhaul.sandbox.plan import Step

_LOCKS = {
    "npm": ("package-lock.json", "npm-shrinkwrap.json"),
    "pnpm": ("pnpm-lock.yaml",),
    "yarn": ("yarn.lock",),
    "bun": ("bun.lock", "bun.lockb"),
}
FILES = (*(lock for locks in _LOCKS.values() for lock in locks), "pnpm-workspace.yaml", ".yarnrc")
# All packages in one folder, as npm has them: the environment keeps that apart from the trees.
_FROM_LOCK = {
    "npm": ("npm", "ci", "--no-audit", "--no-fund", "--prefix", "{source}"),
    "pnpm": ("pnpm", "install", "--frozen-lockfile", "--config.node-linker=hoisted", "--dir", "{source}"),
    "yarn": ("yarn", "install", "--frozen-lockfile", "--non-interactive", "--cwd", "{source}"),
    "bun": ("bun", "install", "--frozen-lockfile", "--cwd", "{source}"),
}
_WITHOUT_LOCK = ("npm", "install", "--no-audit", "--no-fund", "--prefix", "{source}")
_VERSIONS = {"yarn": "1", "bun": "1", "pnpm": "10"}
# By the version of the lock file's format: https://github.com/pnpm/spec/tree/master/lockfile
_PNPM_VERSIONS = {"5": "7", "6": "8", "9": "10"}
_NAMED = re.compile(r"(npm|pnpm|yarn|bun)@(\d+(?:\.\d+){0,2})(?:[-+].*)?")


@dataclass(frozen=True, slots=True)
class Packager:
    """`requirement` is npm's word for the program that is installed first, "" for npm itself."""

    name: str
    requirement: str
    install: tuple[str, ...]
    reasons: tuple[str, ...]

    def steps(self, required: bool, environment: Mapping[str, str]) -> tuple[Step, ...]:
        """Put the program beside Node, where the tests' scripts find it, too, and install the packages."""
        install = Step(self.name, self.install, "what package.json needs", required, environment=environment)
        if not self.requirement:
            return (install,)
        words = ("npm", "install", "--no-audit", "--no-fund", "--global", "--prefix", "{environment}/venv")
        reason = "the program that the lock file is of"
        program = Step(
            f"{self.name} itself", (*words, self.requirement), reason, required, environment=environment
        )
        return program, install


def find_packager(folder: Path, package: Mapping[str, Any]) -> Packager:
    """The one that package.json names, if its lock file is there, then npm, then any other with a lock file."""
    named = _NAMED.fullmatch(str(package.get("packageManager", "")))
    order = dict.fromkeys((*([named[1]] if named else []), *_LOCKS))
    notes = []
    for name in order:
        lock = next((each for each in _LOCKS[name] if (folder / each).is_file()), None)
        if lock is None:
            continue
        if name == "yarn" and "# yarn lockfile v1" not in _head(folder / lock):
            notes.append(
                f"{lock}: of Yarn 2 or later, which is not supported: npm install instead, without its versions"
            )
            continue
        requirement = "" if name == "npm" else f"{name}@{_version(name, folder / lock, named)}"
        words = " ".join(_FROM_LOCK[name][:2])
        how = f"{lock}: {words}{f', with {requirement}' if requirement else ''}, the versions in it"
        return Packager(name, requirement, _FROM_LOCK[name], (how,))
    return Packager(
        "npm", "", _WITHOUT_LOCK, (*notes, "package.json: npm install, no lock file that is followed")
    )


def _version(name: str, lock: Path, named: re.Match[str] | None) -> str:
    """The version that package.json names, if that can be of this lock file."""
    if named and named[1] == name and (name != "yarn" or named[2].partition(".")[0] == "1"):
        return named[2]
    if name == "pnpm":
        match = re.search(r"^lockfileVersion: *'?(\d+)", _head(lock), re.MULTILINE)
        return _PNPM_VERSIONS.get(match[1] if match else "", _VERSIONS[name])
    return _VERSIONS[name]


def _head(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(4096).decode(errors="replace")
    except OSError:
        return ""
