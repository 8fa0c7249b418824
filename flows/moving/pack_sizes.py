"""How much a git pack of somebody's holds, before git unpacks any of it: a few kilobytes can inflate to gigabytes.

The format: git's documentation, gitformat-pack and gitformat-bundle.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from overhaul.flows.errors import HandoffError

LARGEST_FILE = 256 << 20
MOST_OBJECTS = 200_000
MOST_BYTES = 1 << 30
_CHUNK = 1 << 16
_DELTAS = (6, 7)
_TOO_MUCH = "the file holds more than a run that moves does, once it is unpacked."
_HEAD = re.compile(
    rb"# v2 git bundle\n((?:-[0-9a-f]{40}[^\n]{0,2000}\n){0,64})([0-9a-f]{40}) ([\x21-\x7e]{1,200})\n\n"
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A git bundle of one reference: what must be there already, the commit, the reference's name, and the pack."""

    needed: tuple[str, ...]
    commit: str
    reference: str
    pack: bytes


def read_bundle(content: bytes) -> Bundle:
    """Take a bundle apart, and measure it. Raises HandoffError."""
    head = _HEAD.match(content)
    if head is None:
        raise HandoffError(
            "the file is no run of overhaul: make one with overhaul checkout RUN --bundle FILE."
        )
    pack = content[head.end() :]
    measure(pack)
    needed = tuple(line[1:41].decode() for line in head[1].splitlines())
    return Bundle(needed, head[2].decode(), head[3].decode(), pack)


def measure(pack: bytes, most: int = MOST_BYTES) -> None:
    """Raises HandoffError if a pack holds more bytes than `most` once it is unpacked, or is none."""
    if len(pack) < 32 or pack[:4] != b"PACK":
        raise HandoffError("the file is cut off, or holds no git objects. Copy it once more.")
    count = int.from_bytes(pack[8:12], "big")
    if count > MOST_OBJECTS:
        raise HandoffError(f"the file holds {count:,} git objects; {MOST_OBJECTS:,} are the most.")
    place, left = 12, most
    try:
        for _ in range(count):
            place, size = _object(pack, place, left)
            left -= size
    except (zlib.error, IndexError) as error:
        raise HandoffError("the file is cut off or damaged. Copy it once more.") from error


def _object(pack: bytes, place: int, left: int) -> tuple[int, int]:
    """The end of the object that begins at a place, and its size once it is unpacked."""
    first, size, place = pack[place], pack[place] & 15, place + 1
    kind, more, shift = first >> 4 & 7, first & 128, 4
    while more:
        byte, place = pack[place], place + 1
        size |= (byte & 127) << shift
        more, shift = byte & 128, shift + 7
    if kind == 6:
        while pack[place] & 128:
            place += 1
        place += 1
    elif kind == 7:
        place += 20
    if size > left:
        raise HandoffError(_TOO_MUCH)
    place, inflated, beginning = _inflate(pack, place, size + 1)
    if inflated != size:
        raise IndexError("it says another size")
    if kind in _DELTAS:
        _, after = _number(beginning, 0)
        whole, _ = _number(beginning, after)
        size += whole
        if size > left:
            raise HandoffError(_TOO_MUCH)
    return place, size


def _inflate(pack: bytes, place: int, most: int) -> tuple[int, int, bytes]:
    """Where compressed data ends, how much it is, `most` at most, and its first bytes."""
    stream, size, beginning, waiting = zlib.decompressobj(), 0, b"", b""
    while not stream.eof and size < most:
        if not waiting:
            waiting, place = pack[place : place + _CHUNK], place + _CHUNK
            if not waiting:
                raise IndexError
            place = min(place, len(pack))
        piece = stream.decompress(waiting, _CHUNK)
        waiting = stream.unconsumed_tail
        size += len(piece)
        beginning = beginning or piece[:32]
    return place - len(stream.unused_data), size, beginning


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A number of a delta's header, and where it ends."""
    value = shift = 0
    while True:
        byte, place = data[place], place + 1
        value |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            return value, place
