"""Trees as tar streams into a container: regular files, folders and inner links only, owned by the sandbox's user."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from overhaul.sandbox.tree_copy import LEFT_OUT, leads_inside

KEPT_IN_MEMORY = 16 << 20


def archive(trees: Mapping[str, Path], owner: int) -> IO[bytes]:
    """A tar with each tree under its name, at its beginning. Links that lead out of their tree are left out."""
    file = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 - the caller reads and closes it
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, tree in trees.items():
            _add_tree(tar, name, tree, owner)
    file.seek(0)
    return file


def _add_tree(tar: tarfile.TarFile, name: str, tree: Path, owner: int) -> None:
    top = tree.resolve()

    def owned(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = owner
        member.uname = member.gname = ""
        return member

    for place, folders, names in os.walk(tree):
        folders[:] = sorted(folder for folder in folders if folder not in LEFT_OUT)
        inside = Path(name) / Path(place).relative_to(tree)
        tar.add(place, str(inside), recursive=False, filter=owned)
        for entry in sorted([*names, *(folder for folder in folders if Path(place, folder).is_symlink())]):
            path = Path(place, entry)
            if entry in LEFT_OUT:
                continue
            if path.is_symlink():
                if not leads_inside(path, top):
                    continue
            elif not path.is_file():
                continue
            # Hard links are sent as files: the other name may be outside.
            tar.inodes.clear()  # type: ignore[attr-defined]
            tar.add(path, str(inside / entry), recursive=False, filter=owned)
