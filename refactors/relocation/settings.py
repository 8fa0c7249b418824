"""Which setting a place in a configuration file belongs to, proved by what changes if the text there is another.

The file is parsed with the text as it is and with a marker in its place: the setting that has the marker is the one.
A comment changes nothing, so it is none.
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_MARKER = "overhaul_marker"
Setting = tuple[str, ...]
INI_SUFFIXES = (".cfg", ".ini")
INI_NAMES = (".coveragerc", ".flake8", ".importlinter", ".isort.cfg", ".pylintrc", "pylintrc")


def is_settings_file(path: str) -> bool:
    """Tell whether a file is TOML or INI, as packaging and test tools read it."""
    name = path.rpartition("/")[2]
    return name.endswith((".toml", *INI_SUFFIXES)) or name in INI_NAMES


def setting_at(path: str, text: str, start: int, end: int) -> Setting | None:
    """Return the keys that lead to the text between two offsets; `[]` is an item of a list, `<key>` a key itself.

    A place in an INI file's section header is that header: `mypy-<key>`. A comment, and any place of a file that
    does not parse, is None.
    """
    before = _entries(path, text)
    after = _entries(path, text[:start] + _MARKER + text[end:])
    if before is None or after is None:
        return None
    found = [
        (keys, value) for keys, value in after if _MARKER in value or any(_MARKER in key for key in keys)
    ]
    if not found or len(after) != len(before):
        return None
    keys, value = found[0]
    if _MARKER in value:
        return keys
    index = next(index for index, key in enumerate(keys) if _MARKER in key)
    return (*keys[:index], "<key>") if index else (keys[0].replace(_MARKER, "<key>"),)


@lru_cache(maxsize=16)
def _entries(path: str, text: str) -> tuple[tuple[Setting, str], ...] | None:
    try:
        document = tomllib.loads(text) if path.endswith(".toml") else _ini(text)
    except (tomllib.TOMLDecodeError, configparser.Error, ValueError):
        return None
    return tuple(_flat(document, ()))


def _ini(text: str) -> dict[str, dict[str, str | None]]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _flat(value: Any, keys: Setting) -> Iterator[tuple[Setting, str]]:
    if isinstance(value, dict):
        if not value:
            yield keys, ""
        for key, each in value.items():
            yield from _flat(each, (*keys, key))
    elif isinstance(value, list):
        for each in value:
            yield from _flat(each, (*keys, "[]"))
    else:
        yield keys, str(value)
