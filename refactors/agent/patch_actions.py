"""The patch format that Codex models write, parsed: files to add, delete, update and move.

More is taken than the grammar allows where only one thing can be meant: Markdown fences and heredocs around the patch,
blanks after markers, empty lines without their prefix, line numbers after `@@`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from overhaul.refactors.errors import PatchError
from overhaul.refactors.folder import split_path

LARGEST_PATCH = 8_000_000  # characters
MOST_LINES = 1_000_000  # CRs count too; the search has a character for each, of which there are a few more
MOST_FILES = 1_000
LONGEST_PATH = 400

_BEGIN, _END = "*** Begin Patch", "*** End Patch"
_END_OF_FILE = "*** End of File"
_HEADER = re.compile(r"\*\*\* (Add|Delete|Update) File:(.*)")
_MOVE = re.compile(r"\*\*\* Move to:(.*)")
_FENCE = re.compile(r"(?:`{3,}|~{3,})[\w.+-]*")
_HEREDOC = re.compile(
    r"(?:\$ )?(?:(?:apply_?patch|cat)\s+)?<<-?\s*(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)(?:\s*\|\s*apply_?patch)?"
)
_LINE_NUMBERS = re.compile(r"-\d+(?:,\d+)? \+\d+(?:,\d+)?(?: @@|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Kind = Literal[" ", "-", "+"]


class HunkLine(NamedTuple):
    """A line that stays (blank), goes (minus) or comes (plus), without its line end."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of one place. `line` is the hunk's first line in the patch, from 1; `anchors` are its `@@` lines."""

    line: int
    anchors: tuple[str, ...]
    lines: tuple[HunkLine, ...]
    at_end: bool = False

    @property
    def old(self) -> list[str]:
        """The lines that the file has to have."""
        return [line.text for line in self.lines if line.kind != "+"]


@dataclass(frozen=True, slots=True)
class AddFile:
    """A file that is not there yet. A line's text ends with CR if the file is to have CRLF."""

    line: int
    path: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """A file that goes."""

    line: int
    path: str


@dataclass(frozen=True, slots=True)
class UpdateFile:
    """A file that changes, moves, or both."""

    line: int
    path: str
    hunks: tuple[Hunk, ...]
    new_path: str | None = None


FileAction = AddFile | DeleteFile | UpdateFile
_Lines = list[tuple[int, str]]


def parse_patch(text: str) -> tuple[FileAction, ...]:
    """Return what a patch does, in its order. Raises PatchError, which tells a model what to write instead."""
    if len(text) > LARGEST_PATCH or text.count("\n") + text.count("\r") > MOST_LINES:
        raise PatchError(
            f"The patch is too large: at most {LARGEST_PATCH} characters and {MOST_LINES} lines are taken. "
            "Send several smaller patches."
        )
    if odd := re.search("[\x00\ud800-\udfff]", text):
        number = text.count("\n", 0, odd.start()) + 1
        raise wrong(number, f"the character {odd[0]!r} cannot be in a text file. Leave it out.")
    lines = text.split("\n")
    first, last = _envelope(lines)
    actions = [_action(header, body) for header, body in _sections(lines, first, last)]
    if not actions:
        raise PatchError(
            "The patch names no file. Between '*** Begin Patch' and '*** End Patch' write "
            "'*** Update File: path', '*** Add File: path' or '*** Delete File: path'."
        )
    if len(actions) > MOST_FILES:
        raise PatchError(
            f"The patch acts on {len(actions)} files; at most {MOST_FILES} are taken. Send several."
        )
    return tuple(actions)


def wrong(number: int, what: str) -> PatchError:
    return PatchError(f"Line {number} of the patch: {what}")


def shown(text: str) -> str:
    """Return a line as a message can have it: cut, with what does not print as escapes."""
    return repr(text if len(text) <= 100 else text[:99] + "…")


def _envelope(lines: Sequence[str]) -> tuple[int, int]:
    """Return the indexes of the first and last marker."""
    first = next((index for index, line in enumerate(lines) if line.strip() == _BEGIN), None)
    if first is None:
        raise PatchError(f"The patch has to begin with the line '{_BEGIN}' and to end with '{_END}'.")
    words = set()
    for index, line in enumerate(lines[:first]):
        heredoc = _HEREDOC.fullmatch(line.strip())
        if heredoc:
            words.add(heredoc["word"])
        elif line.strip() and not _FENCE.fullmatch(line.strip()):
            raise wrong(
                index + 1,
                f"{shown(line)} stands before '{_BEGIN}'. Send the patch alone, with paths from the root.",
            )
    last = next((index for index in range(first + 1, len(lines)) if lines[index].rstrip() == _END), None)
    if last is None:
        raise PatchError(f"The patch breaks off: the line '{_END}' is missing. Send the whole patch again.")
    for index in range(last + 1, len(lines)):
        rest = lines[index].strip()
        if rest and rest not in words and not _FENCE.fullmatch(rest):
            raise wrong(
                index + 1,
                f"{shown(rest)} stands after '{_END}'. Put all files between one '{_BEGIN}' and one '{_END}'.",
            )
    return first, last


class _Header(NamedTuple):
    line: int
    kind: str
    path: str
    is_crlf: bool


