"""What the processes of a command use: memory, threads and disk, as /proc and the file system tell."""

from __future__ import annotations

import os
import resource
import stat
import time
from collections.abc import Collection, Iterable
from typing import Any

DISK_SECONDS = 0.5
MOST_DESCRIPTORS = 200_000

# Bytes of files by device and inode.
Files = dict[tuple[int, int], int]


def processes() -> dict[int, tuple[int, int]]:
    """Each process's parent and its number of threads, by process id."""
    found = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    # The command's name is in brackets and may hold spaces and brackets of its own.
                    words = file.read().rpartition(b")")[2].split()
                found[int(name)] = int(words[1]), int(words[17])
            except (OSError, ValueError, IndexError):
                continue
    return found


def descendants(*others: int) -> dict[int, int]:
    """All that we, ours or the `others` have started, with their numbers of threads."""
    children: dict[int, list[int]] = {}
    known = processes()
    for pid, (parent, _) in known.items():
        children.setdefault(parent, []).append(pid)
    found: dict[int, int] = {}
    waiting = [os.getpid(), *others]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update((pid, known[pid][1]) for pid in below)
        waiting += below
    return found


def has_children(pid: int) -> bool:
    """Whether a process of one thread has started any, or been given orphans; True where the kernel does not tell.

    The kernel looks for the first of them under a lock: there was a moment at which there was none.
    """
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return bool(file.read(1))
    except OSError:
        return True


def running_threads() -> int:
    """Threads on this machine now: no fewer than our user's, which RLIMIT_NPROC counts."""
    try:
        with open("/proc/loadavg", "rb") as file:
            return int(file.read().split()[3].partition(b"/")[2])
    except (OSError, ValueError, IndexError):
        return 0


def memory_bytes(pid: int, exact: bool) -> int:
    """Resident memory; `exact` shares pages out among the processes that have them, which is slower to read."""
    try:
        if not exact:
            with open(f"/proc/{pid}/statm", "rb") as file:
                return int(file.read().split()[1]) * resource.getpagesize()
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith(b"Pss:"))
    except (OSError, ValueError, IndexError):
        return 0


def open_without_name(pids: Iterable[int]) -> Files | None:
    """Files that are open and in no folder, or not any more; None if there are too many descriptors to look at."""
    found: Files = {}
    left = MOST_DESCRIPTORS
    for pid in pids:
        try:
            names = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        left -= len(names)
        if left < 0:
            return None
        for name in names:
            try:
                status = os.stat(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue
            if status.st_nlink == 0 and stat.S_ISREG(status.st_mode):
                found[status.st_dev, status.st_ino] = status.st_blocks * 512
    return found


def memory_beside(pid: int, files: Files) -> int:
    """Exact resident memory but for pages of these files, which is the slowest to read."""
    found, is_of_them = 0, False
    try:
        with open(f"/proc/{pid}/smaps", "rb") as file:
            for line in file:
                words = line.split()
                if not words[0].endswith(b":"):
                    major, minor = (int(part, 16) for part in words[3].split(b":"))
                    is_of_them = (os.makedev(major, minor), int(words[4])) in files
                elif words[0] == b"Pss:" and not is_of_them:
                    found += int(words[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return found


def uses_too_much(pids: Collection[int], limit: int, files: Files) -> bool:
    """`files` are in memory, too; what of them is mapped counts once. What is quicker to read is asked first."""
    held = sum(files.values())
    if held + sum(memory_bytes(pid, exact=False) for pid in pids) <= limit:
        return False
    if held + sum(memory_bytes(pid, exact=True) for pid in pids) <= limit:
        return False
    return not files or held + sum(memory_beside(pid, files) for pid in pids) > limit


class Disk:
    """What the command's folders have grown by. The file system's own count is asked first, since it costs nothing."""

    def __init__(self, folders: list[str], most_bytes: int, most_files: int) -> None:
        self.folders = folders
        self.most_bytes, self.most_files = most_bytes, most_files
        self.devices = {os.stat(folder).st_dev for folder in folders}
        self.free = self.left()
        self.next_look = time.monotonic() + DISK_SECONDS

    def left(self) -> tuple[int, int]:
        if not self.folders:
            return 0, 0
        found = os.statvfs(self.folders[0])
        return found.f_bfree * found.f_frsize, found.f_ffree

    def is_full(self, nameless_bytes: int) -> bool:
        if time.monotonic() < self.next_look:
            return False
        self.next_look = time.monotonic() + DISK_SECONDS
        if nameless_bytes > self.most_bytes:
            return True
        size, files = self.left()
        if self.free[0] - size <= self.most_bytes and self.free[1] - files <= self.most_files:
            return False
        try:
            return self.holds_too_much(nameless_bytes)
        except (OSError, RecursionError):  # what cannot be looked into may hold all that is gone
            return True

    def holds_too_much(self, used: int) -> bool:
        count = 0
        for folder in self.folders:
            for place, _, names in os.walk(folder, onerror=must_be_gone):
                count += len(names) + 1
                for name in names:
                    try:
                        used += os.lstat(os.path.join(place, name)).st_blocks * 512
                    except OSError:
                        continue
                if used > self.most_bytes or count > self.most_files:
                    return True
        return False


def must_be_gone(error: OSError) -> None:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error


def limit_reached(request: dict[str, Any], disk: Disk) -> str | None:
    """Return the state of a command that uses too much, or None."""
    running = descendants(*request["others"])
    # The kernel's own limit does not hold for root.
    if sum(running.values()) > request["processes"]:
        return "too_many_processes"
    files = open_without_name(running)
    if files is None:
        return "out_of_memory"  # the kernel keeps each of them there
    on_disk = sum(size for (device, _), size in files.items() if device in disk.devices)
    in_memory = {file: size for file, size in files.items() if file[0] not in disk.devices}
    if uses_too_much(running, request["memory_bytes"], in_memory):
        return "out_of_memory"
    return "disk_full" if disk.is_full(on_disk) else None
