"""An edit as a patch that git takes, exact in every byte: line ends, encodings, last lines, moves."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from overhaul.refactors.recipe import Edit

CONTEXT_LINES = 3
_FAR = 200  # lines, of both files together
_ESCAPES = {b'"': rb"\"", b"\\": rb"\\", b"\t": rb"\t", b"\n": rb"\n", b"\r": rb"\r"}


def unified_diff(old: bytes, edit: Edit) -> bytes:
    """Return the edit of a file that held `old` as git prints it; nothing if it changes nothing.

    Of a file that the edit creates, `old` is not looked at.

    Bytes, because a patch has the encodings and the line ends of the files that it changes.
    """
    if edit.is_new:
        return _created(edit)
    if edit.is_removal:
        return _removed(edit.path, old)
    new_path = edit.new_path or edit.path
    if old == edit.content and new_path == edit.path:
        return b""
    before, after = _quoted("a/", edit.path), _quoted("b/", new_path)
    lines = [b"diff --git %b %b\n" % (before, after)]
    if new_path != edit.path:
        if old == edit.content:
            lines.append(b"similarity index 100%\n")
        lines.append(b"rename from %b\nrename to %b\n" % (_quoted("", edit.path), _quoted("", new_path)))
    if old != edit.content:
        lines.append(b"--- %b\n+++ %b\n" % (_ended(before), _ended(after)))
        lines.extend(_hunks(_lines(old), _lines(edit.content)))
    return b"".join(lines)


def _created(edit: Edit) -> bytes:
    name = _quoted("b/", edit.path)
    lines = [b"diff --git %b %b\nnew file mode 100644\n" % (_quoted("a/", edit.path), name)]
    if edit.content:
        lines.append(b"--- /dev/null\n+++ %b\n" % _ended(name))
        lines.extend(_hunks([], _lines(edit.content)))
    return b"".join(lines)


def _removed(path: str, old: bytes) -> bytes:
    name = _quoted("a/", path)
    # git takes any file's mode for that of a file which goes, and warns of a wrong one.
    lines = [b"diff --git %b %b\ndeleted file mode 100644\n" % (name, _quoted("b/", path))]
    if old:
        lines.append(b"--- %b\n+++ /dev/null\n" % _ended(name))
        lines.extend(_hunks(_lines(old), []))
    return b"".join(lines)


def _quoted(prefix: str, path: str) -> bytes:
    raw = os.fsencode(prefix + path)
    if not re.search(rb'[\x00-\x1f\x7f"\\]', raw):
        return raw
    return b'"%b"' % re.sub(rb'[\x00-\x1f\x7f"\\]', _escaped, raw)


def _escaped(match: re.Match[bytes]) -> bytes:
    return _ESCAPES.get(match[0]) or b"\\%03o" % match[0][0]


def _ended(name: bytes) -> bytes:
    """Mark where a name with blanks ends, as git does."""
    return name + b"\t" if b" " in name else name


def _lines(content: bytes) -> list[bytes]:
    return [line for line in re.split(rb"(?<=\n)", content) if line]


def _hunks(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[bytes]:
    """Give the changed lines with their context."""
    for group in _grouped(_changes(old, new)):
        first, last = group[0], group[-1]
        start = max(0, first.old_start - CONTEXT_LINES)
        end = min(len(old), last.old_end + CONTEXT_LINES)
        before = _range(start, end)
        after = _range(
            first.new_start - (first.old_start - start), last.new_end + min(CONTEXT_LINES, end - last.old_end)
        )
        yield b"@@ -%b +%b @@\n" % (before, after)
        for change in group:
            yield from _marked(b" ", old[start : change.old_start])
            yield from _marked(b"-", old[change.old_start : change.old_end])
            yield from _marked(b"+", new[change.new_start : change.new_end])
            start = change.old_end
        yield from _marked(b" ", old[start:end])


class _Change(NamedTuple):
    """Lines of the old file that lines of the new one replace."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def _changes(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[_Change]:
    """Compare from the beginning: edits are short and far apart, so that the files soon agree again.

    difflib takes frequent lines of long files for noise, and shows lines as changed that are not.
    """
    at, to = 0, 0
    while at < len(old) or to < len(new):
        if at < len(old) and to < len(new) and old[at] == new[to]:
            at, to = at + 1, to + 1
            continue
        agreed = _next_agreement(old, new, at, to)
        if agreed is None:
            for kind, old_start, old_end, new_start, new_end in SequenceMatcher(
                None, old[at:], new[to:]
            ).get_opcodes():
                if kind != "equal":
                    yield _Change(at + old_start, at + old_end, to + new_start, to + new_end)
            return
        yield _Change(at, agreed[0], to, agreed[1])
        at, to = agreed


def _next_agreement(old: Sequence[bytes], new: Sequence[bytes], at: int, to: int) -> tuple[int, int] | None:
    """Return the nearest place where two lines of the files are the same, or both end; None if it is far away."""
    for distance in range(1, _FAR):
        for gone in range(distance + 1):
            there, here = at + gone, to + distance - gone
            if there > len(old) or here > len(new):
                continue
            ahead = old[there : there + 2]
            if ahead == new[here : here + 2] and (ahead or (there == len(old) and here == len(new))):
                return there, here
    return None


def _grouped(changes: Iterable[_Change]) -> Iterator[list[_Change]]:
    """Put changes together whose contexts meet."""
    group: list[_Change] = []
    for change in changes:
        if group and change.old_start - group[-1].old_end > 2 * CONTEXT_LINES:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _range(start: int, end: int) -> bytes:
    length = end - start
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _marked(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n"
