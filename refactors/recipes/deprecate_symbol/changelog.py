"""The changelog: which file it is, and where in it a deprecation of the next release is listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Edit, Site, content_hash
from overhaul.refactors.recipes.deprecate_symbol.notice import Notice

_FILE = re.compile(
    r"(?:docs?/)?(?:changelog|changes|history|news|release_?notes)(?:\.(?:md|rst|txt))?", re.IGNORECASE
)
_UNRELEASED = re.compile(
    r"\b(?:unreleased|not (?:yet )?released|in development|to be released)\b", re.IGNORECASE
)
_MARKDOWN = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"([=\-~^\"'`*+#.:_])\1{2,}[ \t]*$")
_BULLET = re.compile(r"([-*+])( +)\S")
# Keep a Changelog's order: a new heading goes before the first of those that come after it.
_AFTER_DEPRECATED = ("removed", "fixed", "security")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its first line and the first line below it (from 0), its depth or kind, and its text."""

    line: int
    below: int
    level: str
    title: str


def changelog_change(project: Project, path: str, notice: Notice) -> tuple[Site, Edit | None] | None:
    """Return the site in the changelog and its edit; None if there is no changelog.

    Raises ParameterError for a path that is no file.
    """
    paths = [path] if path else [each for each in project.tree.paths() if _FILE.fullmatch(each)]
    if path and path not in project.tree.paths():
        raise ParameterError(f"the changelog '{path}' is no file of the tree. Write its path from the top")
    found: Site | None = None
    for each in sorted(paths, key=lambda name: name.count("/")):
        content = project.document(each)
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        change = _with_line(text, each, notice)
        if isinstance(change, str):
            site = Site(each, 1, 1, notice.symbol, "unresolved", change)
            found = found or site
            continue
        line, new = change
        if new == text:
            return None
        site = Site(
            each, line + 1, 1, notice.symbol, "resolved", "the changelog's section of what is not released"
        )
        return site, Edit(each, content_hash(content), new.encode("utf-8"), 1)
    return None if found is None else (found, None)


def _with_line(text: str, path: str, notice: Notice) -> tuple[int, str] | str:
    """Return where the new line is and the new text, or why the changelog is not understood."""
    log = _Log.read(text)
    headings = _headings(log.bare, path)
    index = next((at for at, each in enumerate(headings) if _is_next_release(each.title, notice.since)), None)
    is_rst = path.endswith(".rst") or (bool(headings) and not headings[0].level.startswith("#"))
    entry = notice.changelog_line("``" if is_rst else "`")
    if index is None:
        return f"no section of what is not released was found. Add: {entry}"
    section = headings[index]
    inner = list(takewhile(lambda each: not _ends(each, section), headings[index + 1 :]))
    end = headings[index + 1 + len(inner)].line if index + 1 + len(inner) < len(headings) else len(log.bare)
    if any(notice.symbol in each and "deprecat" in each.lower() for each in log.bare[section.line : end]):
        return section.line, text
    line = log.bullet_below(section.below) + entry
    known = next((each for each in inner if "deprecat" in each.title.lower()), None)
    if known is not None:
        stop = next((each.line for each in inner if each.line > known.line), end)
        return log.extended(known.below, stop, line)
    if not inner:
        return log.extended(section.below, end, line)
    if any(not each.level.startswith("#") for each in inner):
        return f"its section has no place for deprecations. Add: {entry}"
    stop = next((each.line for each in inner if each.title.lower() in _AFTER_DEPRECATED), end)
    gap = [""] if inner[0].below < len(log.bare) and not log.bare[inner[0].below].strip() else []
    new = [f"{inner[0].level} Deprecated", *gap, line]
    return log.extended(section.below, stop, log.line_end.join(new), apart=True)


@dataclass(frozen=True, slots=True)
class _Log:
    """The lines of a changelog, with and without their ends."""

    lines: Sequence[str]
    bare: Sequence[str]
    line_end: str

    @classmethod
    def read(cls, text: str) -> _Log:
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
        found = re.search(r"\r\n|\r|\n", text)
        return cls(lines, [each.rstrip("\r\n") for each in lines], found[0] if found else "\n")

    def bullet_below(self, start: int) -> str:
        """Return what bullets of the file begin with, those below a line first."""
        for line in [*self.bare[start:], *self.bare[:start]]:
            match = _BULLET.match(line)
            if match:
                return match[1] + match[2]
        return "- "

    def extended(self, start: int, end: int, text: str, apart: bool = False) -> tuple[int, str]:
        """Put text at the end of some lines; `apart` has it behind a blank line, which a bullet in a list is not."""
        filled = [each for each in range(start, end) if self.bare[each].strip()]
        if filled:
            insert = filled[-1] + 1
            lead = self.line_end if apart or not _is_list(self.bare, start, filled[-1]) else ""
            tail = ""
        else:
            has_blank = start < end and self.lines[start] != ""
            insert = start + has_blank
            lead = "" if has_blank else self.line_end
            tail = self.line_end if insert < len(self.bare) and self.bare[insert].strip() else ""
        head = "".join(self.lines[:insert])
        head += "" if head.endswith(("\n", "\r")) else self.line_end
        return insert, f"{head}{lead}{text}{self.line_end}{tail}{''.join(self.lines[insert:])}"


def _is_list(bare: Sequence[str], start: int, last: int) -> bool:
    """Whether a part of the file ends in a list: a bullet, or what belongs to it by its indentation."""
    while last >= start and bare[last].startswith((" ", "\t")):
        last -= 1
    return last >= start and _BULLET.match(bare[last].lstrip()) is not None


def _headings(bare: Sequence[str], path: str) -> list[Heading]:
    found: list[Heading] = []
    fenced = False
    for index, line in enumerate(bare):
        if line.startswith("```"):
            fenced = not fenced
        match = _MARKDOWN.match(line)
        if match and not fenced and not path.endswith(".rst"):
            found.append(Heading(index, index + 1, match[1], match[2]))
            continue
        below = bare[index + 1] if index + 1 < len(bare) else ""
        underline = _UNDERLINE.match(below)
        is_title = line.strip() and not line.startswith((" ", "\t")) and not _UNDERLINE.match(line)
        if underline and is_title and not fenced and len(below.rstrip()) >= len(line.rstrip()) - 1:
            if path.endswith(".md"):
                level = "#" if underline[1] == "=" else "##"
            else:
                level = underline[1]
            found.append(Heading(index, index + 2, level, line.strip()))
    return found


def _is_next_release(title: str, since: str) -> bool:
    version = re.search(rf"(?<![\w.]){re.escape(since)}(?![\w.])", title)
    return _UNRELEASED.search(title) is not None or version is not None


def _ends(heading: Heading, section: Heading) -> bool:
    """Whether a heading ends a section: one of its level, or above it."""
    is_markdown = heading.level.startswith("#") and section.level.startswith("#")
    return heading.level == section.level or (is_markdown and len(heading.level) < len(section.level))
