"""The files of a commit, read from a bare repository: an analysis needs no checkout."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import NamedTuple, Self

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.git_command import (
    git_command,
    git_environment,
    grep_arguments,
    grep_each_arguments,
    null_separated,
    occurrences,
    run_git,
)
from overhaul.refactors.links import Link, commit_links, is_module_name
from overhaul.refactors.wide_files import WideFiles

_LARGE_FILE_HEADER = b"version https://git-lfs.github.com/spec/v1\n"
_LARGE_FILE_POINTER_LIMIT = 1024  # bytes; https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md


class _Entry(NamedTuple):
    mode: str
    blob: str


class CommitTree:
    """A `Tree` over one commit; close it, or use it as a context manager, to end its git process.

    `commit` is any name that git knows; `commit_id` is what it means. Not for several threads at once.
    Raises RefactorError if git knows no such commit.
    """

    def __init__(self, git_dir: Path, commit: str) -> None:
        self.git_dir = git_dir
        self._reader: subprocess.Popen[bytes] | None = None
        found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
        if found.returncode != 0:
            raise RefactorError(f"{git_dir} has no commit '{commit}'. Fetch it first, or name another.")
        self.commit_id = found.stdout.decode().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the git process; a later read starts a new one."""
        if self._reader is not None:
            # Leaving the block closes both pipes, which ends git, and waits for it.
            with self._reader:
                self._reader = None

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        return self._read_blob(self.blob_id(path), path)

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        if not words or not suffixes:
            return []
        marks = self._wide.marks(suffixes)
        result = self._git(*grep_arguments(suffixes, self.commit_id), given=_lines(words, marks))
        if result.returncode > 1 or result.stderr:
            # Too many is allowed, too few is not: a blob that cannot be read is for the caller to report.
            return [path for path in self._paths if path.endswith(tuple(suffixes))]
        prefix = f"{self.commit_id}:"
        found = {name.removeprefix(prefix) for name in null_separated(result.stdout)}.intersection(
            self._paths
        )
        if marks:
            found.difference_update(self._wide.learn(suffixes, found))
        return sorted(found | self._wide.containing(words, suffixes))

    def containing_each(
        self, words: Collection[str], suffixes: Collection[str]
    ) -> Mapping[str, Collection[str]] | None:
        """As `containing`, told by word, for words that are ASCII identifiers; None if it takes one search each."""
        marks = self._wide.marks(suffixes)
        result = self._git(*grep_each_arguments(suffixes, self.commit_id), given=_lines(words, marks))
        if result.returncode > 1 or result.stderr:
            return None
        known = frozenset(self._paths)
        found, marked = occurrences(result.stdout, f"{self.commit_id}:")
        if marks:
            self._wide.learn(suffixes, marked & known)
        return {
            word: (found.get(word, set()) & known) | self._wide.containing([word], suffixes) for word in words
        }

    def blob_id(self, path: str) -> str:
        """Return the id of a file's blob. Raises FileNotFoundError."""
        entry = self._entries.get(path)
        if entry is None or not entry.mode.startswith("100"):
            raise FileNotFoundError(f"{path} is no file of commit {self.commit_id}")
        return entry.blob

    def known_blobs(self) -> Mapping[str, str]:
        """Return the blob id of every file."""
        return {path: self._entries[path].blob for path in self._paths}

    @property
    def submodules(self) -> Sequence[str]:
        """Paths where another repository belongs; its files are not in this tree."""
        return self._of_mode("160000")

    @property
    def symbolic_links(self) -> Sequence[str]:
        """Paths of symbolic links, which are neither read nor followed."""
        return self._of_mode("120000")

    def links(self) -> Sequence[Link]:
        """Return the symbolic links that Python would import a module or package through."""
        wanted = [path for path in self.symbolic_links if is_module_name(path)]
        if not wanted:
            return ()
        targets = {
            path: os.fsdecode(self._read_blob(self._entries[path].blob, path)) for path in self.symbolic_links
        }
        known = {path for path in self._entries if path not in targets}
        known |= {parent.as_posix() for path in known for parent in PurePosixPath(path).parents}
        return [link for link in commit_links(targets, known.__contains__) if is_module_name(link.path)]

    @cached_property
    def large_file_pointers(self) -> Sequence[str]:
        """Files that only point to their content in Git LFS."""
        header = _LARGE_FILE_HEADER.decode().strip()
        return [path for path in self.containing([header], [""]) if self._is_pointer(path)]

    def _is_pointer(self, path: str) -> bool:
        content = self.read(path)
        return content.startswith(_LARGE_FILE_HEADER) and len(content) < _LARGE_FILE_POINTER_LIMIT

    def _of_mode(self, mode: str) -> list[str]:
        return sorted(path for path, entry in self._entries.items() if entry.mode == mode)

    @cached_property
    def _wide(self) -> WideFiles:
        return WideFiles(self.read, self.read)

    @cached_property
    def _paths(self) -> Sequence[str]:
        return sorted(path for path, entry in self._entries.items() if entry.mode.startswith("100"))

    @cached_property
    def _entries(self) -> dict[str, _Entry]:
        listed = self._git("ls-tree", "-r", "-z", self.commit_id)
        if listed.returncode != 0:
            raise RefactorError(
                f"{self.git_dir} cannot be read: {listed.stderr.decode(errors='replace').strip()}"
            )
        entries = {}
        for line in null_separated(listed.stdout):
            head, _, path = line.partition("\t")
            mode, _kind, blob = head.split()
            entries[path] = _Entry(mode, blob)
        return entries

    def _read_blob(self, blob: str, path: str) -> bytes:
        if self._reader is None:
            self._reader = subprocess.Popen(
                git_command("--git-dir", str(self.git_dir), "cat-file", "--batch"),
                env=git_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        given, output = self._reader.stdin, self._reader.stdout
        if given is None or output is None:
            raise OSError(f"git gave no pipe to read {path} through")
        given.write(f"{blob}\n".encode())
        given.flush()
        header = output.readline().split()
        if len(header) != 3:
            raise OSError(f"{path}: git has no blob {blob}")
        return output.read(int(header[2]) + 1)[:-1]

    def _git(self, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        return run_git(["--git-dir", str(self.git_dir.absolute()), *arguments], self.git_dir, given)


def _lines(words: Collection[str], marks: Sequence[bytes]) -> bytes:
    return b"\n".join([*(word.encode() for word in words), *marks])
