"""A text file as lines that can be replaced while every other byte stays: encoding, byte order mark, line ends."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass

from overhaul.refactors.errors import PatchError
from overhaul.refactors.text import BYTE_ORDER_MARK, ENCODING_COOKIE
from overhaul.refactors.wide_files import wide_encoding

LARGEST_FILE = 32_000_000  # bytes

_LINE_END = re.compile(r"(\r\n|\r|\n)")
_PRINTABLE = bytes(range(32, 127))
_HEAD = 4_000
_WIDE_CODECS = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@dataclass(frozen=True, slots=True)
class Replacement:
    """Lines `start` up to `end` (from 0, `end` not among them), and what comes in their place."""

    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileLines:
    """A decoded file. `texts` are its lines without their ends; only LF, CRLF and CR end one, as in Python."""

    path: str
    mark: bytes
    codec: str
    errors: str
    texts: list[str]
    ends: list[str]
    lacks_last_end: bool

    def replaced(self, replacements: Iterable[Replacement]) -> bytes:
        """Return the file with lines replaced; `replacements` are in order and do not overlap.

        A new line ends as the one that it replaces or follows; whether the last line has an end stays as it is.
        Raises PatchError if the file's encoding lacks a character.
        """
        lines = [text + end for text, end in zip(self.texts, self.ends, strict=True)]
        pieces: list[str] = []
        position = 0
        for change in replacements:
            pieces += lines[position : change.start]
            pieces += (text + self._end(change, index) for index, text in enumerate(change.lines))
            position = change.end
        pieces += lines[position:]
        text = "".join(pieces)
        if self.lacks_last_end:
            text = re.sub(r"(?:\r\n|\r|\n)\Z", "", text)
        return self.mark + self._encode(text)

    def _end(self, change: Replacement, index: int) -> str:
        if change.start < change.end:
            return self.ends[min(change.start + index, change.end - 1)]
        if change.start:
            return self.ends[change.start - 1]
        return self.ends[0] if self.ends else "\n"

    def _encode(self, text: str) -> bytes:
        try:
            return text.encode(self.codec, self.errors)
        except UnicodeEncodeError as error:
            lacking = text[error.start]
            raise PatchError(
                f"{self.path} is in {self.codec}, which has no {lacking!r} (U+{ord(lacking):04X}). "
                "Use characters of this encoding, or an escape."
            ) from None


def read_lines(path: str, content: bytes) -> FileLines:
    """Decode a file and split it. Raises PatchError if it is binary or too large."""
    if len(content) > LARGEST_FILE:
        raise PatchError(f"{path} is too large for a patch: {len(content)} bytes, of at most {LARGEST_FILE}.")
    mark, codec, errors, text = _decoded(path, content)
    if "\0" in text:
        raise PatchError(f"{path} is binary (it has NUL bytes); a patch cannot change it.")
    texts, ends = _split(text)
    lacks_last_end = bool(texts) and not ends[-1]
    if lacks_last_end:
        ends[-1] = ends[-2] if len(ends) > 1 else "\n"
    return FileLines(path, mark, codec, errors, texts, ends, lacks_last_end)


def _decoded(path: str, content: bytes) -> tuple[bytes, str, str, str]:
    """Return the byte order mark, codec, error handler and text, such that encoding gives the same bytes."""
    if wide_encoding(content):
        mark, codec = next(item for item in _WIDE_CODECS.items() if content.startswith(item[0]))
        try:
            return mark, codec, "strict", content.removeprefix(mark).decode(codec)
        except UnicodeDecodeError:
            raise PatchError(f"{path} is binary, or broken {codec}; a patch cannot change it.") from None
    mark = BYTE_ORDER_MARK if content.startswith(BYTE_ORDER_MARK) else b""
    body = content.removeprefix(mark)
    declared = _declared_codec(body)
    if declared:
        try:
            text = body.decode(declared)
            if text.encode(declared) == body:
                return mark, declared, "strict", text
        except UnicodeError:
            pass  # a wrong declaration
    text = body.decode("utf-8", "surrogateescape")
    broken = len(re.findall("[\udc80-\udcff]", text))
    if broken and broken > len(re.findall("[^\x00-\x7f\udc80-\udcff]", text)):
        return mark, "latin-1", "strict", body.decode("latin-1")
    return mark, "utf-8", "surrogateescape" if broken else "strict", text


def _declared_codec(body: bytes) -> str | None:
    """Return the codec of a PEP 263 declaration, if it can be trusted with any text: one that has ASCII in it."""
    if not ENCODING_COOKIE.search(body[:400]):
        return None
    try:
        codec, _ = tokenize.detect_encoding(io.BytesIO(body[:_HEAD]).readline)
        if "escape" in codec:  # warns of what it finds
            return None
        is_like_ascii = (
            _PRINTABLE.decode(codec).encode(codec) == _PRINTABLE == _PRINTABLE.decode(codec).encode()
        )
    except (SyntaxError, LookupError, ValueError):
        return None
    return codec if is_like_ascii else None


def _split(text: str) -> tuple[list[str], list[str]]:
    """Return the lines and their ends; only the last may lack one."""
    crs, lfs = text.count("\r"), text.count("\n")
    only = "\n" if not crs else "\r" if not lfs else "\r\n" if text.count("\r\n") == crs == lfs else None
    if only:
        texts = text.split(only)
        ends = [only] * (len(texts) - 1)
    else:
        parts = _LINE_END.split(text)
        texts, ends = parts[::2], parts[1::2]
    if texts[-1]:
        ends.append("")
    else:
        texts.pop()
    return texts, ends
