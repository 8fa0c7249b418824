"""Who owns a file by CODEOWNERS, as GitHub and as GitLab read it.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Self

from overhaul.refactors.source import Tree

Dialect = Literal["github", "gitlab"]

# Where each looks, the first that is there counts; a file at a place of both is read by what it has in it.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SECTION = re.compile(r"(\^)?\[([^\]]+)\](?:\[(\d+)\])?(?:\s+(.*))?$")
_WORD = re.compile(r"(?:\\.|\S)+")
_OWNER = re.compile(r"@@?[\w./-]+|[^\s@]+@[^\s@]+")


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    owners: tuple[str, ...]
    excludes: bool = False


@dataclass(slots=True)
class _Section:
    default: tuple[str, ...] = ()
    rules: list[_Rule] = field(default_factory=list)

    def owners(self, path: str) -> tuple[str, ...]:
        if any(rule.excludes and rule.pattern.fullmatch(path) for rule in self.rules):
            return ()
        for rule in reversed(self.rules):
            if not rule.excludes and rule.pattern.fullmatch(path):
                return rule.owners
        return ()


@dataclass(slots=True)
class Owners:
    """The rules of one CODEOWNERS file; `problems` are its lines that mean nothing, with the reason."""

    place: str = ""
    dialect: Dialect = "github"
    sections: dict[str, _Section] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a file: of the last rule that matches, in GitLab of each section's last."""
        found = (owner for section in self.sections.values() for owner in section.owners(path))
        return tuple(dict.fromkeys(found))

    @classmethod
    def of_tree(cls, tree: Tree) -> Self:
        """Read the CODEOWNERS file of a tree; without one nobody owns anything."""
        place = owners_file(tree.paths())
        if place is None:
            return cls()
        try:
            text = tree.read(place).decode("utf-8", "replace")
        except OSError as error:
            return cls(place, problems=[(0, f"cannot be read: {error.strerror or error}")])
        return cls.parse(text, place, _dialect(text, place))

    @classmethod
    def parse(cls, text: str, place: str = "CODEOWNERS", dialect: Dialect = "github") -> Self:
        """Read the text of a CODEOWNERS file."""
        found = cls(place, dialect, {"": _Section()})
        section = found.sections[""]
        for number, line in enumerate(text.splitlines(), 1):
            words = list(_words(line.strip(), dialect))
            if not words:
                continue
            heading = _SECTION.match(line.strip()) if dialect == "gitlab" else None
            if heading:
                # The same name, in whatever case, is the same section.
                section = found.sections.setdefault(heading.group(2).strip().lower(), _Section())
                section.default = tuple(_OWNER.findall(heading.group(4) or "")) or section.default
                continue
            rule = found._rule(number, words, section)
            if rule is not None:
                section.rules.append(rule)
        return found

    def _rule(self, number: int, words: list[str], section: _Section) -> _Rule | None:
        pattern, *owners = words
        excludes = self.dialect == "gitlab" and pattern.startswith("!")
        reason = _objection(pattern) if self.dialect == "github" else ""
        strange = [owner for owner in owners if not _OWNER.fullmatch(owner)]
        if strange and self.dialect == "github":
            reason = reason or f"'{strange[0]}' is no owner"
        if reason:
            self.problems.append((number, reason))
            return None
        kept = tuple(owner for owner in owners if owner not in strange)
        try:
            compiled = _compiled(pattern.removeprefix("!") if excludes else pattern, self.dialect)
        except re.error as error:
            self.problems.append((number, f"is no pattern: {error}"))
            return None
        return _Rule(compiled, kept or section.default, excludes)


def owners_file(paths: Collection[str]) -> str | None:
    """Return the CODEOWNERS file that counts among the files of a tree."""
    known = set(paths)
    return next((place for place in PLACES if place in known), None)


def _dialect(text: str, place: str) -> Dialect:
    if place.startswith(".git"):
        return "gitlab" if place.startswith(".gitlab/") else "github"
    lines = [line.strip() for line in text.splitlines()]
    is_gitlab = any(line.startswith("!") or _SECTION.match(line) for line in lines)
    return "gitlab" if is_gitlab else "github"


