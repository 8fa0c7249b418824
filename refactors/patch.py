"""An edit as a patch that git takes, exact in every byte: line ends, encodings, last lines, moves."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from overhaul.refactors.recipe import Edit

CONTEXT_LINES = 3
_ESCAPES = {b'"': rb"\"", b"\\": rb"\\", b"\t": rb"\t", b"\n": rb"\n", b"\r": rb"\r"}


def unified_diff(old: bytes, edit: Edit) -> bytes:
    """Return the edit of a file that held `old` as git prints it; nothing if it changes nothing.

    Of a file that the edit creates, `old` is not looked at.

    Bytes, because a patch has the encodings and the line ends of the files that it changes.
    """
    if edit.is_new:
        return _created(edit)
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
    """Give the changed lines with their context; equal beginnings and ends are cut off first to save time."""
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    start, end = max(0, start - CONTEXT_LINES), max(0, end - CONTEXT_LINES)
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT_LINES):
        first, last = group[0], group[-1]
        before, after = _range(first[1] + start, last[2] + start), _range(first[3] + start, last[4] + start)
        yield b"@@ -%b +%b @@\n" % (before, after)
        for kind, old_start, old_end, new_start, new_end in group:
            if kind == "equal":
                yield from _marked(b" ", old[old_start:old_end])
            else:
                yield from _marked(b"-", old[old_start:old_end])
                yield from _marked(b"+", new[new_start:new_end])


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _range(start: int, end: int) -> bytes:
    length = end - start
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _marked(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n"
