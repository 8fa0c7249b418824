"""Provider `bubblewrap`: commands in namespaces of their own, with a root that holds only what they may see.

Needs Debian's `bubblewrap` and user namespaces. Inside is no network but loopback, no capability, and no process but
the command's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.fence import SYSTEM_FOLDERS, Fence
from overhaul.sandbox.host import HostProvider
from overhaul.sandbox.host_workspace import Enclosure
from overhaul.sandbox.namespaces import open_namespaces
from overhaul.sandbox.reaper import WORKSPACE_VARIABLE
from overhaul.sandbox.supervised import INSIDE, SupervisedCommand

# Files in memory, with their most bytes. The root and /dev are in memory too, without a limit: they are read-only.
_IN_MEMORY = {"/tmp": 1 << 30, "/var/tmp": 1 << 28, "/dev/shm": 1 << 28}  # noqa: S108
_ISOLATED = (
    "--unshare-all", "--unshare-user", "--disable-userns", "--new-session",
    "--uid", "1000", "--gid", "1000", "--hostname", "overhaul", "--cap-drop", "ALL",
)  # fmt: skip


# The first process of a workspace: orphans that become its children need no burial, and it ends with its input.
_FIRST_PROCESS = ("/usr/bin/env", "--ignore-signal=CHLD", "/bin/cat")


class BubblewrapProvider(HostProvider):
    """Has `bwrap` make the namespaces of each workspace and each setup, which their commands then enter."""

    name = "bubblewrap"
    isolates = True

    def missing(self) -> str | None:
        reason = super().missing()
        if reason:
            return reason
        program = shutil.which("bwrap")
        if program is None:
            return "bubblewrap is not installed. On Debian and Ubuntu: apt-get install bubblewrap"
        try:
            _Holder(Fence(()), "").close()
        except SandboxLost as error:
            return (
                f"{error}. It needs bubblewrap 0.8 or later, GNU env 8.31 or later, and user namespaces: sysctl"
                " kernel.unprivileged_userns_clone, user.max_user_namespaces, and AppArmor's rules"
            )
        return None

    def enclosure(self, fence: Fence, workspace: str) -> Enclosure:
        holder = _Holder(fence, workspace)

        def confine(command: SupervisedCommand) -> SupervisedCommand:
            return replace(
                command,
                kernel={"internet": True, "unix": True},
                namespaces=holder.namespaces,
                others=(holder.first,),
            )

        return Enclosure(confine, holder.close)


class _Holder:
    """Namespaces of a workspace, kept by a process that does nothing; `first` is its id as this machine sees it."""

    def __init__(self, fence: Fence, workspace: str) -> None:
        self._ends = contextlib.ExitStack()
        with contextlib.ExitStack() as undo:
            undo.push(self._ends)
            self.first = self._start(fence, workspace)
            self.namespaces = open_namespaces(self.first, self._ends)
            undo.pop_all()

    def close(self) -> None:
        self._ends.close()

    def _start(self, fence: Fence, workspace: str) -> int:
        read, write = os.pipe()
        program = shutil.which("bwrap") or "/usr/bin/bwrap"
        words = [program, "--info-fd", str(write), *_arguments(fence), "--as-pid-1", *_FIRST_PROCESS]
        ours, theirs = socket.socketpair()
        self._ends.enter_context(ours)
        with os.fdopen(read, encoding="ascii") as info:
            with os.fdopen(write, "wb"), theirs:
                process = subprocess.Popen(
                    words,
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=theirs.fileno(),
                    env={WORKSPACE_VARIABLE: workspace},
                    cwd=os.sep,
                    start_new_session=True,
                    pass_fds=(write,),
                )
            self._ends.callback(process.wait)
            self._ends.callback(process.kill)
            # What it is sent comes back from inside, when everything is in place.
            with contextlib.suppress(BrokenPipeError):
                ours.sendall(b"\n")
            said = ours.recv(4096)
            if said != b"\n":
                raise SandboxLost(
                    f"bubblewrap cannot make its namespaces: {said.decode(errors='replace').strip()}"
                )
            return int(json.load(info)["child-pid"])


def _arguments(fence: Fence, /) -> list[str]:
    words = list(_ISOLATED)
    if fence.network:
        words.append("--share-net")
    for folder in SYSTEM_FOLDERS:
        if Path(folder).is_symlink():
            words += ["--symlink", str(Path(folder).readlink()), folder]
        elif Path(folder).is_dir():
            words += ["--ro-bind", folder, folder]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for folder, size in _IN_MEMORY.items():
        words += ["--size", str(size), "--perms", "1777", "--tmpfs", folder]
    for path in (*fence.system_files(), *map(str, fence.readable)):
        if Path(path).exists():
            words += ["--ro-bind", os.path.realpath(path) if path.startswith("/etc/") else path, path]
    hosts = "/etc/hosts" if fence.network else str(INSIDE / "hosts")
    if Path(hosts).exists():
        words += ["--ro-bind", hosts, "/etc/hosts"]
    for writable in fence.writable:
        words += ["--bind", str(writable), str(writable)]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/"]
