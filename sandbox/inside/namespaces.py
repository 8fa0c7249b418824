"""Make namespaces and hold them, run in those of a process that does, end all that runs in them (namespaces(7)).

Runs in forks of the supervisor, which itself stays outside: nothing inside can see or signal it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
import time

from kernel_fence import drop_capabilities  # type: ignore[import-not-found]

_NEW_USER, _NEW_NETWORK, _NEW_IPC, _NEW_MOUNTS = 0x10000000, 0x40000000, 0x08000000, 0x00020000
_NEW_PROCESSES, _NEW_NAME = 0x20000000, 0x04000000
_NO_SETUID_DEVICES_OR_PROGRAMS = 14
_PRIVATE_RECURSIVE = (1 << 18) | (1 << 14)
_SET_DEATH_SIGNAL = 1

_libc = ctypes.CDLL(None, use_errno=True)


def hold(shares_network: bool) -> int | None:
    """Give this process namespaces of its own; returns the first process in them, which only keeps them.

    None where the kernel gives none. Raises OSError.
    """
    user, group = os.geteuid(), os.getegid()
    wanted = _NEW_IPC | _NEW_MOUNTS | _NEW_PROCESSES | _NEW_NAME | (0 if shares_network else _NEW_NETWORK)
    is_root = user == 0 and _libc.unshare(wanted) == 0
    if not is_root:
        if _libc.unshare(_NEW_USER | wanted) != 0:
            return None
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    _check(_libc.mount(None, b"/", None, _PRIVATE_RECURSIVE, None), "private mounts")
    options = b"size=256m,mode=1777"
    _check(
        _libc.mount(b"tmpfs", b"/dev/shm", b"tmpfs", _NO_SETUID_DEVICES_OR_PROGRAMS, options), "own /dev/shm"
    )
    _check(_libc.sethostname(b"overhaul", 8), "own host name")
    if not shares_network:
        _start_loopback()
    read, write = os.pipe()
    first = os.fork()
    if first == 0:
        try:
            _keep(write)
        finally:
            os._exit(1)  # a forked copy of the supervisor must never run on
    os.close(write)
    is_in_place = os.read(read, 1) == b"."
    os.close(read)
    if not is_in_place:
        raise OSError("the first process in them did not start")
    return first


def _keep(in_place: int) -> None:
    """Be the first process in new namespaces, for as long as its parent lives."""
    _libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    # Where a part of /proc is hidden, as in some containers, there is no mounting it anew: it stays the machine's.
    _libc.mount(b"proc", b"/proc", b"proc", _NO_SETUID_DEVICES_OR_PROGRAMS, None)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans that become its children need no burial
    drop_capabilities()
    os.write(in_place, b".")
    os.closerange(0, 256)
    while True:
        signal.pause()


def _start_loopback() -> None:
    """Set the loopback device up, as `ip link set lo up` does (netdevice(7))."""
    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        answer = fcntl.ioctl(control, get_flags, struct.pack("16sH22x", b"lo", 0))
        flags = struct.unpack_from("H", answer, 16)[0] | up
        fcntl.ioctl(control, set_flags, struct.pack("16sH22x", b"lo", flags))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def enter(descriptors: list[int]) -> None:
    """Enter the namespaces in this order; of processes only children do. Raises OSError."""
    for descriptor in descriptors:
        if _libc.setns(descriptor, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"setns: {os.strerror(number)}")


def end_all(descriptors: list[int], seconds: float) -> bool:
    """End all processes there but the first; it keeps their namespaces and reaps them.

    False if some are left after this time, or have ended or stopped who came to end them. Raises OSError.
    """
    outside = os.fork()
    if outside == 0:
        status = 1
        try:
            enter(descriptors)
            inside = os.fork()
            if inside == 0:
                os._exit(0 if _end_others(seconds) else 1)
            ended = os.waitpid(inside, os.WUNTRACED)[1]
            if os.WIFSTOPPED(ended):
                os.kill(inside, signal.SIGKILL)
                os.waitpid(inside, 0)
            else:
                status = os.waitstatus_to_exitcode(ended)
        finally:
            os._exit(status)
    return os.waitpid(outside, 0)[1] == 0


def _end_others(seconds: float) -> bool:
    """Signal every process that can be seen: one call does, since none can fork with a signal pending."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.001)
