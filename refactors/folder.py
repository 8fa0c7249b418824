"""Files below a folder, opened step by step from it so that a symbolic link put in the way is refused."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages"})
# What the file systems of macOS leave out of names (Apple TN1150), and Windows's short names of `.git`.
_IGNORED_ON_MACOS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_SHORT_GIT = re.compile("git~[0-9]+")
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_folder(root: int, parts: tuple[str, ...]) -> int:
    """Open the folder at these parts below `root`, a directory descriptor; the caller closes it.

    Raises OSError (ELOOP or ENOTDIR) where a part is a symbolic link.
    """
    current = os.dup(root)
    try:
        for part in parts:
            below = os.open(part, _FOLDER_FLAGS, dir_fd=current)
            os.close(current)
            current = below
    except BaseException:
        os.close(current)
        raise
    return current


def split_path(path: str) -> tuple[tuple[str, ...], str]:
    """Split a relative path into its folders and its name.

    Raises ValueError if it could lead elsewhere, or into a repository's own folder, where files are run.
    """
    *folders, name = path.split("/")
    parts = {*folders, name}
    if not all(parts) or {".", ".."} & parts or "\0" in path or not _is_encodable(path):
        raise ValueError(f"{path!r} is not a path below the folder")
    if any(map(_means_git, parts)):
        raise ValueError(f"{path!r} belongs to git")
    return tuple(folders), name


def _is_encodable(path: str) -> bool:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def _means_git(part: str) -> bool:
    """Whether a name is that of git's own folder, on macOS and Windows too, as git itself judges."""
    plain = _IGNORED_ON_MACOS.sub("", part).split(":")[0].rstrip(" .").casefold()
    return plain == ".git" or _SHORT_GIT.fullmatch(plain) is not None


def read_below(root: Path, path: str) -> bytes:
    """Return the bytes of a regular file below `root`. Raises OSError, also at a symbolic link."""
    return read_open(root, path)[0]


def read_open(root: Path, path: str) -> tuple[bytes, os.stat_result]:
    """Return a regular file's bytes together with its mode and owner."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return read_at(descriptor, path)
    finally:
        os.close(descriptor)


def read_at(root: int, path: str) -> tuple[bytes, os.stat_result]:
    """As `read_open`, below a directory descriptor."""
    folders, name = split_path(path)
    folder = open_folder(root, folders)
    try:
        # O_NONBLOCK: opening a named pipe would wait for its writer.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    finally:
        os.close(folder)
    with os.fdopen(file, "rb", buffering=0) as stream:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is not a regular file")
        return stream.readall(), status


def walk_files(root: Path) -> Iterator[str]:
    """Give the regular files below `root`, unsorted.

    Left out: hidden folders, virtual environments, caches, installed packages and everything behind a link.
    """
    return (path for path, entry in _walk(root) if entry.is_file(follow_symlinks=False))


def walk_links(root: Path) -> Iterator[str]:
    """Give the symbolic links among what `walk_files` comes by."""
    return (path for path, entry in _walk(root) if entry.is_symlink())


def _walk(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        try:
            entries = list(os.scandir(root / prefix))
        except OSError:
            if not prefix:
                raise
            continue
        if prefix and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield prefix + entry.name, entry
            elif not _skipped(entry.name):
                waiting.append(f"{prefix}{entry.name}/")


def _skipped(folder: str) -> bool:
    return folder.startswith(".") or folder in _SKIPPED_FOLDERS
