"""requirements*.txt and tox's `deps`: which of them name what the tests need, flattened to plain lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

TEST_WORDS = frozenset({"test", "tests", "testing"})
DEVELOPMENT_WORDS = frozenset({"dev", "develop", "development", "local", "ci"})
RUNTIME_WORDS = frozenset({"base", "common", "main", "runtime", "install"})
PRODUCTION_WORDS = frozenset({"prod", "production"})
_FOLDERS = sorted(TEST_WORDS | {"dev"})
# Words that go with "test" without making it a file for something else.
_ALL_WORDS = TEST_WORDS | DEVELOPMENT_WORDS | RUNTIME_WORDS | PRODUCTION_WORDS | {"unit", "pytest", "all"}

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_INCLUDE = re.compile(r"^(?:-r|--requirement|-c|--constraint)[ =]*(.+)$")
_LOCAL = re.compile(r"^(?:-e|--editable)\b|^\.{0,2}/|^\.(?:$|\[)|^file:")


@dataclass(slots=True)
class RequirementLines:
    """Lines to install, lines that only constrain, the files that were read, and lines that were left out, and why."""

    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add_file(self, folder: Path, name: str, constrain: bool = False) -> None:
        """Add a file's lines; a file that is already there, absent, or outside the folder adds nothing."""
        path = Path(folder, name)
        relative = path.resolve().relative_to(folder.resolve()) if _is_below(path, folder) else None
        if relative is None or not path.is_file():
            self.left_out.append(f"{name}: no such file in the repository")
            return
        if relative.as_posix() not in self.files:
            self.files.append(relative.as_posix())
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            self.add_lines(folder, joined_lines(text), relative.parent.as_posix(), constrain)

    def add_lines(self, folder: Path, lines: Iterable[str], base: str, constrain: bool = False) -> None:
        """Add lines of a requirements file in the folder `base`, following its includes."""
        for line in lines:
            included = _INCLUDE.match(line)
            if included:
                target = included[1].strip()
                only_constrains = constrain or line.startswith(("-c", "--constraint"))
                if "://" in target:
                    self.left_out.append(f"{line}: files from elsewhere are not followed")
                else:
                    self.add_file(folder, (Path(base) / target).as_posix(), only_constrains)
            elif _LOCAL.match(line):
                self.left_out.append(f"{line}: the repository's own code is imported from the work tree")
            else:
                (self.constraints if constrain else self.requirements).append(line)


@dataclass(frozen=True, slots=True)
class RequirementFiles:
    """A repository's requirements files by what their names say."""

    runtime: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    development: tuple[str, ...] = ()


def find_requirement_files(folder: Path) -> RequirementFiles:
    """Sort the requirements files at the top, in `requirements/` and in folders of tests by the words in their names.

    One with words of another use (docs, lint) is none of these. Of `x.in` and the `x.txt` made from it, the latter.
    """
    found: dict[str, set[str]] = {}
    for end in ("txt", "in"):
        for place in ("*requirements*", "requirements/*", *(f"{word}/requirements" for word in _FOLDERS)):
            for path in sorted(folder.glob(f"{place}.{end}")):
                name = path.relative_to(folder)
                if path.is_file() and name.with_suffix(".txt").as_posix() not in found:
                    words = re.split(r"[-_.]", path.stem.lower())
                    folders = {part for part in name.parts[:-1] if part != "requirements"}
                    found[name.as_posix()] = (set(words) - {"requirements", ""}) | folders

    def of(wanted: frozenset[str]) -> tuple[str, ...]:
        return tuple(name for name, words in found.items() if words & wanted and words <= _ALL_WORDS)

    test = of(TEST_WORDS)
    runtime = tuple(name for name, words in found.items() if words <= RUNTIME_WORDS)
    runtime = runtime or of(PRODUCTION_WORDS)
    development = tuple(name for name in of(DEVELOPMENT_WORDS) if name not in test)
    return RequirementFiles(runtime, test, development)


def joined_lines(text: str) -> list[str]:
    """Logical lines: continuations joined, comments and blanks dropped."""
    joined = re.sub(r"[ \t]*\\\r?\n[ \t]*", " ", text)
    lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in joined.splitlines())
    return [line for line in lines if line]


def distribution_name(line: str) -> str | None:
    """The normalised name (PEP 503) that a requirement line installs, or None for an option or a bare address."""
    match = _NAME.match(line)
    if line.startswith("-") or match is None or line[match.end() :].startswith(("://", "+")):
        return None
    return normalise(match[0])


def normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_below(path: Path, folder: Path) -> bool:
    return "\0" not in str(path) and path.resolve().is_relative_to(folder.resolve())
