"""Regular expressions of a setup.py, tried on files of the repository within bounds: neither is to be trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from overhaul.refactors.recipes.migrate_config.values import Derived, Reference, Unknown, files_of

_FLAGS = {
    "re.M": re.MULTILINE, "re.MULTILINE": re.MULTILINE, "re.S": re.DOTALL, "re.DOTALL": re.DOTALL,
}  # fmt: skip
_MOST_QUANTIFIERS = 3
_LONGEST_PATTERN = 200
_WINDOW = 120  # characters from the line of a word that the pattern must find
_MOST_WINDOWS = 5


@dataclass(frozen=True, slots=True)
class Matched:
    """What a regular expression has found in a text."""

    match: re.Match[str]
    files: frozenset[str]

    def group(self, key: Any) -> Any:
        """Return a group's text, or None. Raises Unknown."""
        try:
            found = self.match.group(key)
        except (IndexError, TypeError):
            raise Unknown("it is computed") from None
        return found if found is None else Derived.of(found, self.files)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A regular expression that is made ready."""

    pattern: Any
    flags: tuple[Any, ...]


def matched(name: str, arguments: Sequence[Any]) -> Any:
    """Return what `re.match`, `re.search` or `re.findall` gives. Raises Unknown."""
    pattern, text, *flags = arguments
    if not isinstance(pattern, str) or files_of(pattern) or not isinstance(text, str):
        raise Unknown("it is computed")
    if any(not isinstance(each, Reference) or each.name not in _FLAGS for each in flags):
        raise Unknown("it is computed")
    word = _word_of(pattern)
    try:
        compiled = re.compile(pattern, _FLAGS[flags[0].name] if flags else 0)
    except (re.error, RecursionError, OverflowError):
        raise Unknown("its regular expression cannot be read") from None
    if name == "re.match":
        found = compiled.match(text, 0, _WINDOW) if word in text[:_WINDOW] else None
        return None if found is None else Matched(found, files_of(text))
    places = [place.start() for place in re.finditer(re.escape(word), text)]
    if len(places) > (_MOST_WINDOWS if name == "re.search" else 1):
        raise Unknown("what the regular expression finds is not told")
    for place in places:
        start = max(text.rfind("\n", 0, place) + 1, place - _WINDOW)
        found = compiled.search(text, start, min(len(text), place + _WINDOW))
        if found is not None:
            whole = Matched(found, files_of(text))
            return whole if name == "re.search" else [whole.group(min(1, compiled.groups))]
    return None if name == "re.search" else []


def _word_of(pattern: str) -> str:
    """Return a word that every match has in it. Raises Unknown for patterns that may take long, too."""
    plain = re.sub(r"\[\^?\]?(?:\\.|[^\]\\])*\]", ".", pattern)
    plain = re.sub(r"\\.", ".", re.sub(r"\(\?P<\w+>", "(", plain))
    if len(pattern) > _LONGEST_PATTERN or re.search(r"\||\)[*+?{]|\(\?|\{", plain):
        raise Unknown("what the regular expression finds is not told")
    if len(re.findall(r"[*+]", plain)) > _MOST_QUANTIFIERS:
        raise Unknown("what the regular expression finds is not told")
    words = re.findall(r"[A-Za-z_]{4,}(?![A-Za-z_*?+])", plain)
    if not words:
        raise Unknown("what the regular expression finds is not told")
    return str(max(words, key=len))
