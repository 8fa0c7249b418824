"""Where a recipe reads from: a folder, or a commit in a bare repository (`commit_tree.py`)."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from overhaul.refactors.folder import read_below, walk_files
from overhaul.refactors.git_command import grep_arguments, null_separated, run_git
from overhaul.refactors.git_listing import GitListing, list_files


class Tree(Protocol):
    """The files of one repository at one moment. Paths are relative, with forward slashes."""

    def paths(self) -> Sequence[str]:
        """Every regular file, sorted. Symbolic links and submodules are not listed."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises FileNotFoundError, or OSError if it cannot be read."""

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        """Return the files with one of these suffixes that contain any of the words as a whole word, sorted.

        It may return too many, never too few. A file that cannot be read is returned too.
        """


class FolderTree:
    """The files of a folder; the list of files is taken once, at first use.

    In a git work tree these are the tracked ones and the untracked ones that are not ignored; elsewhere, or
    where git refuses, or where all of the folder is ignored, every file but those of hidden folders, virtual
    environments and caches. `root` may be a folder inside the work tree; NotADirectoryError if it is none.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise NotADirectoryError(f"{root} is not a folder")
        self.root = root

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        return read_below(self.root, path)

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        if not words or not suffixes:
            return []
        found = self._found_by_git(words, suffixes)
        if found is None:
            return self._search([path for path in self._paths if path.endswith(tuple(suffixes))], words)
        hidden = [path for path in self._hidden_from_git if path.endswith(tuple(suffixes))]
        found.update(self._search(hidden, words))
        return sorted(found.intersection(self._paths))

    def known_blobs(self) -> Mapping[str, str]:
        """Return the blob ids of the files that git finds as it has them in its index.

        An id is what git stores: where it converts line ends, or somebody has changed its index, a file's bytes
        have another. Ask for these before `paths`, and git is asked once for both.
        """
        listing = self._listing
        listed = self._listed_by_git
        if listing is None or listed is None:
            return {}
        return {path: blob for path, blob in listing.blobs.items() if path in listed}

    def _found_by_git(self, words: Collection[str], suffixes: Collection[str]) -> set[str] | None:
        if self._listed_by_git is None:
            return None
        result = run_git(grep_arguments(suffixes), self.root, "\n".join(words).encode())
        # git grep names a file that it cannot read on standard error only, and goes on.
        if result.returncode > 1 or result.stderr:
            return None
        return set(null_separated(result.stdout))

    def _search(self, paths: Iterable[str], words: Collection[str]) -> list[str]:
        found = []
        pattern = _whole_words(words)
        plain = [word.encode() for word in words]
        for path in paths:
            try:
                content = self.read(path)
                # Most files have none of the words, and a plain search tells that ten times as fast.
                if any(word in content for word in plain) and pattern.search(content):
                    found.append(path)
            except OSError:
                found.append(path)
        return found

    @cached_property
    def _paths(self) -> Sequence[str]:
        listed = self._listed_by_git
        return sorted(walk_files(self.root) if listed is None else listed)

    @cached_property
    def _hidden_from_git(self) -> Sequence[str]:
        """Files whose content in the folder git takes from its index or ignores, as their flags ask it to."""
        listed = self._listed_by_git or {}
        return [path for path, tag in listed.items() if tag == "S" or tag.islower()]

    @cached_property
    def _listed_by_git(self) -> dict[str, str] | None:
        listing = self._listing if "_listing" in self.__dict__ else list_files(self.root)
        if listing is None:
            return None
        found = _regular_files(self.root, listing.tags, listing.blobs)
        return {path: listing.tags[path] for path in found} or None

    @cached_property
    def _listing(self) -> GitListing | None:
        return list_files(self.root, with_blobs=True)


def _regular_files(root: Path, paths: Iterable[str], seen: Container[str] = ()) -> Iterator[str]:
    """Give those that are regular files now, with no symbolic link on the way to them.

    `seen` are files at which git has just looked itself.
    """
    base = os.fspath(root) + "/"
    real = {"": True}

    def is_real(folder: str) -> bool:
        if folder not in real:
            real[folder] = is_real(folder.rpartition("/")[0]) and _is_kind(base + folder, stat.S_ISDIR)
        return real[folder]

    for path in paths:
        if is_real(path.rpartition("/")[0]) and (path in seen or _is_kind(base + path, stat.S_ISREG)):
            yield path


def _is_kind(path: str, is_kind: Callable[[int], bool]) -> bool:
    try:
        return is_kind(os.lstat(path).st_mode)
    except OSError:
        return False


def _whole_words(words: Collection[str]) -> re.Pattern[bytes]:
    either = b"|".join(re.escape(word.encode()) for word in words)
    return re.compile(rb"(?<![A-Za-z0-9_])(?:" + either + rb")(?![A-Za-z0-9_])")
