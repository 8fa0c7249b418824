"""Which Python a repository's people use: `.python-version`, `runtime.txt`, `.tool-versions`."""

from __future__ import annotations

import re
from pathlib import Path

_PINS = (
    # pyenv and uv; the first line that is a version counts, names of virtual environments do not.
    (
        ".python-version",
        re.compile(r"^(?:cpython-|python-?)?(\d+\.\d+)(?:\.\d+)?(?:[a-z]+\d*)?\s*$", re.MULTILINE),
    ),
    # Heroku
    ("runtime.txt", re.compile(r"^python-(\d+\.\d+)(?:\.\d+)?\s*$", re.MULTILINE)),
    # asdf and mise
    (".tool-versions", re.compile(r"^python\s+(\d+\.\d+)(?:\.\d+)?\b", re.MULTILINE)),
)


def pinned_python(folder: Path) -> tuple[str, str] | None:
    """The version as "3.12", and the file that names it."""
    for name, pattern in _PINS:
        try:
            match = pattern.search((folder / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            continue
        if match:
            return match[1], name
    return None
