"""entry_points of setup() in each of its forms: a table, or the text of an entry_points.txt."""

from __future__ import annotations

import configparser
import re
from typing import Any

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.migrate_config.values import is_plain

_ENTRY = re.compile(r"\s*([^\s=][^=]*?)\s*=\s*(\S.*?)\s*")
_TARGET = re.compile(r"[A-Za-z_][\w.]*(?:\s*:\s*[A-Za-z_][\w.]*)?(?:\s*\[[\w ,.-]+\])?")


def entry_point_groups(value: Any) -> dict[str, dict[str, str]] | Doubt:
    """Return the entries of each group by name."""
    if value is None or not is_plain(value):
        return {} if value is None else Doubt("it is put together or read from elsewhere when it is built")
    if isinstance(value, str):
        value = _from_text(value)
    if not isinstance(value, dict):
        return Doubt("it is no table of entry points")
    groups: dict[str, dict[str, str]] = {}
    for group, lines in value.items():
        entries: dict[str, str] = {}
        for line in lines.splitlines() if isinstance(lines, str) else lines or ():
            if not str(line).strip() or str(line).strip().startswith("#"):
                continue
            match = _ENTRY.fullmatch(str(line))
            if match is None or not _TARGET.fullmatch(match[2]) or match[1] in entries:
                return Doubt(f"{str(line).strip()!r} is no entry point of its own")
            entries[match[1]] = match[2]
        groups[str(group)] = entries
    return groups


def _from_text(text: str) -> Any:
    parser = configparser.RawConfigParser(delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string("\n".join(line.strip() for line in text.splitlines()))
    except configparser.Error:
        return None
    return {
        section: [f"{name} = {value}" for name, value in parser.items(section)]
        for section in parser.sections()
    }
