"""What a model is told of a change: the guidelines at base, what is proved already, and the diff with line numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from overhaul.flows.plain_text import on_one_line
from overhaul.flows.views.patch import FilePatch, Line
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.review import Finding

GUIDELINES = (
    "AGENTS.md",
    "CONTRIBUTING.md",
    "CONTRIBUTING.rst",
    ".github/CONTRIBUTING.md",
    "docs/CONTRIBUTING.md",
)
LONGEST_GUIDELINE, LONGEST_DIFF, LONGEST_LINE = 12_000, 120_000, 400


def review_task(files: Sequence[FilePatch], base: CommitTree, proved: Sequence[Finding]) -> str:
    """Return the first message. The same change gives the same bytes."""
    parts = ["Review this change."]
    for path, text in guidelines_of(base, [file.path for file in files]):
        parts.append(_data(f"the project's guidelines ({path}, before the change)", text))
    if proved:
        known = "\n".join(f"- {each.path}:{each.first_line} ({each.side}): {each.title}" for each in proved)
        parts.append(_data("what is proved already; do not report it again", known))
    shown, left, room = [], [], LONGEST_DIFF
    for file in files:
        text = diff_text(file)
        if len(text) <= room:
            shown.append(text)
            room -= len(text)
        else:
            left.append(f"- {file.path}: +{file.added} -{file.removed}")
    parts.append(_data("the diff", "\n".join(shown)))
    if left:
        parts.append(_data("more files of the diff; look at each with the tool diff", "\n".join(left)))
    return "\n\n".join(parts)


def guidelines_of(base: CommitTree, changed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The repository's own guidelines, as they were before the change: at its top, and AGENTS.md above its files."""
    folders = {parent.as_posix() for path in changed for parent in PurePosixPath(path).parents}
    wanted = [*GUIDELINES, *sorted(f"{folder}/AGENTS.md" for folder in folders - {"."})]
    known = set(base.paths())
    for path in wanted:
        if path in known:
            yield path, base.read(path).decode(errors="replace")[:LONGEST_GUIDELINE]


def diff_text(file: FilePatch) -> str:
    """A file's part of the diff: each line with its number, after `+` at head, after `-` at base."""
    path = on_one_line(file.path)
    moved = f" (was {on_one_line(file.old_path)})" if file.status in {"renamed", "copied"} else ""
    lines = [f"=== {path}{moved}: {file.status}", *(f"({fact})" for fact in file.facts)]
    for hunk in file.hunks:
        lines.append(f"@@ {hunk.heading}".rstrip())
        removed: list[str] = []
        added: list[str] = []
        for row in hunk.rows:
            if row.same and row.new:
                lines += [*removed, *added, _line(" ", row.new)]
                removed, added = [], []
            else:
                removed += [_line("-", row.old)] if row.old else []
                added += [_line("+", row.new)] if row.new else []
        lines += [*removed, *added]
    return sendable("\n".join(lines))


def sendable(text: str) -> str:
    """Text as UTF-8 can hold it: bytes of a file or name that are none become question marks."""
    return text.encode("utf-8", "replace").decode()


def _line(sign: str, line: Line) -> str:
    return f"{sign}{line.number:>5} {line.text[:LONGEST_LINE]}"


def _data(what: str, text: str) -> str:
    """A block of data whose end no text in it can write: the mark depends on the text."""
    mark = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return sendable(f"<data {mark}: {what}>\n{text}\n</data {mark}>")
