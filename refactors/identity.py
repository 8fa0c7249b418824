"""What the files of a tree hold, as blob ids: known from git where that is cheap, worked out otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from overhaul.refactors.links import HasLinks, Link
from overhaul.refactors.source import FolderTree, Tree

UNREADABLE = ""


@runtime_checkable
class _KnowsBlobs(Protocol):
    def known_blobs(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Identities:
    """`blobs` gives each file its blob id, UNREADABLE where it cannot be read.

    `place` is empty if the ids are sure to be those of the files' bytes; otherwise what is derived from them holds
    for this folder only, since they are what its git index claims.
    """

    blobs: Mapping[str, str]
    place: str
    links: Sequence[Link] = ()

    @property
    def key(self) -> str:
        """Return one hash of all files and their contents."""
        digest = hashlib.blake2b(self.place.encode("utf-8", "surrogateescape"), digest_size=20)
        for path, blob in sorted(self.blobs.items()):
            digest.update(f"\0{path}\0{blob}".encode("utf-8", "surrogateescape"))
        for link in self.links:
            digest.update(f"\0\0{link.path}\0{link.describes}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def identify(tree: Tree, suffixes: tuple[str, ...], extra: Iterable[str] = ()) -> Identities:
    """Return the blob ids of the files with these suffixes and in `extra`; reads only what git does not know."""
    known = tree.known_blobs() if isinstance(tree, _KnowsBlobs) else {}
    names = frozenset(extra)
    blobs = {}
    for path in tree.paths():
        if path.endswith(suffixes) or path in names:
            blob = known.get(path)
            blobs[path] = _hashed(tree, path) if blob is None else blob
    is_claimed = isinstance(tree, FolderTree) and bool(known)
    place = str(tree.root.absolute()) if is_claimed and isinstance(tree, FolderTree) else ""
    return Identities(blobs, place, tree.links() if isinstance(tree, HasLinks) else ())


def blob_id(content: bytes, like: str = "") -> str:
    """Return git's id of a file with this content; SHA-256 if `like` is an id of that kind."""
    header = b"blob %d\0" % len(content)
    if len(like) == 64:
        return hashlib.sha256(header + content).hexdigest()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _hashed(tree: Tree, path: str) -> str:
    try:
        return blob_id(tree.read(path))
    except OSError:
        return UNREADABLE
