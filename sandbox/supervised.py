"""The host's side of `inside/supervisor.py`: start a command under it, drain its output, tell how it ended."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.namespaces import open_namespaces
from overhaul.sandbox.network import PORT
from overhaul.sandbox.output_cap import OutputCap
from overhaul.sandbox.provider import Limits, Outcome, OutcomeStatus

if TYPE_CHECKING:
    from overhaul.sandbox.proxy import Proxy

INSIDE = Path(__file__).resolve().parent / "inside"
READ_BYTES = 1 << 20
# The supervisor ends the command in time by itself; past this the supervisor is lost.
GRACE_SECONDS = 20.0
_LIMITS: tuple[OutcomeStatus, ...] = ("timed_out", "out_of_memory", "disk_full", "too_many_processes")


@dataclass(frozen=True, slots=True)
class SupervisedCommand:
    """What is run: no placeholders, the whole environment, an absolute folder.

    `kernel` and the open `ruleset` are for `inside/kernel_fence.py`, or empty and None.
    What is in the `writable` folders counts as its disk.
    `namespaces` are open descriptors, in the order in which the command enters them; `others` are processes whose
    children count as the command's. `proxy` is its way out of a network of its own.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    limits: Limits
    kernel: Mapping[str, Any] = field(default_factory=dict)
    ruleset: int | None = None
    writable: Sequence[Path] = ()
    namespaces: Sequence[int] = ()
    others: Sequence[int] = ()
    proxy: Proxy | None = None


def run_supervised(command: SupervisedCommand, on_output: Callable[[bytes], None] | None = None) -> Outcome:
    """Run a command to its end or its limits. Raises SandboxLost if its supervisor was killed."""
    return SupervisedRun(command).finish(on_output)


