"""requirements*.txt and tox's `deps`: which of them name what the tests need, flattened to plain lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

RUNTIME = ("requirements.txt", "requirements/base.txt", "requirements/requirements.txt")
TEST = tuple(
    pattern.format(word=word)
    for word in ("test", "tests", "testing")
    for pattern in (
        "requirements-{word}.txt",
        "requirements_{word}.txt",
        "{word}-requirements.txt",
        "{word}_requirements.txt",
        "requirements/{word}.txt",
        "requirements/requirements-{word}.txt",
        "{word}/requirements.txt",
    )
)
DEVELOPMENT = tuple(
    name.replace("test", "dev") for name in TEST if "tests" not in name and "testing" not in name
)

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
    return path.resolve().is_relative_to(folder.resolve())
