"""The facts of all files of a tree: from the index where it has them, read and collected where not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from overhaul.refactors.facts.collection import collect_facts
from overhaul.refactors.facts.record import FileFacts, decode, encode, facts_version
from overhaul.refactors.identity import UNREADABLE, Identities, blob_id
from overhaul.refactors.index import Index
from overhaul.refactors.sealing import seal, unseal
from overhaul.refactors.source import Tree

Watcher = Callable[[str, int | None, int | None], None]

SUFFIXES = (".py", ".pyi", ".ipynb")
_KIND = "facts"
# Blob ids that git has of a folder's files whose line ends it converts, with the ids of their own bytes.
_CLAIMS = "claims"
_KEPT = 60_000  # records; some 6 KB each
_KEPT_CLAIMS = 200
_STORED_TOGETHER = 200
_UNREADABLE = FileFacts.of_failure("cannot be read")


@dataclass(slots=True)
class TreeFacts:
    """Facts by path, and how many files had to be read for them.

    `is_stable` is False if a file was read that was not what its identity says: it changed in between, or git's
    index has another content. What is derived from the facts must then not be kept under the identities.
    """

    files: dict[str, FileFacts] = field(default_factory=dict)
    read: int = 0
    is_stable: bool = True


def read_facts(
    tree: Tree, identities: Identities, index: Index | None, watcher: Watcher | None = None
) -> TreeFacts:
    """Return the facts of the tree's Python files and notebooks, and keep new ones in the index."""
    return _Reader(tree, identities, index, watcher).read()


class _Reader:
    def __init__(
        self, tree: Tree, identities: Identities, index: Index | None, watcher: Watcher | None
    ) -> None:
        self._tree = tree
        self._identities = identities
        self._index = index
        self._watcher = watcher
        self._found = TreeFacts()
        self._claims: dict[str, str] = {}
        self._new_claims: dict[str, str] = {}
        self._new: dict[str, bytes] = {}

    def read(self) -> TreeFacts:
        self._claims = self._load_claims()
        blobs = {
            path: self._claims.get(_claim(path, blob), blob)
            for path, blob in self._identities.blobs.items()
            if path.endswith(SUFFIXES)
        }
        known = self._load(blobs)
        missing = [path for path in sorted(blobs) if path not in known]
        for number, path in enumerate(missing):
            if self._watcher is not None:
                self._watcher("reading files", number, len(missing))
            known[path] = self._collect(path)
            if len(self._new) >= _STORED_TOGETHER:
                self._store()
        self._store()
        self._store_claims()
        self._found.files = {path: known[path] for path in sorted(known)}
        return self._found

    def _load(self, blobs: Mapping[str, str]) -> dict[str, FileFacts]:
        if self._index is None:
            return {}
        keys = {path: _key(path, blob) for path, blob in blobs.items() if blob != UNREADABLE}
        records = self._index.load(_KIND, facts_version(), keys.values())
        found: dict[str, FileFacts] = {}
        for path, key in keys.items():
            facts = decode(records[key]) if key in records else None
            if facts is not None:
                found[path] = facts
        return found

    def _collect(self, path: str) -> FileFacts:
        """Read a file; its facts are kept under the id of the bytes that were read, whatever git's index claims."""
        claimed = self._identities.blobs[path]
        try:
            content = self._tree.read(path)
        except OSError:
            return _UNREADABLE
        self._found.read += 1
        facts = collect_facts(path, content)
        actual = blob_id(content, like=claimed)
        if actual != claimed and blob_id(content.replace(b"\r\n", b"\n"), like=claimed) == claimed:
            self._new_claims[_claim(path, claimed)] = actual  # git converts its line ends
        elif actual != claimed:
            self._found.is_stable = False
        self._new[_key(path, actual)] = encode(facts)
        return facts

    def _store(self) -> None:
        if self._index is not None and self._new:
            self._index.store(_KIND, facts_version(), self._new, keep=_KEPT)
        self._new = {}

    def _load_claims(self) -> dict[str, str]:
        place = self._identities.place
        if self._index is None or not place:
            return {}
        record = self._index.load(_CLAIMS, facts_version(), [_hash(place)]).get(_hash(place))
        claims: dict[str, str] | None = unseal(record) if record else None
        return claims or {}

    def _store_claims(self) -> None:
        place = self._identities.place
        if self._index is not None and place and self._new_claims:
            record = seal({**self._claims, **self._new_claims})
            self._index.store(_CLAIMS, facts_version(), {_hash(place): record}, keep=_KEPT_CLAIMS)


def _key(path: str, blob: str) -> str:
    """A stub and a module of the same text have the same facts; a notebook has others."""
    return f"{blob}:ipynb" if path.endswith(".ipynb") else blob


def _claim(path: str, blob: str) -> str:
    return f"{blob} {path}"


def _hash(place: str) -> str:
    return hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()