def _words(line: str, dialect: Dialect) -> Iterator[str]:
    """Yield the pattern and the owners of a line; a backslash keeps a space, GitHub has comments after a rule too."""
    for match in _WORD.finditer(line):
        if match.group().startswith("#") and (match.start() == 0 or dialect == "github"):
            return
        yield match.group()


def _objection(pattern: str) -> str:
    if pattern.startswith("!"):
        return "GitHub knows no negation with '!'"
    if "[" in pattern or "]" in pattern:
        return "GitHub knows no character ranges"
    if pattern.startswith("\\#"):
        return "GitHub knows no escaped '#'"
    return "three asterisks mean nothing" if "***" in pattern else ""


@lru_cache(maxsize=4096)
def _compiled(pattern: str, dialect: Dialect) -> re.Pattern[str]:
    return re.compile(_github(pattern) if dialect == "github" else _gitlab(pattern), re.DOTALL)


def _github(pattern: str) -> str:
    """Translate a pattern by gitignore's rules: with a slash inside it begins at the root, else at any depth.

    It matches a folder's files as well, but for one that ends in `/*`: that is about direct children only.
    """
    if pattern in ("/", "**"):
        return r"(?!)" if pattern == "/" else ".+"
    is_folder = pattern.endswith("/")
    parts = pattern.strip("/").split("/")
    is_anchored = pattern.startswith("/") or len(parts) > 1
    if is_folder or parts[-1] == "**":
        tail = "/.+"
        parts = parts[:-1] if parts[-1] == "**" else parts
    else:
        tail = "" if parts[-1] == "*" and is_anchored else "(?:/.*)?"
    return _segments(parts if is_anchored else ["**", *parts]) + tail


def _gitlab(pattern: str) -> str:
    """Translate as GitLab hands it to Ruby's File.fnmatch: a folder's files match only with a slash at the end."""
    if pattern == "*":
        return ".*"
    body = pattern.replace("\\#", "#", 1) if pattern.startswith("\\#") else pattern
    parts = body.strip("/").split("/")
    if body.endswith("/"):
        parts += ["**", "*"]
    return _segments(parts if body.startswith("/") else ["**", *parts], has_ranges=True)


def _segments(parts: list[str], has_ranges: bool = False) -> str:
    """Translate what stands between slashes; `**` is any number of folders.

    What lies between two `**` is matched as early as it can be and not tried again, as an atomic group: a hostile
    pattern would keep a backtracking match busy for ever. The same goes for two `*` in `_glob`.
    """
    groups: list[list[str]] = [[]]
    for part in parts:
        if part == "**":
            groups.append([])
        else:
            groups[-1].append(part)
    texts = ["/".join(_glob(part, has_ranges) for part in group) for group in groups]
    first, *others = texts
    found = first + ("/" if first and others else "")
    others = [text for number, text in enumerate(others) if text or number == len(others) - 1]
    for text in others[:-1]:
        found += f"(?>(?:[^/]*/)*?{text}/)"
    return found + (f"(?:[^/]*/)*{others[-1] or '[^/]+'}" if others else "")


def _glob(part: str, has_ranges: bool = False) -> str:
    """Translate what stands between two slashes."""
    fixed, rest = [""], part
    while rest:
        character, rest = rest[0], rest[1:]
        if character == "*":
            fixed.append("")
        elif character == "\\" and rest:
            fixed[-1], rest = fixed[-1] + re.escape(rest[0]), rest[1:]
        elif character == "?":
            fixed[-1] += "[^/]"
        elif character == "[" and has_ranges and "]" in rest[1:]:
            end = rest.index("]", 1)
            inside = rest[:end].replace("\\", "\\\\").replace("[", "\\[")
            negated = "^/" if inside[0] in "!^" else ""
            fixed[-1], rest = f"{fixed[-1]}[{negated}{inside[1:] if negated else inside}]", rest[end + 1 :]
        else:
            fixed[-1] += re.escape(character)
    if part.strip("*") == "":
        return "[^/]+"
    first, *others = fixed
    middle = "".join(f"(?>[^/]*?{each})" for each in others[:-1] if each)
    return first + middle + (f"[^/]*{others[-1]}" if others else "")
