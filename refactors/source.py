"""Where a recipe reads from: a folder, or a commit in a bare repository (`commit_tree.py`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol


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
