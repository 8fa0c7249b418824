"""The host's side of `inside/supervisor.py`: start a command under it, drain its output, tell how it ended."""

from __future__ import annotations

import contextlib
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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.output_cap import OutputCap
from overhaul.sandbox.provider import Limits, Outcome, OutcomeStatus

INSIDE = Path(__file__).resolve().parent / "inside"
READ_BYTES = 1 << 20
# The supervisor ends the command in time by itself; past this the supervisor is lost.
GRACE_SECONDS = 20.0
_LIMITS: tuple[OutcomeStatus, ...] = ("timed_out", "out_of_memory", "disk_full")


@dataclass(frozen=True, slots=True)
class SupervisedCommand:
    """What is run: no placeholders, the whole environment, an absolute folder.

    `kernel` is for `inside/kernel_fence.py`, or empty. With `reports_signals` the program runs another one, and exits
    with 128 + N where that was ended by signal N. What is in the `writable` folders counts as its disk.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    limits: Limits
    kernel: Mapping[str, Any] = field(default_factory=dict)
    reports_signals: bool = False
    writable: Sequence[Path] = ()


def run_supervised(command: SupervisedCommand, on_output: Callable[[bytes], None] | None = None) -> Outcome:
    """Run a command to its end or its limits. Raises SandboxLost if its supervisor was killed."""
    started = time.monotonic()
    cap = OutputCap(command.limits.output_bytes)
    with contextlib.ExitStack() as stack:
        lifeline, output, answer = (_pipe(stack) for _ in range(3))
        _supervisor().take_on((lifeline.read, answer.write, output.write))
        for end in (lifeline.read, answer.write, output.write):
            end.close()
        # Not as an argument or a message: these are limited in length. A dead supervisor answers nothing.
        with contextlib.suppress(BrokenPipeError):
            _write_all(lifeline.write.fileno(), json.dumps(_request(command)).encode() + b"\n")
        deadline = started + command.limits.wall_seconds + GRACE_SECONDS
        said = _drain(output.read.fileno(), answer.read.fileno(), cap, on_output, deadline)
    if not said:
        raise SandboxLost(f"the supervisor of {command.arguments[0]!r} was killed under it")
    result = json.loads(said)
    if result["left"]:
        raise SandboxLost(f"{result['left']} processes of {command.arguments[0]!r} could not be ended")
    outcome = _outcome(result["state"], result["status"], cap, time.monotonic() - started)
    if command.reports_signals and outcome.exit_code is not None and 128 < outcome.exit_code <= 192:
        return replace(outcome, status="signalled", exit_code=None)
    return outcome


class _End:
    """One end of a pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def fileno(self) -> int:
        return -1 if self._descriptor is None else self._descriptor

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@dataclass(frozen=True, slots=True)
class _Pipe:
    read: _End
    write: _End


def _pipe(stack: contextlib.ExitStack) -> _Pipe:
    ends = [_End(descriptor) for descriptor in os.pipe()]
    for end in ends:
        stack.callback(end.close)
    return _Pipe(*ends)


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

    def take_on(self, ends: Sequence[_End]) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(self._ours, [b"."], [end.fileno() for end in ends])


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
        "kernel": dict(command.kernel),
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
