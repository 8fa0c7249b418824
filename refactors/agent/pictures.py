"""Pictures that a model looks at: files of the repository, and its pages as a browser in the sandbox shows them.

They are data of somebody's: nothing here decodes them, and each conversation takes a bounded number of bounded ones.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from overhaul.refactors.agent.conversation import Item, ToolResult

MOST_PICTURES = 12
LARGEST_PICTURE = 2_000_000
_BEGINNINGS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"))


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it looks now: what a browser says of it, in words, and the PNG."""

    address: str
    said: str
    picture: bytes


Pages = Callable[[], Sequence[Page]]


def picture_kind(content: bytes) -> str:
    """`png`, `jpeg`, `gif` or `webp`; "" for what no model takes."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for start, kind in _BEGINNINGS if content.startswith(start)), "")


def data_url(content: bytes) -> str:
    """A picture as both wires take it. Raises ValueError where it is none, or too large."""
    kind = picture_kind(content)
    if not kind:
        raise ValueError("it is no PNG, JPEG, GIF or WebP")
    if len(content) > LARGEST_PICTURE:
        raise ValueError(f"it has {len(content):,} bytes; {LARGEST_PICTURE:,} are the most")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def pictures_left(items: Sequence[Item]) -> int:
    """How many more a conversation takes."""
    return MOST_PICTURES - sum(len(each.images) for each in items if isinstance(each, ToolResult))


def without_pictures(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """A conversation for a model that takes no pictures of tools; the same one if there are none in it."""
    return tuple(
        replace(each, output=f"{each.output}\n[the model takes no pictures]", images=())
        if isinstance(each, ToolResult) and each.images
        else each
        for each in items
    )
