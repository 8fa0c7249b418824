"""A metadata file as text, and the places in it where one distribution is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from overhaul.refactors.text import BYTE_ORDER_MARK, LINE_END

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_LEADING_NAME = re.compile(rf"\s*({_NAME})")
_REQUIREMENT = re.compile(
    rf"\s*{_NAME}(?P<extras>\s*\[[^\]]*\])?\s*(?:\((?P<inner>[^()]*)\)|(?P<plain>[^;@()]*?))\s*(?P<marker>;.*)?$",
    re.DOTALL,
)


class Unreadable(Exception):
    """A file is not what its name says; the message says where."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a requirement stands; offsets are in characters of the document's text.

    `start` to `end` is its constraint, `text`, which is empty where none is given. `doubt` says why it is not edited
    whatever it asks for. One that is `aside` binds nothing else: a lock file, another project's, a fixture.
    """

    offset: int
    start: int
    end: int
    text: str
    doubt: str = ""
    is_poetry: bool = False
    is_marked: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A file in UTF-8. `text` has no byte order mark."""

    path: str
    content: bytes
    text: str

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    def byte_offset(self, offset: int) -> int:
        """Return the offset in bytes of the file for one in characters of the text."""
        mark = len(BYTE_ORDER_MARK) if self.content.startswith(BYTE_ORDER_MARK) else 0
        return mark + len(self.text[:offset].encode())

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column, from 1, as editors show them."""
        before = self.text[:offset].encode()
        ends = [match.end() for match in LINE_END.finditer(before)]
        start = ends[-1] if ends else 0
        return len(ends) + 1, len(before[start:].decode()) + 1


@dataclass(frozen=True, slots=True)
class Found:
    """What a file says of a distribution, and which other files it takes requirements from, by path."""

    places: Sequence[Place] = ()
    included: Sequence[str] = field(default=())


def mentions(name: str) -> re.Pattern[str]:
    """Return a pattern for a normalised name in any of its spellings (PEP 503)."""
    words = r"[-_.]+".join(map(re.escape, name.split("-")))
    return re.compile(
        rf"(?<![A-Za-z0-9])(?<![A-Za-z0-9][-_]){words}(?![A-Za-z0-9]|[-_][A-Za-z])", re.IGNORECASE
    )


def read_requirement(text: str, name: str, offset: int) -> Place | None:
    """Return the place of a requirement as PEP 508 writes it, if it is one of the name.

    `offset` is where the text begins in the document.
    """
    leading = _LEADING_NAME.match(text)
    if leading is None or canonicalize_name(leading[1]) != name:
        return None
    site = offset + leading.start(1)
    match = _REQUIREMENT.match(text)
    try:
        requirement = Requirement(text.strip())
    except InvalidRequirement:
        return Place(site, site, site, "", "what is asked for here cannot be read")
    if requirement.url is not None:
        return Place(site, site, site, "", "it is taken from an address, whose version is not told here")
    if match is None:
        return Place(site, site, site, "", "what is asked for here cannot be read")
    group = "inner" if match["inner"] is not None else "plain"
    start, end = match.span(group)
    written = text[start:end]
    if not written.strip():
        if group == "plain":
            start = end = match.end("extras") if match["extras"] else leading.end(1)
        written = ""
    try:
        is_same = SpecifierSet(written) == requirement.specifier
    except InvalidSpecifier:
        is_same = False
    if not is_same:
        return Place(site, site, site, "", "what is asked for here cannot be read")
    return Place(site, offset + start, offset + end, written, is_marked=requirement.marker is not None)


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its offset, without its end."""
    start = 0
    for end in re.finditer(r"\r\n|\r|\n", text):
        yield start, text[start : end.start()]
        start = end.end()
    yield start, text[start:]
