"""Print the workspace's files for the host, a JSON list a line: [path, content].

Content is base64 for a regular file whose inode has changed since a time, and null for one that has not; folders that
are not looked into are [path/, null]. Links and special files are left out, and so are paths that are not UTF-8: no
commit of ours can hold them.
The argument is that time in nanoseconds; without one the present time is printed, for the next call.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
import time
from collections.abc import Iterator

from emit_files import LARGEST, read  # type: ignore[import-not-found]

LARGEST_TOGETHER = 256 << 20
SKIPPED = {
    ".git",
    "__pycache__",
    "node_modules",
    ".venv",
    ".tox",
    ".nox",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
}


def main() -> None:
    """Print the time, or the files."""
    if len(sys.argv) == 1:
        print(time.time_ns())
        return
    since, left = int(sys.argv[1]), LARGEST_TOGETHER
    for path, changed in walk("", since):
        content = read(path) if changed else None
        if changed and (content is None or len(content) > min(LARGEST, left)):
            print(json.dumps([path, "-"]))
            continue
        left -= len(content or b"")
        print(json.dumps([path, None if content is None else base64.b64encode(content).decode()]))


def walk(top: str, since: int) -> Iterator[tuple[str, bool]]:
    """Every regular file below a folder, with whether it has changed, and folders that are skipped."""
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not is_text(entry.name):
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISDIR(found.st_mode):
                if entry.name in SKIPPED:
                    yield path + "/", False
                else:
                    folders.append(path)
            elif stat.S_ISREG(found.st_mode):
                yield path, found.st_ctime_ns >= since


def is_text(name: str) -> bool:
    """Whether a name is UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


main()
