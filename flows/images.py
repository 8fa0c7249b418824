"""Images that a person shows to a model: checked, kept by content, and sent as data URLs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from overhaul.flows.errors import ImageError
from overhaul.flows.settings import Settings
from overhaul.refactors.agent.pictures import picture_kind

MOST_BYTES = 10_000_000


def keep_images(paths: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Copy images to where a run finds them whenever it goes on; return their paths there. Raises ImageError."""
    return tuple(keep_image(_read(path), path, settings) for path in paths)


def keep_image(content: bytes, called: str, settings: Settings) -> str:
    """Keep one image, which people know by a name; return its path. Raises ImageError."""
    kind = picture_kind(content)
    if not kind:
        raise ImageError(f"{called} is no image that models take. They take PNG, JPEG, GIF and WebP.")
    if len(content) > MOST_BYTES:
        raise ImageError(f"the image {called} has {len(content):,} bytes; {MOST_BYTES:,} is the most.")
    at = settings.images / f"{hashlib.sha256(content).hexdigest()}.{kind}"
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_bytes(content)
    return str(at)


def data_urls(paths: Sequence[str]) -> tuple[str, ...]:
    """Images as models take them. Raises ImageError."""
    contents = read_images(paths)
    return tuple(
        f"data:image/{picture_kind(each)};base64,{base64.b64encode(each).decode()}" for each in contents
    )


def read_images(paths: Sequence[str]) -> list[bytes]:
    """The contents of images. Raises ImageError."""
    return [_read(path) for path in paths]


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no path"
        raise ImageError(f"the image {path} cannot be read: {why}.") from error
