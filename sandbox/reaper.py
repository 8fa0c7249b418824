"""Remove what dead owners left: workspace folders here, containers in the providers that have them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from overhaul.sandbox.owner import is_alive


def remove_folders_of_the_dead(workspaces: Path) -> list[str]:
    """Remove the folders whose names begin with the identity of a process that is gone; returns their names."""
    removed = []
    for folder in workspaces.iterdir():
        if not is_alive(owner_of(folder.name)):
            remove_tree(folder)
            removed.append(folder.name)
    return removed


def owner_of(name: str) -> str:
    """`PID-START` out of `PID-START-RANDOM`."""
    return "-".join(name.split("-")[:2])


def remove_tree(folder: Path) -> None:
    """Remove a folder even where tests took its permissions away; one that is not there is fine."""

    def make_writable(function: Callable[[str], object], path: str, _error: object) -> None:
        for place in (Path(path).parent, Path(path)):
            if place.is_dir() and not place.is_symlink():
                place.chmod(0o700)
        function(path)

    if folder.is_symlink() or not folder.exists():
        return
    try:
        shutil.rmtree(folder, onerror=make_writable)
    except OSError:
        # Files may still appear or vanish while a process of theirs ends; the reaper comes again.
        shutil.rmtree(folder, ignore_errors=True)
