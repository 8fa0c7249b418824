"""Provider `landlock`: Landlock and seccomp, from Linux itself and with nothing to install (`inside/kernel_fence.py`).

Weaker than `bubblewrap`: what a command must not see is refused and not absent, and commands see the names of other
processes. `guarantees.py` has the whole comparison.
"""

from __future__ import annotations

from dataclasses import replace

from overhaul.sandbox.fence import SYSTEM_FOLDERS, Fence
from overhaul.sandbox.host import Enclosure, HostProvider
from overhaul.sandbox.inside.kernel_fence import what_is_missing
from overhaul.sandbox.supervised import SupervisedCommand

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
    """Has the supervisor fence in each command's process before it starts."""

    name = "landlock"
    isolates = True

    def missing(self) -> str | None:
        return super().missing() or what_is_missing()

    def enclosure(self, fence: Fence, _workspace: str) -> Enclosure:
        readable = (*SYSTEM_FOLDERS, *fence.system_files(), *_READABLE, *map(str, fence.readable))
        kernel = {
            "is_namespaced": False,
            "readable": list(readable),
            "writable": [*_WRITABLE, *map(str, fence.writable)],
            "network": fence.network,
        }

        def confine(command: SupervisedCommand) -> SupervisedCommand:
            return replace(command, kernel={**kernel, "is_proxied": command.proxy is not None})

        return Enclosure(confine)
