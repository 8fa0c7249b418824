"""Files in UTF-16 or UTF-32: Python refuses them, and a search for the bytes of a word does not see it in them.

Their byte order mark has a byte that no UTF-8 has. A search that is made anyway looks for that byte as well, which
costs it next to nothing; only files that have it are looked into here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection, Iterable

# A part of each mark, and a whole word to git where it stands in one: what is beside it there is no letter.
MARK = b"\xff"
_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HEAD_BYTES = 4


def wide_encoding(content: bytes) -> str | None:
    """Return the codec of a file that begins with the byte order mark of UTF-16 or UTF-32."""
    if MARK not in content[:HEAD_BYTES]:
        return None
    return next((encoding for mark, encoding in _ENCODINGS if content.startswith(mark)), None)


class WideFiles:
    """Those of one tree, by suffix, as far as they are known.

    `head` gives the first bytes of a file, at least `HEAD_BYTES`; `read` gives all. Both raise OSError.
    """

    def __init__(self, head: Callable[[str], bytes], read: Callable[[str], bytes]) -> None:
        self._head = head
        self._read = read
        self._known: dict[str, list[str]] = {}

    def marks(self, suffixes: Collection[str]) -> list[bytes]:
        """Return what a search has to look for besides its words; the empty suffix is for files of any kind."""
        return [MARK] if any(suffix and suffix not in self._known for suffix in suffixes) else []

    def learn(self, suffixes: Collection[str], marked: Iterable[str]) -> list[str]:
        """Take note of the files that have the mark, or may have, and return those that are wide."""
        wide = []
        for path in marked:
            try:
                if wide_encoding(self._head(path)) is not None:
                    wide.append(path)
            except OSError:
                continue  # found by every search, and reported where it is read
        for suffix in filter(None, suffixes):
            self._known[suffix] = [path for path in wide if path.endswith(suffix)]
        return wide

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> set[str]:
        """Return the known ones that have one of the words."""
        paths = {path for suffix in suffixes for path in self._known.get(suffix, ())}
        return {path for path in paths if self.contains(path, words)}

    def contains(self, path: str, words: Collection[str]) -> bool:
        try:
            return has_word(self._read(path), words)
        except OSError:
            return True


def has_word(content: bytes, words: Collection[str]) -> bool:
    """Tell whether a file in UTF-16 or UTF-32 has one of the words."""
    encoding = wide_encoding(content)
    if encoding is None:
        return False
    either = "|".join(map(re.escape, words))
    return re.search(rf"(?<!\w)(?:{either})(?!\w)", content.decode(encoding, "replace")) is not None


def narrowed(content: bytes) -> bytes:
    """Return the text of a file in UTF-16 or UTF-32 as UTF-8, and every other file's bytes as they are."""
    encoding = wide_encoding(content)
    return content if encoding is None else content.decode(encoding, "replace").encode("utf-8", "replace")