def _sections(lines: Sequence[str], first: int, last: int) -> Iterator[tuple[_Header, _Lines]]:
    header: _Header | None = None
    body: _Lines = []
    for index in range(first + 1, last):
        line = lines[index]
        match = _HEADER.fullmatch(line.rstrip())
        if match:
            if header:
                yield header, body
            path = normal_path(match[2].strip(), index + 1)
            header, body = _Header(index + 1, match[1], path, line.endswith("\r")), []
        elif header:
            body.append((index + 1, line))
        elif line.strip():
            raise wrong(index + 1, f"{shown(line)} belongs to no file. Begin with '*** Update File: path'.")
    if header:
        yield header, body


def normal_path(path: str, line: int) -> str:
    """Return a path below the root without `.` and double slashes. Raises PatchError for any other path."""
    if not path or len(path) > LONGEST_PATH:
        raise wrong(
            line, f"a path of 1 to {LONGEST_PATH} characters has to stand after the colon, as in src/app.py."
        )
    if _CONTROL.search(path) or "\\" in path:
        raise wrong(line, f"{shown(path)}: write the path with forward slashes and no control characters.")
    if path.startswith(("/", "~")) or re.match("[A-Za-z]:", path) or path.endswith("/"):
        raise wrong(
            line, f"{shown(path)}: write the path of a file from the repository's root, as in src/app.py."
        )
    normal = "/".join(part for part in path.split("/") if part not in ("", "."))
    try:
        split_path(normal)
    except ValueError as error:
        raise wrong(line, f"{error}; only files of the repository's own tree can be changed.") from None
    return normal


def _action(header: _Header, body: _Lines) -> FileAction:
    if header.kind == "Add":
        return AddFile(header.line, header.path, _added(header, body))
    body = [(number, line.removesuffix("\r")) for number, line in body]
    if header.kind == "Update":
        return _update(header, body)
    for number, line in body:
        if line.strip():
            raise wrong(number, f"{shown(line)}: nothing follows '*** Delete File'. Leave the line out.")
    return DeleteFile(header.line, header.path)


def _added(header: _Header, body: _Lines) -> tuple[str, ...]:
    while body and not body[-1][1].strip():
        body.pop()
    added = []
    for number, line in body:
        line = line.removesuffix("\r") if header.is_crlf else line
        if line.strip() and not line.startswith("+"):
            raise wrong(number, f"{shown(line)}: each line of a new file begins with '+'. Write it with '+'.")
        added.append(line[1:] if line.startswith("+") else "")
    return tuple(added)


def _update(header: _Header, body: _Lines) -> UpdateFile:
    move = _MOVE.fullmatch(body[0][1].rstrip()) if body else None
    new_path = normal_path(move[1].strip(), body[0][0]) if move else None
    hunks = tuple(_hunks(body[1:] if move else body))
    if not hunks and new_path is None:
        raise wrong(
            header.line,
            f"the update of {header.path} has no hunk. Write '@@', lines around the change with a blank before them, "
            "and changed lines with '-' and '+'.",
        )
    return UpdateFile(header.line, header.path, hunks, new_path)


def _hunks(body: _Lines) -> Iterator[Hunk]:
    start, anchors = 0, list[str]()
    lines: list[HunkLine] = []
    bare = 0  # empty lines without a prefix at the end: rather for looks than context
    for number, line in body:
        start = start or number
        if line.startswith("@@") or line.rstrip() == _END_OF_FILE:
            is_end = not line.startswith("@@")
            if lines and len(lines) > bare:
                yield Hunk(
                    start, tuple(anchors), tuple(lines if is_end else lines[: len(lines) - bare]), is_end
                )
                start, anchors = number, []
            elif is_end:
                raise wrong(number, f"no lines stand before '{_END_OF_FILE}'. Write the change before it.")
            lines, bare = [], 0
            anchors += [] if is_end else _anchor(line)
            start = 0 if is_end else start
        elif line[:1] in ("", " ", "-", "+"):
            bare = 0 if line else bare + 1
            lines += _hunk_lines(line)
        else:
            raise wrong(number, f"{shown(line)}: {_expected(line)}")
    if len(lines) > bare:
        yield Hunk(start, tuple(anchors), tuple(lines[: len(lines) - bare]))
    elif anchors:
        raise wrong(start, "no lines stand after '@@'. Write the lines to change, or leave it out.")


def _anchor(line: str) -> list[str]:
    text = _LINE_NUMBERS.sub("", line[2:].strip(), count=1) if line[2:3] == " " else line[2:]
    text = text.strip().removesuffix(" @@").strip()
    return [text] if text and text != "@@" else []


def _hunk_lines(line: str) -> list[HunkLine]:
    kind = cast("Kind", line[:1] or " ")
    if kind == "+":
        return [HunkLine(kind, line[1:])]
    # A CR alone ends a line of a file, as in Python; what comes new is written as it is.
    return [HunkLine(kind, text) for text in line[1:].split("\r")]


def _expected(line: str) -> str:
    if line.startswith("\\"):
        return "leave this line out. Whether a file ends with a line end stays as it is."
    if line.startswith("***"):
        return (
            "this marker is unknown here. Known are '*** Add File: ', '*** Update File: ', '*** Delete File: ', "
            f"'*** Move to: ' right after an update's header, '{_END_OF_FILE}' and '{_END}'."
        )
    return "each line of a hunk begins with a blank (it stays), '-' (it goes) or '+' (it comes). Put one before it."
