"""Provider `landlock`: Landlock and seccomp, from Linux itself and with nothing to install (`inside/kernel_fence.py`).

Weaker than `bubblewrap`: what a command must not see is refused and not absent, and there are no unix sockets by path.
`guarantees.py` has the whole comparison.
"""

from __future__ import annotations

import os
from dataclasses import replace

from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.fence import SYSTEM_FOLDERS, Fence
from overhaul.sandbox.host import HostProvider
from overhaul.sandbox.host_workspace import Enclosure
from overhaul.sandbox.inside.kernel_fence import files_ruleset, what_is_missing
from overhaul.sandbox.supervised import HeldNamespaces, SupervisedCommand

# Devices that are as good as pure functions, and what tells a program about itself and its machine.
_READABLE = (
    "/dev/urandom",
    "/dev/random",
    "/etc/hosts",
    "/proc",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
)
_WRITABLE = ("/dev/null", "/dev/zero", "/dev/full")


class LandlockProvider(HostProvider):
    """Has the supervisor fence in each command's process before it starts, in namespaces that the kernel may give."""

    name = "landlock"
    isolates = True

    def missing(self) -> str | None:
        return super().missing() or what_is_missing()

    def enclosure(self, fence: Fence, _workspace: str) -> Enclosure:
        held = HeldNamespaces(fence.network)
        has_namespaces = held.first is not None
        readable = (*SYSTEM_FOLDERS, *fence.system_files(), *_READABLE, *map(str, fence.readable))
        shared_memory = ["/dev/shm"] if has_namespaces else []  # noqa: S108 - one of their own
        writable = [*_WRITABLE, *shared_memory, *map(str, fence.writable)]
        try:
            ruleset = files_ruleset(writable, readable, held.first)
        except OSError as error:
            held.close()
            raise SandboxLost(f"the files of the workspace cannot be fenced in: {error}") from error
        kernel = {
            "internet": has_namespaces or fence.network,
            # A path that leads to a socket is no file to Landlock: no socket of the machine's can be asked for.
            "unix": False,
        }
        others = () if held.first is None else (held.first,)

        def confine(command: SupervisedCommand) -> SupervisedCommand:
            if command.proxy is not None and not has_namespaces:
                raise SandboxLost(
                    "this kernel gives no user namespaces, so a command's network is all or nothing: --network full"
                )
            return replace(
                command, kernel=kernel, ruleset=ruleset, namespaces=held.descriptors, others=others
            )

        def close() -> None:
            os.close(ruleset)
            held.close()

        return Enclosure(confine, close)
