"""Open the namespaces of a process, so that commands can enter them (`inside/namespaces.py`)."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

# linux/nsfs.h
_GET_PARENT = 0xB702


def open_namespaces(process: int, ends: contextlib.ExitStack) -> Sequence[int]:
    """Open those that are not our own, in the order in which they are to be entered; closed with the stack.

    Whoever owns the others comes before them: the namespace for users that is a child of ours. What is nested in it
    comes last, since it has no rights over them.
    """
    own, found = Path("/proc/self/ns"), Path(f"/proc/{process}/ns")

    def keep(descriptor: int) -> int:
        ends.callback(os.close, descriptor)
        return descriptor

    def open_(kind: str) -> int:
        return keep(os.open(found / kind, os.O_RDONLY | os.O_CLOEXEC))

    def is_other(kind: str) -> bool:
        return (own / kind).stat().st_ino != (found / kind).stat().st_ino

    others = [open_(kind) for kind in ("cgroup", "ipc", "uts", "net", "pid", "mnt") if is_other(kind)]
    if not is_other("user"):
        return others
    inner = open_("user")
    outer = keep(fcntl.ioctl(inner, _GET_PARENT))
    if os.fstat(outer).st_ino == (own / "user").stat().st_ino:
        return [inner, *others]
    return [outer, *others, inner]
