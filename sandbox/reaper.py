"""End and remove what dead owners left: processes and workspace folders here, containers in the docker provider."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from overhaul.sandbox.owner import is_alive

# Set for each command of the process tier and inherited by all that it starts.
WORKSPACE_VARIABLE = "OVERHAUL_WORKSPACE"


def remove_folders_of_the_dead(workspaces: Path) -> list[str]:
    """Remove the folders whose names begin with the identity of a process that is gone; returns their names."""
    removed = []
    for folder in workspaces.iterdir():
        if not is_alive(owner_of(folder.name)):
            end_processes_of(folder.name)
            remove_tree(folder)
            removed.append(folder.name)
    return removed


def end_processes_of(workspace: str) -> int:
    """Kill processes that carry the workspace's name: they remain only where a command killed its supervisor."""
    wanted = f"{WORKSPACE_VARIABLE}={workspace}".encode()
    ended = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)
                ended += 1
        except OSError:
            # Another user's process, or one that is gone by now.
            continue
    return ended


def owner_of(name: str) -> str:
    """`PID-START` out of `PID-START-RANDOM`."""
    return "-".join(name.split("-")[:2])


def remove_tree(folder: Path) -> None:
    """Remove a folder, also where tests took its permissions away or nested it without end; an absent one is fine."""
    if folder.is_symlink() or not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        with contextlib.suppress(OSError, RecursionError):
            _make_writable(folder)
        # It takes any depth. Files may still appear while a process of theirs ends; the reaper comes again.
        with contextlib.suppress(OSError):
            subprocess.run(["rm", "-rf", "--", folder], stderr=subprocess.DEVNULL, check=False)


def _make_writable(folder: Path) -> None:
    folder.chmod(0o700)
    for place, folders, _ in os.walk(folder):
        for below in (Path(place, name) for name in folders):
            if not below.is_symlink():
                below.chmod(0o700)
