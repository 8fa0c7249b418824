"""A Python file as bytes, text and syntax tree, and the way between their positions.

Edits are spliced into the bytes, so that every byte outside an edit stays as it is: BOM, encoding, line ends.
"""

from __future__ import annotations

import ast
import gc
import io
import re
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from overhaul.refactors.recipe import Failure
from overhaul.refactors.wide_files import narrowed, wide_encoding

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The lines that Python counts; str.splitlines() would count form feeds and Unicode separators as well.
LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_END_IN_TEXT = re.compile(r"\r\n|\r|\n")
ENCODING_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=]", re.MULTILINE)

Located = ast.expr | ast.stmt | ast.alias | ast.arg | ast.keyword | ast.pattern | ast.excepthandler
Splice = tuple[int, int, str]


@dataclass(slots=True)
class SourceText:
    """One decoded and parsed file. Offsets are in bytes of the file; ast columns are in bytes of UTF-8."""

    path: str
    content: bytes
    encoding: str
    text: str
    tree: ast.Module
    _line_starts: list[int] = field(default_factory=list)
    _is_ascii: bool | None = None

    @property
    def is_ascii(self) -> bool:
        """Whether a byte is a character; asking costs nothing compared to lines of megabytes."""
        if self._is_ascii is None:
            self._is_ascii = self.content.isascii() and self.encoding in (
                "utf-8",
                "ascii",
                "latin-1",
                "iso-8859-1",
            )
        return self._is_ascii

    @property
    def line_starts(self) -> list[int]:
        """Byte offset of each line's first byte; the first line begins after a BOM."""
        if not self._line_starts:
            first = len(BYTE_ORDER_MARK) if self.content.startswith(BYTE_ORDER_MARK) else 0
            self._line_starts = [first, *(match.end() for match in LINE_END.finditer(self.content))]
        return self._line_starts

    def offset(self, line: int, column: int) -> int:
        """Return the byte offset of an ast position (line from 1, column in bytes of UTF-8)."""
        start = self.line_starts[line - 1]
        if self.encoding == "utf-8":
            return start + column
        return start + len(self._prefix(line, column).encode(self.encoding))

    def start(self, node: Located) -> int:
        """Return the byte offset at which a node begins."""
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: Located) -> int:
        """Return the byte offset at which a node ends."""
        return self.offset(node.end_lineno or 1, node.end_col_offset or 0)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of a byte offset as an editor shows them: from 1, in characters."""
        starts = self.line_starts
        low, high = 0, len(starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if starts[middle] <= offset else (low, middle)
        if self.is_ascii:
            return low + 1, offset - starts[low] + 1
        return low + 1, len(self.content[starts[low] : offset].decode(self.encoding, "replace")) + 1

    def offset_of_character(self, line: int, column: int) -> int | None:
        """Return the byte offset of an editor's position (both from 1), or None outside the file."""
        if not 1 <= line <= len(self.line_starts) or column < 1:
            return None
        characters = self._line_bytes(line).decode(self.encoding)
        if column > len(characters) + 1:
            return None
        return self.line_starts[line - 1] + len(characters[: column - 1].encode(self.encoding))

    def slice(self, start: int, end: int) -> str:
        """Return the text between two byte offsets."""
        return self.content[start:end].decode(self.encoding, "replace")

    def splice(self, replacements: Iterable[Splice]) -> bytes:
        """Return the file with each (start, end, replacement) put in. Overlapping ones raise ValueError."""
        return splice(self.content, replacements, self.encoding)

    def _line_bytes(self, line: int) -> bytes:
        starts = self.line_starts
        end = starts[line] if line < len(starts) else len(self.content)
        return self.content[starts[line - 1] : end].rstrip(b"\r\n")

    def _prefix(self, line: int, column: int) -> str:
        return self._line_bytes(line).decode(self.encoding).encode()[:column].decode()


def splice(content: bytes, replacements: Iterable[Splice], encoding: str) -> bytes:
    """Return the content with each (start, end, replacement) put in, in order of their offsets."""
    pieces: list[bytes] = []
    position = 0
    for start, end, replacement in sorted(set(replacements)):
        if start < position:
            raise ValueError(f"edits overlap at byte {start}")
        pieces += (content[position:start], replacement.encode(encoding))
        position = end
    pieces.append(content[position:])
    return b"".join(pieces)


def decode(content: bytes) -> tuple[str, str]:
    """Return the text without its BOM, and the encoding, by PEP 263.

    Raises SyntaxError for an unknown encoding and UnicodeDecodeError for bytes that are not in it.
    """
    encoding = "utf-8"
    if ENCODING_COOKIE.search(content[:400].removeprefix(BYTE_ORDER_MARK)):
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    return content.removeprefix(BYTE_ORDER_MARK).decode(encoding), encoding


def lines_with(content: bytes, words: Iterable[str], after: str = "") -> Iterator[tuple[int, int]]:
    """Yield where a line of a file that need not be Python first has one of the words, as an editor shows it.

    `after` is a pattern for what has to follow.
    """
    text = narrowed(content.removeprefix(BYTE_ORDER_MARK)).decode("utf-8", "replace")
    number, start, seen, last = 1, 0, 0, 0
    for place in sorted(place for word in words for place in _places(text, word, after)):
        for end in _LINE_END_IN_TEXT.finditer(text, seen, place):
            number, start = number + 1, end.end()
        if number != last:
            yield number, place - start + 1
        seen, last = place, number


def _places(text: str, word: str, after: str) -> Iterator[int]:
    """Yield where a whole word stands: a plain search, since a pattern for it takes ten times as long."""
    boundary = r"(?<!\w)" if word[:1].isidentifier() else ""
    pattern = re.compile(rf"{boundary}{re.escape(word)}(?!\w){after}")
    place = text.find(word)
    while place >= 0:
        if pattern.match(text, place):
            yield place
        place = text.find(word, place + len(word))


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector: scanning the growing tree is a third of the time of parsing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def parse_source(path: str, content: bytes) -> SourceText | Failure:
    """Decode and parse one file; what cannot be read as Python is a Failure."""
    wide = wide_encoding(content)
    if wide is not None:
        return Failure(path, f"is in {wide.upper()}, which Python does not read; convert it to UTF-8")
    try:
        text, encoding = decode(content)
        with collector_paused(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the file's invalid escapes are not our user's concern
            tree = ast.parse(text)
    except SyntaxError as error:
        place = f"line {error.lineno}: " if error.lineno else ""
        return Failure(path, f"does not parse: {place}{error.msg}")
    except (UnicodeDecodeError, LookupError) as error:
        return Failure(path, f"cannot be decoded: {error}")
    except (RecursionError, MemoryError):
        return Failure(path, "does not parse: nested too deeply, or too large, for Python's parser")
    except ValueError as error:
        return Failure(path, f"does not parse: {error}")
    return SourceText(path, content, encoding, text, tree)
