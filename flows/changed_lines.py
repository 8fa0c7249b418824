"""Which lines of which files differ between two commits of a mirror."""

from __future__ import annotations

import codecs
import re

from overhaul.flows.mirror import Mirror

_HUNK = re.compile(rb"^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def changed_lines(mirror: Mirror, base: str, head: str) -> dict[str, list[int]]:
    """Return for each file that differs and is there at head the numbers of its lines that are new at head."""
    return read_diff(mirror.diff(base, head, "-U0"))


def read_diff(diff: bytes) -> dict[str, list[int]]:
    """Read a diff without context. Lines of files can look like its headers: hunks are skipped by their length."""
    found: dict[str, list[int]] = {}
    lines = found.setdefault("", [])
    left = 0
    for line in diff.split(b"\n"):
        hunk = _HUNK.match(line)
        if left and line[:1] in b"+-":
            left -= 1
        elif hunk:
            first, count = int(hunk[2]), int(hunk[3] or 1)
            lines += range(first, first + count)
            left = int(hunk[1] or 1) + count
        elif line.startswith((b"+++ ", b"rename to ")):
            lines = found.setdefault(_path(line), [])
    found.pop("")
    return found


def _path(line: bytes) -> str:
    """The path of a header; git quotes odd ones as C does."""
    is_rename = line.startswith(b"rename to ")
    name = line.removeprefix(b"rename to " if is_rename else b"+++ ").rstrip(b"\t")
    if name.startswith(b'"'):
        name = codecs.escape_decode(name[1:-1])[0]
    if not is_rename:
        name = name.removeprefix(b"b/") if name != b"/dev/null" else b""
    return name.decode("utf-8", "surrogateescape")
