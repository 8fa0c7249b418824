"""Run in the namespaces of a process that holds them, and end all that runs in them (setns(2), kill(2)).

Runs in forks of the supervisor, which itself stays outside: nothing inside can see or signal it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time

_libc = ctypes.CDLL(None, use_errno=True)


def enter(descriptors: list[int]) -> None:
    """Enter the namespaces in this order; of processes only children do. Raises OSError."""
    for descriptor in descriptors:
        if _libc.setns(descriptor, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"setns: {os.strerror(number)}")


def end_all(descriptors: list[int], seconds: float) -> bool:
    """End all processes there but the first; False if some would not end. It keeps their namespaces and reaps them."""
    outside = os.fork()
    if outside == 0:
        status = 1
        try:
            enter(descriptors)
            inside = os.fork()
            if inside == 0:
                os._exit(0 if _end_others(seconds) else 1)
            status = os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1])
        finally:
            os._exit(status)
    return os.waitpid(outside, 0)[1] == 0


def _end_others(seconds: float) -> bool:
    """Signal every process that can be seen: one call does, since none can fork with a signal pending."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return True
        time.sleep(0.001)
    return False
