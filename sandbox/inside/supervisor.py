"""Run commands, enforce their limits, and end everything that they started, however deep it hid.

Standard input is a unix socket. Each message on it carries the descriptors of one command, which a fork of this
process sees to, made before the message comes: the lifeline (a line with a JSON object, see `_request` in
supervised.py, and then nothing until it closes: then all is ended; a second line wakes a command that waits), where the
answer goes, one JSON object, where the output goes, where the input is from, a door if the request says so (a unix
socket, for the socket on which a proxy is to listen in the command's own network), a Landlock ruleset if it says so,
and the namespaces in which the command runs, if it has some of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import math
import os
import resource
import select
import signal
import socket
import sys
import time
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # we are run as a file, without any path
from kernel_fence import fence_in, sockets_filter  # type: ignore[import-not-found]
from measures import (  # type: ignore[import-not-found]
    Disk,
    descendants,
    has_children,
    limit_reached,
    running_threads,
)
from namespaces import end_all, enter, hold  # type: ignore[import-not-found]

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# We end when the lifeline does; the command has its own ways with them.
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.2
SWEEP_SECONDS = 10.0
ATTEMPTS = 5
MOST_DESCRIPTORS = 16


_libc = ctypes.CDLL(None)


def prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc.prctl(option, value, 0, 0, 0)


def start(request: dict[str, Any]) -> int:
    """Fork the command, in its namespaces if it has some, and return its process id. Raises OSError."""
    if not request["namespaces"]:
        return start_here(request)
    read, write = os.pipe()
    between = os.fork()
    if between == 0:
        # The command becomes our child when this process ends: we are its subreaper.
        try:
            enter(request["namespaces"])
            said = str(start_here(request))
        except OSError as error:
            said = str(error)
        os.write(write, said.encode())
        os._exit(0)
    os.waitpid(between, 0)
    os.close(write)
    said = os.read(read, 4096).decode()
    os.close(read)
    if not said.isdigit():
        raise OSError(said)
    return int(said)


def start_here(request: dict[str, Any]) -> int:
    """Fork the command into a session of its own and return its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        if not request["namespaces"]:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        output = request["output"]
        for source, target in ((request["input"], 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        door, ruleset = (
            None if request[name] is None else os.dup2(request[name], target)
            for name, target in (("door", 3), ("ruleset", 4))
        )
        for first, last in ((3 + (door is not None), 4), (4 + (ruleset is not None), 256)):
            os.closerange(first, last)
        os.chdir(request["folder"])
        set_limits(request)
        if request["kernel"]:
            fence_in(request["kernel"], ruleset)
        if door is not None:
            open_door(door, request["proxy_port"])
        for number in (signal.SIGPIPE, signal.SIGCHLD, *IGNORED):
            signal.signal(number, signal.SIG_DFL)
        if ruleset is not None:
            os.close(ruleset)
        os.execvpe(request["arguments"][0], request["arguments"], request["environment"])
    except OSError as error:
        os.write(2, f"cannot run {request['arguments'][0]}: {error.strerror}\n".encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)
    except BaseException as error:  # a forked copy of us must never run on
        os.write(2, f"cannot start: {error!r}\n".encode())
    os._exit(126)


def open_door(door: int, port: int) -> None:
    """Listen for a proxy in our network, and give the socket away."""
    with socket.socket(fileno=door) as outside, socket.socket(socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        socket.send_fds(outside, [b"."], [listener.fileno()])


def set_limits(request: dict[str, Any]) -> None:
    """Backstops of the kernel; the memory of the whole tree is watched by `watch`."""
    # RLIMIT_AS would refuse runtimes that only reserve address space (Node, Go, sanitizers).
    lower(resource.RLIMIT_DATA, request["memory_bytes"] * 2)
    lower(resource.RLIMIT_FSIZE, request["file_bytes"])
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_CPU, int(request["wall_seconds"] * (os.cpu_count() or 1)) + 60)
    # The limit counts all threads of the user, not of this tree.
    lower(resource.RLIMIT_NPROC, request["processes"] + request["running_threads"])


def lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def reap(main: int) -> int | None:
    """Collect all that ended; the main process's wait status if it is among them."""
    status = None
    while True:
        try:
            pid, ended = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == main:
            status = ended


def watch(main: int, request: dict[str, Any], wakeup: int, lifeline: int) -> tuple[str, int | None]:
    """Wait until the command ends or must be ended; its state and its wait status."""
    deadline = math.inf if request["waits"] else time.monotonic() + request["wall_seconds"]
    disk = Disk(request["writable"], request["disk_bytes"], request["files"])
    next_look = time.monotonic() + POLL_SECONDS
    while True:
        status = reap(main)
        if status is not None:
            return "ended", status
        now = time.monotonic()
        if now >= deadline:
            return "timed_out", None
        # By the clock: orphans that end one after the other would wake us all the time.
        if now >= next_look:
            next_look = now + POLL_SECONDS
            reached = limit_reached(request, disk)
            if reached:
                return reached, None
        ready, _, _ = select.select([lifeline, wakeup], [], [], max(0.0, min(next_look, deadline) - now))
        if wakeup in ready:
            os.read(wakeup, 512)
        if lifeline in ready:
            if not os.read(lifeline, 512):
                return "abandoned", None
            deadline = time.monotonic() + request["wall_seconds"]


def sweep(main: int) -> tuple[int, int | None]:
    """Kill all descendants until none is left: orphans become our children, because we are their subreaper."""
    status = None
    deadline = time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < deadline:
        ended = reap(main)
        status = status if ended is None else ended
        if not is_parent():
            return 0, status
        for pid in descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.005)
    return len(descendants()), status


def outrun() -> None:
    """Be scheduled before any fork bomb, if we may: this process and what it forks from now on."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def is_parent() -> bool:
    """Whether we have any child, running or unburied."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def end_inside(namespaces: tuple[int, ...], others: list[int]) -> bool:
    """End all in the namespaces; who fights that in there is killed from out here, where nobody can see us."""
    if others and not is_parent() and not any(map(has_children, others)):
        return True  # all that the command has left would be ours or, as an orphan, the first process's
    for _ in range(ATTEMPTS):
        with contextlib.suppress(OSError):  # no process can be started while they hold all there may be
            if end_all(namespaces, SWEEP_SECONDS):
                return True
        for pid in descendants(*others):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return False


def read_line(source: int) -> bytes:
    """Read to the end of a line, or further if more has come by then."""
    parts: list[bytes] = []
    while not parts or b"\n" not in parts[-1]:
        part = os.read(source, 1 << 16)
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def supervise(woken_by: int, lifeline: int, answer: int, output: int, input_: int, *others: int) -> None:
    """See to one command, in a process of its own; `woken_by` tells of children that end."""
    line, _, woken = read_line(lifeline).partition(b"\n")
    request = json.loads(line)
    if "shares_network" in request:
        keep_namespaces(request["shares_network"], lifeline, answer)
        return
    door, others = (others[0], others[1:]) if request["proxy_port"] else (None, others)
    ruleset, namespaces = (others[0], others[1:]) if request["has_ruleset"] else (None, others)
    request |= {"output": output, "input": input_, "door": door, "ruleset": ruleset, "namespaces": namespaces}
    request["waits"] = request["waits"] and not woken
    request["running_threads"] = running_threads()
    try:
        child = start(request)
    except OSError as error:
        os.write(answer, json.dumps({"state": "lost", "reason": str(error)}).encode())
        return
    for descriptor in (output, input_, *([] if door is None else [door])):
        os.close(descriptor)
    outrun()
    state, status = watch(child, request, woken_by, lifeline)
    if status is None and namespaces:
        # All at once: a fork bomb would go on for as long as we waited for its first process.
        with contextlib.suppress(OSError):
            end_all(namespaces, 0)
        # It is our child: nobody there could bury it.
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    left = 0 if not namespaces or end_inside(namespaces, request["others"]) else 1
    remaining, swept = sweep(child)
    status = swept if status is None else status
    if state != "abandoned":
        os.write(answer, json.dumps({"state": state, "status": status, "left": left + remaining}).encode())


def keep_namespaces(shares_network: bool, lifeline: int, answer: int) -> None:
    """Make namespaces, tell their first process, and keep it until the lifeline closes."""
    try:
        first = hold(shares_network)
    except OSError as error:
        os.write(answer, json.dumps({"reason": str(error)}).encode())
        return
    os.write(answer, json.dumps({"first": first}).encode())
    while os.read(lifeline, 512):
        continue
    if first is not None:
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)


def take_on_next(connection: socket.socket, tell: int) -> None:
    """Wait for a command, tell that there is one, and see to it."""
    os.setsid()
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    message, descriptors, _, _ = socket.recv_fds(connection, 1, MOST_DESCRIPTORS)
    if message:
        os.write(tell, b".")
        os.close(tell)
        connection.close()
        supervise(read, *descriptors)


def main() -> None:
    """Keep one fork waiting for the next command until the other side of the connection closes."""
    connection = socket.socket(fileno=0)
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    for internet in (False, True):
        for unix in (False, True):
            sockets_filter(internet, unix)
    gc.freeze()  # a collection in a fork would copy the pages of all that is here
    while True:
        told, tell = os.pipe()
        waiting = os.fork()
        if waiting == 0:
            try:
                os.close(told)
                take_on_next(connection, tell)
            finally:
                os._exit(0)
        os.close(tell)
        is_taken = os.read(told, 1) == b"."
        os.close(told)
        if not is_taken and os.waitpid(waiting, 0)[1] == 0:
            return
        reap(waiting)


if __name__ == "__main__":
    main()
