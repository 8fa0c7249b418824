"""Edits written to a folder: all checked first, then all staged beside their targets, then put in place."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from overhaul.refactors.errors import CannotWrite, StaleEdit
from overhaul.refactors.folder import open_folder, read_at, split_path
from overhaul.refactors.recipe import Edit, content_hash

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def apply_edits(root: Path, edits: Sequence[Edit]) -> None:
    """Write the edits to the files below `root`; each file is old or new at every moment, never half.

    Modes are kept; moves make their folders and remove those that they empty; a new file gets the mode that the
    process gives new files. Raises StaleEdit if a file has changed, or exists that an edit would create or move a
    file to, and CannotWrite, both before anything is changed. Only a failure in the
    short last step, renaming the staged files, can leave a part of the edits made: the message says so.
    """
    _refuse_other_places(edits)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    placement = _Placement(descriptor)
    try:
        statuses = [None if edit.is_new else _checked(descriptor, edit) for edit in edits]
        _check_targets(descriptor, edits)
        for edit, status in zip(edits, statuses, strict=True):
            if not edit.is_removal:
                placement.stage(edit, status)
        placement.replace()
        placement.remove_gone(edits)
    finally:
        placement.clean()
        os.close(descriptor)


@dataclass
class _Placement:
    root: int
    staged: dict[str, str] = field(default_factory=dict)  # target -> name of its temporary file
    made: list[tuple[str, ...]] = field(default_factory=list)
    new: set[str] = field(default_factory=set)  # targets that the edits create

    def stage(self, edit: Edit, status: os.stat_result | None) -> None:
        target = edit.new_path or edit.path
        folders, _ = split_path(target)
        temporary = f".overhaul-{secrets.token_hex(8)}"
        with _reported(target, "nothing was changed"):
            self._make_folders(folders)
            self.staged[target] = temporary
            with _opened(self.root, folders) as folder:
                file = os.open(temporary, _NEW_FILE, 0o666 if status is None else 0o600, dir_fd=folder)
                with os.fdopen(file, "wb") as stream:
                    stream.write(edit.content)
                    if status is None:
                        self.new.add(target)
                        return
                    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                        with contextlib.suppress(PermissionError):
                            os.fchown(file, status.st_uid, status.st_gid)
                    os.fchmod(file, stat.S_IMODE(status.st_mode))

    def replace(self) -> None:
        total = len(self.staged)
        # New files first: if one has come meanwhile, nothing else is changed yet.
        for done, target in enumerate(sorted(self.staged, key=lambda each: each not in self.new)):
            folders, name = split_path(target)
            with (
                _reported(target, f"{done} of {total} files were changed"),
                _opened(self.root, folders) as folder,
            ):
                if target in self.new:
                    _put_new(self.staged[target], name, folder)
                else:
                    os.replace(self.staged[target], name, src_dir_fd=folder, dst_dir_fd=folder)
            del self.staged[target]

    def remove_gone(self, edits: Sequence[Edit]) -> None:
        targets = {edit.new_path or edit.path for edit in edits if not edit.is_removal}
        for path in sorted({edit.path for edit in edits} - targets):
            folders, name = split_path(path)
            with _reported(path, "all other files are written"), _opened(self.root, folders) as folder:
                os.unlink(name, dir_fd=folder)
            self._remove_empty(folders)

    def clean(self) -> None:
        """Remove what is staged but not in place, and the folders made for it."""
        for target, temporary in self.staged.items():
            with contextlib.suppress(OSError), _opened(self.root, split_path(target)[0]) as folder:
                os.unlink(temporary, dir_fd=folder)
        for folders in reversed(self.made):
            self._remove_empty(folders)

    def _make_folders(self, folders: tuple[str, ...]) -> None:
        for length in range(1, len(folders) + 1):
            with _opened(self.root, folders[: length - 1]) as parent, contextlib.suppress(FileExistsError):
                os.mkdir(folders[length - 1], dir_fd=parent)
                self.made.append(folders[:length])

    def _remove_empty(self, folders: tuple[str, ...]) -> None:
        for length in range(len(folders), 0, -1):
            try:
                with _opened(self.root, folders[: length - 1]) as parent:
                    os.rmdir(folders[length - 1], dir_fd=parent)
            except OSError:
                return


def _put_new(temporary: str, name: str, folder: int) -> None:
    """Give a staged file its name. Raises FileExistsError."""
    try:
        # A link, unlike a renaming, never takes the place of a file that has come meanwhile.
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)  # this file system has no links
    else:
        os.unlink(temporary, dir_fd=folder)


def _refuse_other_places(edits: Sequence[Edit]) -> None:
    for edit in edits:
        for path in (edit.path, edit.new_path or edit.path):
            try:
                split_path(path)
            except ValueError as error:
                raise CannotWrite(f"{error}; nothing was changed.") from None


def _checked(root: int, edit: Edit) -> os.stat_result:
    try:
        content, status = read_at(root, edit.path)
    except FileNotFoundError:
        raise StaleEdit(f"{edit.path} is gone; nothing was changed. Run the command again.") from None
    except OSError as error:
        raise _cannot_write(edit.path, error, "nothing was changed") from None
    if content_hash(content) != edit.old_hash:
        raise StaleEdit(
            f"{edit.path} has changed since it was analysed; nothing was changed. Run the command again."
        )
    return status


def _check_targets(root: int, edits: Sequence[Edit]) -> None:
    sources = {edit.path for edit in edits if not edit.is_new}
    targets = [edit.new_path or edit.path for edit in edits]
    if len(set(targets)) < len(targets) or len({edit.path for edit in edits}) < len(edits):
        raise ValueError("two edits of one file")
    for target in sorted(set(targets) - sources):
        folders, name = split_path(target)
        try:
            with _opened(root, folders) as folder:
                os.lstat(name, dir_fd=folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _cannot_write(target, error, "nothing was changed") from None
        raise StaleEdit(f"{target} exists, so no file can be put there; nothing was changed.")


@contextlib.contextmanager
def _opened(root: int, folders: tuple[str, ...]) -> Iterator[int]:
    descriptor = open_folder(root, folders)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _reported(path: str, state: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _cannot_write(path, error, state) from None


def _cannot_write(path: str, error: OSError, state: str) -> CannotWrite:
    reason = error.strerror or str(error)
    return CannotWrite(f"{path} cannot be written: {reason}; {state}. Put that right, then run it again.")
