"""A patch as git prints it, read into files, hunks and rows with an old and a new side."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from overhaul.refactors.recipe import Site
from overhaul.refactors.review import Finding

_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$", re.DOTALL)
_KINDS_OF_FILE = {"120000": "symbolic link", "160000": "submodule", "100755": "executable"}

FileStatus = Literal["changed", "new", "deleted", "renamed", "copied"]


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a row: its number (from 1), its text and whether a line end follows it."""

    number: int
    text: str
    ends: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A line before and after; one of them is None where it was added or removed."""

    old: Line | None
    new: Line | None

    @property
    def same(self) -> bool:
        return (
            self.old is not None
            and self.new is not None
            and (self.old.text, self.old.ends) == (self.new.text, self.new.ends)
        )


@dataclass(slots=True)
class Hunk:
    """Neighbouring rows; `heading` is the function or section that git names for them."""

    heading: str
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class FilePatch:
    """What becomes of one file; `facts` are what is to be said beside its lines, such as a change of its mode."""

    old_path: str = ""
    new_path: str = ""
    status: FileStatus = "changed"
    facts: list[str] = field(default_factory=list)
    hunks: list[Hunk] = field(default_factory=list)
    added: int = 0
    removed: int = 0

    @property
    def path(self) -> str:
        """Where the file is now, or was if it is gone."""
        return self.old_path if self.status == "deleted" else self.new_path


def read_patch(patch: bytes) -> list[FilePatch]:
    """Read what `git diff` prints. Lines of files may look like headers: hunks are read by their length."""
    lines = patch.split(b"\n")
    files: list[FilePatch] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if line.startswith(b"diff --git "):
            files.append(_of_header(line))
        elif files and (hunk := _HUNK.match(line)):
            position = _read_hunk(files[-1], hunk, lines, position)
        elif files:
            _read_header_line(files[-1], line)
    for file in files:
        _settle_line_ends(file)
    return files


def notes_of(patch: bytes, sites: Iterable[Site]) -> dict[tuple[str, int], str]:
    """Put the reasons of resolved sites beside the new lines of a patch: (path now, line now) -> text.

    A site's line is that of the base, which must be the patch's old side.
    """
    by_line: dict[tuple[str, int], dict[str, int]] = {}
    for site in sites:
        if site.status == "resolved":
            tally = by_line.setdefault((site.path, site.line), {})
            tally[site.reason] = tally.get(site.reason, 0) + 1
    found: dict[tuple[str, int], list[str]] = {}
    for file in read_patch(patch):
        for old, new in _new_lines(file):
            for reason, count in by_line.get((file.old_path, old), {}).items():
                words = f"{reason} ({count} times)" if count > 1 else reason
                found.setdefault((file.new_path, new), []).append(words)
    return {place: "; ".join(dict.fromkeys(reasons)) for place, reasons in found.items()}


def finding_notes(patch: bytes, findings: Iterable[Finding]) -> dict[tuple[str, int], str]:
    """Put the findings of a review beside the lines that they cite, or that stand where the cited ones were."""
    at_base: dict[tuple[str, int], list[str]] = {}
    found: dict[tuple[str, int], list[str]] = {}
    for each in findings:
        if not each.proved_by and each.first_line == 1:
            continue  # about the file as a whole
        place = at_base if each.side == "base" else found
        place.setdefault((each.path, each.first_line), []).append(f"P{each.priority}: {each.title}")
    files = read_patch(patch)
    known = {file.new_path for file in files}
    for file in files if at_base else ():
        for old, new in _new_lines(file):
            for words in at_base.get((file.old_path, old), ()):
                found.setdefault((file.new_path, new), []).append(words)
    return {(path, line): "; ".join(words) for (path, line), words in found.items() if path in known}


def joined_notes(*notes: Mapping[tuple[str, int], str]) -> dict[tuple[str, int], str]:
    """Put all that is said beside one line together."""
    places = dict.fromkeys(place for each in notes for place in each)
    return {place: "; ".join(each[place] for each in notes if place in each) for place in places}


def unquoted(name: bytes) -> str:
    """A path of a header: git quotes odd ones as C does. Bytes that are not UTF-8 come as lone surrogates."""
    if name.startswith(b'"') and name.endswith(b'"'):
        name = codecs.escape_decode(name[1:-1])[0]
    return name.decode("utf-8", "surrogateescape")


def _of_header(line: bytes) -> FilePatch:
    """A file by its first line, which counts where no other names it: then both halves are the same path."""
    both = line.removeprefix(b"diff --git ")
    path = unquoted(both[: len(both) // 2]).removeprefix("a/")
    return FilePatch(path, path)


def _read_header_line(file: FilePatch, line: bytes) -> None:
    word, _, rest = line.partition(b" ")
    text = rest.decode("utf-8", "surrogateescape")
    match word:
        case b"---" if rest != b"/dev/null":
            file.old_path = unquoted(rest.rstrip(b"\t")).removeprefix("a/")
        case b"+++" if rest != b"/dev/null":
            file.new_path = unquoted(rest.rstrip(b"\t")).removeprefix("b/")
        case b"rename" | b"copy":
            file.status = "renamed" if word == b"rename" else "copied"
            side, _, path = rest.partition(b" ")
            setattr(file, "old_path" if side == b"from" else "new_path", unquoted(path))
        case b"similarity" if text != "index 100%":
            file.facts.append(f"{text.removeprefix('index ')} of it stays")
        case b"new" | b"deleted" if text.startswith("file mode "):
            file.status = "new" if word == b"new" else "deleted"
            if kind := _KINDS_OF_FILE.get(text.removeprefix("file mode ")):
                file.facts.append(kind)
        case b"old" if text.startswith("mode "):
            file.facts.append(text)
        case b"new" if text.startswith("mode ") and file.facts:
            file.facts[-1] += f" becomes {text.removeprefix('mode ')}"
        case b"index" if (kind := _KINDS_OF_FILE.get(text.rpartition(" ")[2])) and kind != "executable":
            file.facts.append(kind)
        case b"Binary":
            file.facts.append("binary, its content is not shown")


def _read_hunk(file: FilePatch, header: re.Match[bytes], lines: Sequence[bytes], position: int) -> int:
    """Read the hunk after its header; return where it ends."""
    hunk = Hunk(header[5].decode("utf-8", "surrogateescape"))
    file.hunks.append(hunk)
    old, new = int(header[1]), int(header[3])
    left = [int(header[2] or 1), int(header[4] or 1)]
    removed: list[Line] = []
    added: list[Line] = []
    while position < len(lines) and (sum(left) > 0 or lines[position][:1] == b"\\"):
        sign, text = lines[position][:1], lines[position][1:].decode("utf-8", "surrogateescape")
        ends = lines[position + 1 : position + 2] != [] and lines[position + 1][:1] != b"\\"
        position += 1
        if sign == b"-":
            if added:
                hunk.rows += _paired(removed, added)
            removed.append(Line(old, text, ends))
        elif sign == b"+":
            added.append(Line(new, text, ends))
        elif sign in {b" ", b""}:
            hunk.rows += _paired(removed, added)
            hunk.rows.append(Row(Line(old, text, ends), Line(new, text, ends)))
        else:
            continue
        old, left[0] = old + (sign != b"+"), left[0] - (sign != b"+")
        new, left[1] = new + (sign != b"-"), left[1] - (sign != b"-")
        file.removed += sign == b"-"
        file.added += sign == b"+"
    hunk.rows += _paired(removed, added)
    return position


def _paired(removed: list[Line], added: list[Line]) -> list[Row]:
    """Put removed lines beside the added ones that replace them, in order, and forget both."""
    rows = [Row(old, new) for old, new in zip(removed, added, strict=False)]
    rows += [Row(old, None) for old in removed[len(added) :]]
    rows += [Row(None, new) for new in added[len(removed) :]]
    removed.clear()
    added.clear()
    return rows


def _settle_line_ends(file: FilePatch) -> None:
    """Say once that all lines end as on Windows; where only some do, the carriage return is part of the line."""
    sides = [side for hunk in file.hunks for row in hunk.rows for side in (row.old, row.new) if side]
    if not sides or not all(side.text.endswith("\r") for side in sides if side.ends):
        return
    if not any(side.text.endswith("\r") for side in sides):
        return
    file.facts.append("CRLF line ends")
    for hunk in file.hunks:
        hunk.rows = [Row(_without_return(row.old), _without_return(row.new)) for row in hunk.rows]


def _without_return(line: Line | None) -> Line | None:
    return None if line is None else Line(line.number, line.text.removesuffix("\r"), line.ends)


def _new_lines(file: FilePatch) -> Iterator[tuple[int, int]]:
    """Which new line of a file stands beside each old line of its hunks; the nearest for one that is gone."""
    for hunk in file.hunks:
        following = {}
        nearest = 0
        for number, row in reversed(list(enumerate(hunk.rows))):
            nearest = row.new.number if row.new else nearest
            following[number] = nearest
        for number, row in enumerate(hunk.rows):
            nearest = row.new.number if row.new else nearest
            if row.old:
                yield row.old.number, following[number] or nearest
