"""Analyses that are kept: the same recipe over the same folder is not worked out again while nothing matters to it.

What an analysis asked of the tree is kept with it: which words it searched for and where they were, which files it
read, which endings it listed. It still holds when every file that has changed since was neither read nor found, and
has none of the words. Only the files that have changed are read for that.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import re
import sys
import time
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import cache, cached_property
from pathlib import Path

from overhaul.refactors.folder import read_below
from overhaul.refactors.git_command import is_plain_work_tree, run_git
from overhaul.refactors.identity import blob_id
from overhaul.refactors.index import Index
from overhaul.refactors.links import Link
from overhaul.refactors.recipe import Analysis, Edit, Failure, Site
from overhaul.refactors.sealing import seal, unseal
from overhaul.refactors.source import FolderTree, Tree

_KIND = "analyses"
_KEPT = 100
_MOST_CHANGED = 300  # files that git does not vouch for; each is read to tell what it holds
_NO_FILE = re.compile(rb"(?:\A|\0)(H 1[26][^\0]*)")
_SHA256 = re.compile(rb"\AH \d+ [0-9a-f]{64} ")
_LISTED = (
    "ls-files", "-z", "-v", "--cached", "--others", "--exclude-standard", "--stage", "--modified",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Memory:
    """The analyses in the index at `place`. What cannot be remembered is worked out, as if there were no memory.

    One is kept if it took more than `worth` CPU seconds (below half a second, asking git for every blob id costs as
    much as it saves), and no file has changed since `settled` seconds before it (a file system's times may be behind).
    """

    place: Path
    worth: float = 0.5
    settled: float = 2

    def analyse(self, root: Path, request: str, analyse: Callable[[Tree], Analysis]) -> tuple[Analysis, bool]:
        """Return the analysis of a folder, and whether it was remembered. `request` says all that is asked.

        Raises what `analyse` raises.
        """
        key = hashlib.blake2b(f"{root.resolve()}\0{request}".encode("utf-8", "surrogateescape")).hexdigest()
        known = self._recall(root, key)
        if known is not None:
            return known, True
        started, used = time.time_ns(), _processor_seconds()
        tree = _WatchedTree(FolderTree(root))
        analysis = analyse(tree)
        if _processor_seconds() - used > self.worth:
            self._keep(root, key, tree, analysis, started - int(self.settled * 1e9))
        return analysis, False

    def forget(self) -> None:
        """Drop every analysis."""
        with Index(self.place) as index:
            index.store(_KIND, "", {})

    def _recall(self, root: Path, key: str) -> Analysis | None:
        if not self.place.exists():
            return None
        with Index(self.place) as index:
            record = index.load(_KIND, _version(), [key]).get(key)
        kept = _Kept.unpacked(record) if record else None
        snapshot = Snapshot.take(root) if kept is not None else None
        if kept is None or snapshot is None or not kept.holds_for(snapshot):
            return None
        return _unpacked(kept.analysis)

    def _keep(self, root: Path, key: str, tree: _WatchedTree, analysis: Analysis, since: int) -> None:
        snapshot = Snapshot.take(root)
        if snapshot is None or any(
            snapshot.blobs.get(path, "") != blob for path, blob in tree.contents.items()
        ):
            return  # a file has changed meanwhile, or git converts its line ends
        if any(link.leads != "inside" for link in tree.links()):
            return  # what is behind it may change without a sign of it here
        endings = tree.endings()
        if _has_changed(root, [path for path in snapshot.blobs if path.endswith(endings)], since):
            return
        kept = _Kept(
            snapshot.digest,
            endings,
            sorted((sorted(suffixes), sorted(words)) for words, suffixes in tree.searched),
            sorted({*tree.found, *tree.contents}),
            snapshot.stamps(endings),
            _packed(analysis),
        )
        with Index(self.place) as index:
            index.store(_KIND, _version(), {key: kept.packed()}, keep=_KEPT)


@dataclass(frozen=True)
class Snapshot:
    """The files of a folder in a git repository, and what they hold, at one moment.

    `listing` is what `git ls-files` says; `hashed` has the blob ids of the files whose content git does not vouch
    for, `-> TARGET` for a link, and nothing where there is neither.
    """

    root: Path
    listing: bytes
    hashed: Mapping[str, str]

    @classmethod
    def take(cls, root: Path) -> Snapshot | None:
        """Ask git; None where there is no git repository, or where it knows too little of the files."""
        if not is_plain_work_tree(root):
            return None
        try:
            listed = run_git(_LISTED, root)
        except OSError:
            return None
        # Tracked and not changed are those that begin with "H ".
        others = [entry for entry in listed.stdout.split(b"\0") if entry and not entry.startswith(b"H ")]
        if listed.returncode != 0 or len(others) > _MOST_CHANGED or _SHA256.search(listed.stdout):
            return None
        paths = {os.fsdecode(each[2:] if each[:1] == b"?" else each.partition(b"\t")[2]) for each in others}
        return cls(root, listed.stdout, {path: _hashed(root, path) for path in paths})

    @cached_property
    def digest(self) -> bytes:
        """One hash of all files and what they hold."""
        digest = hashlib.blake2b(self.listing, digest_size=20)
        digest.update(repr(sorted(self.hashed.items())).encode("utf-8", "surrogateescape"))
        return digest.digest()

    @cached_property
    def blobs(self) -> Mapping[str, str]:
        """The blob id of every regular file."""
        found = {}
        for entry in os.fsdecode(self.listing).split("\0"):
            if entry.startswith("H 100"):
                head, _, path = entry.partition("\t")
                found[path] = head.split(" ")[2]
        found.update(self.hashed)
        return {path: blob for path, blob in found.items() if _is_blob(blob)}

    @cached_property
    def others(self) -> Sequence[str]:
        """What is listed and is no regular file, as git has it: links, submodules."""
        listed = map(os.fsdecode, _NO_FILE.findall(self.listing))
        return sorted(
            [*listed, *(f"{path} {held}" for path, held in self.hashed.items() if not _is_blob(held))]
        )

    def stamps(self, endings: tuple[str, ...]) -> bytes:
        """Return 20 bytes for the names of the files with these endings and for links, 20 for what each file holds."""
        paths = sorted(path for path in self.blobs if path.endswith(endings))
        names = hashlib.blake2b(os.fsencode("\0".join([*paths, "", *self.others])), digest_size=20).digest()
        return names + b"".join(bytes.fromhex(self.blobs[path]) for path in paths)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An analysis with what it asked of the tree."""

    digest: bytes
    endings: tuple[str, ...]
    searches: Sequence[tuple[Sequence[str], Sequence[str]]]  # endings, words
    met: Sequence[str]  # files that were read or found
    stamps: bytes
    analysis: bytes

    def packed(self) -> bytes:
        return seal((self.digest, self.endings, self.searches, self.met, self.stamps, self.analysis))

    @classmethod
    def unpacked(cls, record: bytes) -> _Kept | None:
        values = unseal(record)
        return None if values is None else cls(*values)

    def holds_for(self, now: Snapshot) -> bool:
        """Whether the analysis would be the same on these files."""
        if self.digest == now.digest:
            return True
        stamps = now.stamps(self.endings)
        if stamps[:20] != self.stamps[:20] or len(stamps) != len(self.stamps):
            return False
        paths = sorted(path for path in now.blobs if path.endswith(self.endings))
        changed = [
            path
            for number, path in enumerate(paths, 1)
            if stamps[20 * number : 20 * number + 20] != self.stamps[20 * number : 20 * number + 20]
        ]
        return set(self.met).isdisjoint(changed) and not any(
            self._matters(now.root, path) for path in changed
        )

    def _matters(self, root: Path, path: str) -> bool:
        try:
            content = read_below(root, path)
        except OSError:
            return True
        return b"\0" in content or any(
            word.encode() in content
            for endings, words in self.searches
            if path.endswith(tuple(endings))
            for word in words
        )


@dataclass
class _WatchedTree:
    """A tree that takes down what it is asked."""

    tree: FolderTree
    searched: set[tuple[frozenset[str], frozenset[str]]] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    contents: dict[str, str] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)

    def endings(self) -> tuple[str, ...]:
        """Return the endings of all files that were asked for."""
        return tuple(sorted(self.listed.union(*(suffixes for _, suffixes in self.searched))))

    def paths(self) -> Sequence[str]:
        self.listed.add("")
        return self.tree.paths()

    def paths_ending(self, suffixes: Collection[str]) -> Sequence[str]:
        self.listed.update(suffixes)
        return self.tree.paths_ending(suffixes)

    def read(self, path: str) -> bytes:
        self.contents[path] = ""
        content = self.tree.read(path)
        self.contents[path] = blob_id(content)
        return content

    def links(self) -> Sequence[Link]:
        return self.tree.links()

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        found = self.tree.containing(words, suffixes)
        self.searched.add((frozenset(words), frozenset(suffixes)))
        self.found.update(found)
        return found

    def containing_each(
        self, words: Collection[str], suffixes: Collection[str]
    ) -> Mapping[str, Collection[str]] | None:
        found = self.tree.containing_each(words, suffixes)
        self.searched.add((frozenset(words), frozenset(suffixes)))
        self.found.update(path for paths in (found or {}).values() for path in paths)
        return found