class SupervisedRun:
    """A command that runs and has not been waited for; one that waits to be woken has no time limit until it is."""

    def __init__(self, command: SupervisedCommand, waits: bool = False) -> None:
        self._command = command
        self._ends = contextlib.ExitStack()
        (its_lifeline, self._lifeline), (self._output, its_output), (self._answer, its_answer) = (
            _pipe(self._ends) for _ in range(3)
        )
        with contextlib.suppress(OSError):
            # Fewer, larger reads; a user may have only so many pages in pipes.
            fcntl.fcntl(self._output.fileno(), fcntl.F_SETPIPE_SZ, READ_BYTES)
        its_input, self._input = _pipe(self._ends)
        its = [its_lifeline, its_answer, its_output, its_input]
        door = None
        if command.proxy is not None:
            door, its_door = socket.socketpair()
            its.append(FileIO(its_door.detach(), "r+b"))
        rulesets = [] if command.ruleset is None else [command.ruleset]
        _supervisor().take_on([*(end.fileno() for end in its), *rulesets, *command.namespaces])
        for end in its if waits else [*its, self._input]:
            end.close()
        # Not as an argument or a message: these are limited in length. A dead supervisor answers nothing.
        with contextlib.suppress(BrokenPipeError):
            request = _request(command) | {"waits": waits, "proxy_port": PORT if door else 0}
            _write_all(self._lifeline.fileno(), json.dumps(request).encode() + b"\n")
        if command.proxy is not None and door is not None:
            self._serve(command.proxy, door)

    def _serve(self, proxy: Proxy, door: socket.socket) -> None:
        """Take the socket that listens inside; none comes where the command could not be started."""
        with door:
            _, descriptors, _, _ = socket.recv_fds(door, 1, 1)
        for descriptor in descriptors:
            self._ends.callback(proxy.serve(socket.socket(fileno=descriptor)))

    def wake(self, line: bytes) -> None:
        """Let its time begin, and give it its input."""
        with contextlib.suppress(BrokenPipeError):
            _write_all(self._lifeline.fileno(), b"\n")
            _write_all(self._input.fileno(), line)
        self._input.close()

    def finish(self, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        """Wait for its end or its limits. Raises SandboxLost if its supervisor was killed."""
        command, started = self._command, time.monotonic()
        name = command.arguments[0]
        cap = OutputCap(command.limits.output_bytes)
        deadline = started + command.limits.wall_seconds + GRACE_SECONDS
        with self._ends:
            said = _drain(self._output.fileno(), self._answer.fileno(), cap, on_output, deadline)
        if not said:
            raise SandboxLost(f"the supervisor of {name!r} was killed under it")
        result = json.loads(said)
        if result["state"] == "lost":
            raise SandboxLost(f"{name!r} could not be started: {result['reason']}")
        if result["left"]:
            raise SandboxLost(f"{result['left']} processes of {name!r} could not be ended")
        return _outcome(result["state"], result["status"], cap, time.monotonic() - started)

    def close(self) -> None:
        """End it, for one that is not to be finished; all that it started is gone then."""
        with self._ends:
            self._lifeline.close()
            while self._answer.read(READ_BYTES):
                pass


class HeldNamespaces:
    """Namespaces that the supervisor makes and holds until they are closed; `first` is None where there are none.

    Raises SandboxLost.
    """

    def __init__(self, shares_network: bool) -> None:
        self._ends = contextlib.ExitStack()
        with contextlib.ExitStack() as undo:
            undo.push(self._ends)
            its_lifeline, self._lifeline = _pipe(self._ends)
            self._answer, its_answer = _pipe(self._ends)
            with Path(os.devnull).open("r+b", buffering=0) as nothing:
                its = (its_lifeline, its_answer, nothing, nothing)
                _supervisor().take_on([end.fileno() for end in its])
            its_lifeline.close()
            its_answer.close()
            with contextlib.suppress(BrokenPipeError):
                request = {"shares_network": shares_network}
                _write_all(self._lifeline.fileno(), json.dumps(request).encode() + b"\n")
            said = json.loads(self._answer.read(READ_BYTES) or b'{"reason": "their supervisor was killed"}')
            if "reason" in said:
                raise SandboxLost(f"namespaces could not be made: {said['reason']}")
            self.first: int | None = said["first"]
            self.descriptors = open_namespaces(self.first, self._ends) if self.first is not None else ()
            undo.pop_all()

    def close(self) -> None:
        """End all that is in them."""
        with self._ends:
            self._lifeline.close()
            while self._answer.read(READ_BYTES):
                pass


def _pipe(stack: contextlib.ExitStack) -> tuple[FileIO, FileIO]:
    """Return the reading and the writing end of a pipe, which are closed with the stack at the latest."""
    read, write = os.pipe()
    return stack.enter_context(FileIO(read, "rb")), stack.enter_context(FileIO(write, "wb"))


class _Supervisor:
    """A process of `inside/supervisor.py`; it ends when we do, even by kill -9, because its socket closes then."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(INSIDE / "supervisor.py")],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )
        theirs.close()
        self.owner = os.getpid()
        weakref.finalize(self, _end, self._ours, self._process, self.owner)

    @property
    def is_usable(self) -> bool:
        return self.owner == os.getpid() and self._process.poll() is None

    def take_on(self, descriptors: Sequence[int]) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(self._ours, [b"."], descriptors)


_lock = threading.Lock()
_supervisors: list[_Supervisor] = []


def _supervisor() -> _Supervisor:
    """Return this process's one supervisor; starting a Python for each command would take longer than most of them."""
    with _lock:
        if not _supervisors or not _supervisors[0].is_usable:
            _supervisors[:] = [_Supervisor()]
        return _supervisors[0]


def _end(connection: socket.socket, process: subprocess.Popen[bytes], owner: int) -> None:
    connection.close()
    if owner != os.getpid():
        return  # a fork of us: the supervisor is not its child
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _request(command: SupervisedCommand) -> dict[str, Any]:
    limits = command.limits
    return {
        "arguments": list(command.arguments),
        "environment": dict(command.environment),
        "folder": str(command.folder),
        "wall_seconds": limits.wall_seconds,
        "memory_bytes": limits.memory_bytes,
        "processes": limits.processes,
        "file_bytes": limits.file_bytes,
        "disk_bytes": limits.disk_bytes,
        "files": limits.files,
        "writable": [str(folder) for folder in command.writable],
        "others": list(command.others),
        "kernel": dict(command.kernel),
        "has_ruleset": command.ruleset is not None,
    }


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _drain(
    output: int,
    answer: int,
    cap: OutputCap,
    on_output: Callable[[bytes], None] | None,
    deadline: float,
) -> bytes:
    """Read until the supervisor has answered: all writers are dead then, and a closed pipe needs no waiting for."""
    said: bytes | None = None
    is_open = True
    while True:
        waited = [each for each, wanted in ((output, is_open), (answer, said is None)) if wanted]
        ready, _, _ = select.select(waited, [], [], 1.0 if said is None else 0)
        if output in ready:
            chunk = os.read(output, READ_BYTES)
            is_open = bool(chunk)
            if chunk:
                cap.add(chunk)
                if on_output:
                    on_output(chunk)
        elif said is not None:
            return said
        if answer in ready:
            said = os.read(answer, READ_BYTES)
        if said is not None and not is_open:
            return said
        if said is None and time.monotonic() > deadline:
            return b""


def _outcome(state: str, status: int | None, cap: OutputCap, seconds: float) -> Outcome:
    output, dropped = cap.output(), cap.dropped_bytes
    for limit in _LIMITS:
        if state == limit:
            return Outcome(limit, None, output, dropped, seconds)
    if status is None or os.WIFSIGNALED(status):
        return Outcome("signalled", None, output, dropped, seconds)
    return Outcome("exited", os.WEXITSTATUS(status), output, dropped, seconds)
