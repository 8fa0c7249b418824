"""Provider `bubblewrap`: commands in namespaces of their own, with a root that holds only what they may see.

Needs Debian's `bubblewrap` and user namespaces. Inside is no network but loopback, no capability, and no process but
the command's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from overhaul.sandbox.fence import SYSTEM_FOLDERS, Fence
from overhaul.sandbox.host import HostProvider
from overhaul.sandbox.supervised import INSIDE, SupervisedCommand

# Files in memory, with their most bytes. The root and /dev are in memory too, without a limit: they are read-only.
_IN_MEMORY = {"/tmp": 1 << 30, "/var/tmp": 1 << 28, "/dev/shm": 1 << 28}  # noqa: S108
_ISOLATED = (
    "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
    "--uid", "1000", "--gid", "1000", "--hostname", "overhaul", "--cap-drop", "ALL",
)  # fmt: skip


class BubblewrapProvider(HostProvider):
    """Puts `bwrap` in front of each command."""

    name = "bubblewrap"
    isolates = True

    def missing(self) -> str | None:
        reason = super().missing()
        if reason:
            return reason
        program = shutil.which("bwrap")
        if program is None:
            return "bubblewrap is not installed. On Debian and Ubuntu: apt-get install bubblewrap"
        fence = Fence(())
        tried = subprocess.run(
            [program, *_arguments(fence), "true"], capture_output=True, text=True, check=False, env={}
        )
        if tried.returncode == 0:
            return None
        return (
            f"bubblewrap cannot make its namespaces ({tried.stderr.strip()}). It needs version 0.8 or later, and user"
            " namespaces: sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces, and AppArmor's rules"
        )

    def confine(self, command: SupervisedCommand, fence: Fence, /) -> SupervisedCommand:
        program = shutil.which("bwrap") or "/usr/bin/bwrap"
        words = [program, *_arguments(fence), "--chdir", str(command.folder)]
        # A shell's words for a program that is not there: 127, and its name.
        arguments = [*words, "sh", "-c", 'exec "$@"', "sh", *command.arguments]
        return replace(command, arguments=arguments, kernel={"before": "bubblewrap"}, reports_signals=True)


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
