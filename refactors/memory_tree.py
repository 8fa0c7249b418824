"""A tree held in memory, as a recipe's cases are: files as a dict of path to text or bytes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from overhaul.refactors.wide_files import has_word


class MemoryTree:
    """A `Tree` over a mapping; text is stored as UTF-8."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words).encode())
        return [
            path
            for path in self.paths()
            if path.endswith(tuple(suffixes))
            and (pattern.search(self.files[path]) or has_word(self.files[path], words))
        ]
