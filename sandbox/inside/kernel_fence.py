"""Fence in the calling process and all that it starts, by Linux alone: Landlock, seccomp, no capabilities.

Landlock (https://docs.kernel.org/userspace-api/landlock.html) says which files may be read and written. Seccomp refuses
system calls that reach past files: other address families, io_uring, tracing, keys, mounts, new namespaces.
Everything stays in force through exec and cannot be undone. Runs in the supervisor's child, before the command.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import stat
import struct
import sys
from collections.abc import Sequence
from typing import Any

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _WRITE, _READ, _READ_FOLDER, _TRUNCATE, _IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
_TO_READ = _EXECUTE | _READ | _READ_FOLDER
# Rights on files that each version of Landlock knows, and its scopes: abstract sockets, signals.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_RIGHTS, _SCOPES = 16, 3
_SCOPES_SINCE = 6

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _DROP_FROM_BOUNDS, _AMBIENT, _CLEAR_ALL = 38, 22, 24, 47, 4
_FILTER_MODE = 2
_NEW_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000

_NOT_PERMITTED, _NOT_THERE, _ALLOW, _KILL = 0x00050001, 0x00050026, 0x7FFF0000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16

# System calls by number, x86-64 and aarch64; include/uapi/asm-generic/unistd.h and syscall_64.tbl of Linux.
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Other ways to the kernel and to other processes, which no test needs.
_REFUSED: dict[str, tuple[int, int]] = {
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "syslog": (103, 116),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "quotactl": (179, 60), "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "setns": (308, 268),
    "unshare": (272, 97), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "sethostname": (170, 161), "setdomainname": (171, 162),
}  # fmt: skip
_SOCKET, _SOCKETPAIR, _CLONE, _CLONE3 = (41, 198), (53, 199), (56, 220), (435, 435)

_libc = ctypes.CDLL(None, use_errno=True)


def what_is_missing() -> str | None:
    """Say what this kernel lacks for it, or return None."""
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES:
        return f"Landlock and seccomp are used on Linux, x86-64 or aarch64; this is {platform.system()}"
    version = _landlock_version()
    if version < 1:
        return "this kernel has no Landlock: it needs Linux 5.13 or later, with `landlock` in /sys/kernel/security/lsm"
    if version < _SCOPES_SINCE:
        return f"this kernel's Landlock (version {version}) lets commands signal other processes: Linux 6.12 is needed"
    return None


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]


def fence_in(request: dict[str, Any], ruleset: int | None) -> None:
    """Apply what the provider asked for. Raises OSError: a command must not run half fenced.

    `ruleset` is that of `files_ruleset`, or None where a root of its own holds no other files. Without `internet` or
    `unix` there are no sockets of these families.
    """
    drop_capabilities()
    _check(_libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
    if ruleset is not None:
        _check(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "Landlock")
    _install(sockets_filter(request["internet"], request["unix"]))


@functools.cache
def sockets_filter(internet: bool, unix: bool) -> bytes:
    """Return the filter, which is the same for all commands of these rights."""
    families = (*((_UNIX,) if unix else ()), *((_INET, _INET6) if internet else ()), _NETLINK)
    return _program(families, (_UNIX,))


def drop_capabilities() -> None:
    """Take all capabilities, and the right to get them by running a program: the user may be root."""
    for capability in range(64):
        if _libc.prctl(_DROP_FROM_BOUNDS, capability, 0, 0, 0) != 0:
            break  # there are no more, or there never was a right to drop them
    _libc.prctl(_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _check(_libc.capset(header, none), "capset")


def _landlock_version() -> int:
    return int(_libc.syscall(_LANDLOCK_CREATE, None, 0, 1))


def files_ruleset(writable: Sequence[str], readable: Sequence[str], first: int | None) -> int:
    """Return an open ruleset that lets nothing be touched but these paths, for all commands of a workspace.

    They are those that the process `first` sees, in its namespace for mounts. Raises OSError.
    """
    root = "" if first is None else f"/proc/{first}/root"
    version = _landlock_version()
    known = (1 << _RIGHTS.get(version, _ALL_RIGHTS)) - 1
    attributes = struct.pack("QQQ", known, 0, _SCOPES)
    ruleset = _check(_libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0), "Landlock ruleset")
    rules = [(path, known) for path in writable] + [(path, _TO_READ) for path in readable]
    for path, rights in rules:
        try:
            place = os.open(root + path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _ON_FILES & known
        rule = struct.pack("=Qi", rights, place)
        _check(_libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0), path)
        os.close(place)
    return ruleset


def _program(families: tuple[int, ...], pair_families: tuple[int, ...]) -> bytes:
    """Return the filter, in classic BPF (seccomp(2)): `families` are those of sockets, `pair_families` of pairs."""
    machine = platform.machine()
    column = list(_ARCHITECTURES).index(machine)
    code = [
        _statement(_LOAD, 4),
        _jump(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _statement(_RETURN, _KILL),
        _statement(_LOAD, 0),
    ]
    if machine == "x86_64":  # numbers of the x32 interface
        code += [_jump(_AT_LEAST, 0x40000000, 0, 1), _statement(_RETURN, _NOT_PERMITTED)]
    for numbers in _REFUSED.values():
        code += _refuse(numbers[column], _NOT_PERMITTED)
    code += _only_families(_SOCKET[column], families)
    code += _only_families(_SOCKETPAIR[column], pair_families)
    # Its flags are in memory, where a filter cannot look; the C library falls back to clone.
    code += _refuse(_CLONE3[column], _NOT_THERE)
    code += [
        _jump(_EQUAL, _CLONE[column], 0, 4),
        _statement(_LOAD, 16),
        _jump(_ANY_BIT, _NEW_NAMESPACES, 0, 1),
        _statement(_RETURN, _NOT_PERMITTED),
        _statement(_RETURN, _ALLOW),
    ]
    return b"".join([*code, _statement(_RETURN, _ALLOW)])


def _refuse(number: int, answer: int) -> list[bytes]:
    return [_jump(_EQUAL, number, 0, 1), _statement(_RETURN, answer)]


def _only_families(number: int, families: tuple[int, ...]) -> list[bytes]:
    """Allow a call whose first argument is one of these, and no other; what follows sees the number again."""
    count = len(families)
    checks = [_jump(_EQUAL, family, count - place, 0) for place, family in enumerate(families)]
    return [
        _jump(_EQUAL, number, 0, count + 3),
        _statement(_LOAD, 16),
        *checks,
        _statement(_RETURN, _NOT_PERMITTED),
        _statement(_RETURN, _ALLOW),
    ]


def _statement(code: int, value: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, value)


def _jump(code: int, value: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _install(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))
    filter_ = _Filter(len(program) // 8, ctypes.addressof(buffer))
    _check(_libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(filter_), 0, 0), "seccomp")


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