def _hashed(root: Path, path: str) -> str:
    try:
        return blob_id(read_below(root, path))
    except (OSError, ValueError):
        pass
    try:
        return f"-> {(root / path).readlink()}"
    except OSError:
        return ""


def _is_blob(held: str) -> bool:
    return bool(held) and not held.startswith("-> ")


def _has_changed(root: Path, paths: Sequence[str], since: int) -> bool:
    """Whether one of the files has been written or put in place since a moment, in nanoseconds."""
    for path in paths:
        try:
            status = os.lstat(root / path)
        except OSError:
            continue
        if max(status.st_mtime_ns, status.st_ctime_ns) >= since:
            return True
    return False


def _processor_seconds() -> float:
    return sum(os.times()[:4])


def _packed(analysis: Analysis) -> bytes:
    edits = [astuple(edit) for edit in analysis.edits]
    return zlib.compress(
        marshal.dumps(
            (
                (analysis.recipe, dict(analysis.parameters), analysis.files_scanned),
                [astuple(site) for site in analysis.sites],
                edits,
                [astuple(failure) for failure in analysis.failures],
                dict(analysis.renamed),
            )
        ),
        1,
    )


def _unpacked(content: bytes) -> Analysis:
    # What `unseal` has found to be as this code wrote it.
    (recipe, parameters, scanned), sites, edits, failures, renamed = marshal.loads(zlib.decompress(content))  # noqa: S302
    return Analysis(
        recipe,
        parameters,
        scanned,
        [Site(*each) for each in sites],
        [Edit(*each) for each in edits],
        [Failure(*each) for each in failures],
        renamed,
    )


@cache
def _version() -> str:
    """Return what tells this code, and the Python that runs it, from any other."""
    digest = hashlib.blake2b(repr((sys.version_info, marshal.version)).encode(), digest_size=12)
    waiting = [os.fspath(Path(__file__).parent)]
    while waiting:
        for entry in sorted(os.scandir(waiting.pop()), key=lambda entry: entry.name):
            if entry.is_dir():
                waiting.append(entry.path)
            elif entry.name.endswith((".py", ".yaml")):  # composites are
                status = entry.stat()
                digest.update(f"{entry.path} {status.st_mtime_ns} {status.st_size}".encode())
    return digest.hexdigest()
