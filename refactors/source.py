"""Where a recipe reads from: a folder, or a commit in a bare repository (`commit_tree.py`)."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

from overhaul.refactors.folder import read_below, walk_files, walk_links
from overhaul.refactors.git_command import (
    grep_arguments,
    grep_each_arguments,
    is_plain_work_tree,
    null_separated,
    occurrences,
    run_git,
)
from overhaul.refactors.git_listing import GitListing, list_files
from overhaul.refactors.links import Link, folder_links, is_module_name
from overhaul.refactors.wide_files import HEAD_BYTES, WideFiles, has_word

_PYTHON = (".py", ".pyi")
_MOST_UNTRACKED = 200  # files that are searched here, sooner than have git look for untracked ones once more


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

    @property
    def is_listed_by_git(self) -> bool:
        """Whether the files are those that git lists."""
        return self._listed_by_git is not None

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        return read_below(self.root, path)

    def paths_ending(self, suffixes: Collection[str]) -> Sequence[str]:
        """Return those of `paths` that end so; only these are looked at in the folder."""
        listed = self._listed_by_git
        endings = tuple(suffixes)
        if listed is None or "_paths" in self.__dict__:
            return [path for path in self._paths if path.endswith(endings)]
        return sorted(path for path in listed if path.endswith(endings) and self._is_regular(path))

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        if not words or not suffixes:
            return []
        marks = self._wide.marks(suffixes)
        result = self._grep(words, suffixes, grep_arguments, marks)
        if result is None:
            return self._search(self.paths_ending(suffixes), words)
        found = {path for path in null_separated(result) if self._is_file(path)}
        if marks:
            found.difference_update(self._wide.learn(suffixes, found))
        found |= self._wide.containing(words, suffixes)
        found.update(self._search(self._out_of_sight(suffixes), words))
        return sorted(found)

    def links(self) -> Sequence[Link]:
        """Return the symbolic links that Python would import a module or package through."""
        return self._links

    @cached_property
    def _links(self) -> Sequence[Link]:
        listed = self._listed_by_git
        if listed is None:
            return folder_links(self.root, [*filter(is_module_name, walk_links(self.root))])
        # Python's files are known to be files or not, and few others have no ending.
        names = [path for path in listed if path.endswith(_PYTHON) or path.rfind(".") <= path.rfind("/")]
        others = [path for path in names if not self._is_regular(path)]
        return folder_links(self.root, [*filter(is_module_name, others)])

    def known_blobs(self) -> Mapping[str, str]:
        """Return the blob ids of the files that git finds as it has them in its index.

        An id is what git stores: where it converts line ends, or somebody has changed its index, a file's bytes
        have another. Ask for these before `paths`, and git is asked once for both.
        """
        listing = self._listing
        listed = self._listed_by_git
        if listing is None or listed is None:
            return {}
        return {path: blob for path, blob in listing.blobs.items() if self._is_file(path)}

    def containing_each(
        self, words: Collection[str], suffixes: Collection[str]
    ) -> Mapping[str, Collection[str]] | None:
        """As `containing`, told by word, for words that are ASCII identifiers; None if it takes one search each."""
        marks = self._wide.marks(suffixes)
        result = self._grep(words, suffixes, grep_each_arguments, marks)
        if result is None:
            return None
        found, marked = occurrences(result)
        if marks:
            self._wide.learn(suffixes, filter(self._is_file, marked))
        for word in words:
            found.setdefault(word, set()).update(self._wide.containing([word], suffixes))
        for path in self._out_of_sight(suffixes):
            for word in words:
                if self._search([path], [word]):
                    found.setdefault(word, set()).add(path)
        return {word: [path for path in paths if self._is_file(path)] for word, paths in found.items()}

    def _grep(
        self,
        words: Collection[str],
        suffixes: Collection[str],
        command: Callable[..., list[str]],
        marks: Sequence[bytes],
    ) -> bytes | None:
        if self._listed_by_git is None:
            return None
        arguments = command(suffixes, with_untracked=not self._reads_untracked)
        result = run_git(arguments, self.root, b"\n".join([*(word.encode() for word in words), *marks]))
        # git grep names a file that it cannot read on standard error only, and goes on.
        return None if result.returncode > 1 or result.stderr else result.stdout

    def _search(self, paths: Iterable[str], words: Collection[str]) -> list[str]:
        found = []
        pattern = _whole_words(words)
        plain = [word.encode() for word in words]
        for path in paths:
            try:
                content = self.read(path)
                # Most files have none of the words, and a plain search tells that ten times as fast.
                if (any(word in content for word in plain) and pattern.search(content)) or has_word(
                    content, words
                ):
                    found.append(path)
            except OSError:
                found.append(path)
        return found

    @cached_property
    def _wide(self) -> WideFiles:
        return WideFiles(self._head, self.read)

    def _head(self, path: str) -> bytes:
        # The search has just named it as a regular file, and nothing is done with its bytes but to look for a mark.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        file = os.open(f"{os.fspath(self.root)}/{path}", flags)
        try:
            return os.read(file, HEAD_BYTES)
        finally:
            os.close(file)

    @cached_property
    def _paths(self) -> Sequence[str]:
        listed = self._listed_by_git
        return (
            sorted(walk_files(self.root)) if listed is None else [*filter(self._is_regular, sorted(listed))]
        )

    def _out_of_sight(self, suffixes: Collection[str]) -> list[str]:
        """Files that `git grep` does not read in the folder, or not without walking through all of it again."""
        endings = tuple(suffixes)
        untracked = self._untracked if self._reads_untracked else []
        return [path for path in [*self._hidden_from_git, *untracked] if path.endswith(endings)]

    @cached_property
    def _reads_untracked(self) -> bool:
        return len(self._untracked) <= _MOST_UNTRACKED and is_plain_work_tree(self.root)

    @cached_property
    def _untracked(self) -> Sequence[str]:
        return [
            path for path, tag in (self._listed_by_git or {}).items() if tag == "?" and self._is_regular(path)
        ]

    @cached_property
    def _hidden_from_git(self) -> Sequence[str]:
        """Files whose content in the folder git takes from its index or ignores, as their flags ask it to."""
        listed = self._listed_by_git or {}
        return [
            path
            for path, tag in listed.items()
            if tag not in "H?" and (tag == "S" or tag.islower()) and self._is_regular(path)
        ]

    @cached_property
    def _listed_by_git(self) -> dict[str, str] | None:
        """What git lists, with its tags; None if that is nothing that is there."""
        listing = self._listing if "_listing" in self.__dict__ else list_files(self.root)
        if listing is None or not any(map(self._is_regular, listing.tags)):
            return None
        return listing.tags

    @cached_property
    def _listing(self) -> GitListing | None:
        return list_files(self.root, with_blobs=True)

    def _is_file(self, path: str) -> bool:
        return path in (self._listed_by_git or ()) and self._is_regular(path)

    @cached_property
    def _is_regular(self) -> Callable[[str], bool]:
        return cache(_regular_file_test(self.root))


def _regular_file_test(root: Path) -> Callable[[str], bool]:
    """Return a test for what is a regular file now, with no symbolic link on the way to it."""
    base = os.fspath(root) + "/"
    real = {"": True}

    def is_real(folder: str) -> bool:
        if folder not in real:
            real[folder] = is_real(folder.rpartition("/")[0]) and _is_kind(base + folder, stat.S_ISDIR)
        return real[folder]

    return lambda path: is_real(path.rpartition("/")[0]) and _is_kind(base + path, stat.S_ISREG)


def _is_kind(path: str, is_kind: Callable[[int], bool]) -> bool:
    try:
        return is_kind(os.lstat(path).st_mode)
    except OSError:
        return False


def _whole_words(words: Collection[str]) -> re.Pattern[bytes]:
    either = b"|".join(re.escape(word.encode()) for word in words)
    return re.compile(rb"(?<![A-Za-z0-9_])(?:" + either + rb")(?![A-Za-z0-9_])")
