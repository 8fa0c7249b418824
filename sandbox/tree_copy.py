"""Copy a tree into a workspace: no git folder, no links out of it, shared blocks where the file system can."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

# include/uapi/linux/fs.h
FICLONE = 0x40049409
LEFT_OUT = frozenset({".git", ".hg", ".svn", "__pycache__"})


def copy_tree(source: Path, target: Path) -> None:
    """Copy regular files, folders and links that stay inside; hard links would let tests write to the original."""
    target.mkdir(parents=True, exist_ok=True)
    top, own = source.resolve(), target.resolve()
    clones = True
    for place, folders, names in os.walk(source):
        # A home inside the repository would be copied into itself, for ever.
        folders[:] = [
            name for name in folders if name not in LEFT_OUT and Path(place, name).absolute() != own
        ]
        below = target / Path(place).relative_to(source)
        for name in list(folders):
            if Path(place, name).is_symlink():
                folders.remove(name)
                names.append(name)
            else:
                (below / name).mkdir(exist_ok=True)
        for name in names:
            if name not in LEFT_OUT:
                clones = _copy_file(Path(place, name), below / name, top, clones)


def remove_links_out(top: Path) -> None:
    """Remove the links that `copy_tree` leaves out: what reads the tree's files on this machine would follow them."""
    resolved = top.resolve()
    for place, folders, names in os.walk(top):
        for path in (Path(place, name) for name in (*folders, *names)):
            if path.is_symlink() and not leads_inside(path, resolved):
                path.unlink()


def leads_inside(link: Path, top: Path) -> bool:
    """Whether a link of the tree `top` (resolved) stays in it, by its words and by where it ends, in a copy as well."""
    words = link.readlink()
    # An absolute link would lead from the copy into the original.
    if words.is_absolute():
        return False
    # Not Path.resolve, which fails at links in a circle.
    by_words = os.path.normpath(Path(os.path.relpath(os.path.realpath(link.parent), top), words))
    return by_words.split("/")[0] != ".." and Path(os.path.realpath(link)).is_relative_to(top)


def _copy_file(source: Path, target: Path, top: Path, clones: bool) -> bool:
    """Copy one entry; returns whether it is worth asking for clones again."""
    if source.is_symlink():
        if leads_inside(source, top):
            target.symlink_to(source.readlink())
        return clones
    if not source.is_file():
        return clones
    if clones:
        with source.open("rb") as read, target.open("wb") as write:
            try:
                fcntl.ioctl(write, FICLONE, read.fileno())
            except OSError:
                clones = False
        if clones:
            shutil.copystat(source, target)
            return True
    shutil.copy2(source, target)
    return clones
