"""The host's side of `inside/supervisor.py`: start a command under it, drain its output, tell how it ended."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
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
    read, write = os.pipe()
    supervisor = _start(command, write)
    os.close(write)
    cap = OutputCap(command.limits.output_bytes)
    try:
        _drain(supervisor, read, cap, on_output, started + command.limits.wall_seconds + GRACE_SECONDS)
        answer = supervisor.stdout.read() if supervisor.stdout else b""
    finally:
        os.close(read)
        _end(supervisor)
    if not answer:
        raise SandboxLost(f"the supervisor of {command.arguments[0]!r} was killed under it")
    result = json.loads(answer)
    if result["left"]:
        raise SandboxLost(f"{result['left']} processes of {command.arguments[0]!r} could not be ended")
    outcome = _outcome(result["state"], result["status"], cap, time.monotonic() - started)
    if command.reports_signals and outcome.exit_code is not None and 128 < outcome.exit_code <= 192:
        return replace(outcome, status="signalled", exit_code=None)
    return outcome


def _start(command: SupervisedCommand, output: int) -> subprocess.Popen[bytes]:
    limits = command.limits
    request = {
        "arguments": list(command.arguments),
        "environment": dict(command.environment),
        "folder": str(command.folder),
        "output": output,
        "wall_seconds": limits.wall_seconds,
        "memory_bytes": limits.memory_bytes,
        "processes": limits.processes,
        "file_bytes": limits.file_bytes,
        "disk_bytes": limits.disk_bytes,
        "files": limits.files,
        "writable": [str(folder) for folder in command.writable],
        "kernel": dict(command.kernel),
    }
    supervisor = subprocess.Popen(
        [sys.executable, "-I", "-S", str(INSIDE / "supervisor.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(output,),
        env={},
        cwd="/",
        start_new_session=True,
    )
    # Not as an argument: one argument holds at most 128 KiB.
    if supervisor.stdin:
        supervisor.stdin.write(json.dumps(request).encode() + b"\n")
        supervisor.stdin.flush()
    return supervisor


def _drain(
    supervisor: subprocess.Popen[bytes],
    read: int,
    cap: OutputCap,
    on_output: Callable[[bytes], None] | None,
    deadline: float,
) -> None:
    """Read until the supervisor has answered: all writers are dead then, and a closed pipe needs no waiting for."""
    answer = supervisor.stdout.fileno() if supervisor.stdout else -1
    answered = False
    while True:
        ready, _, _ = select.select([read] if answered else [read, answer], [], [], 0 if answered else 1.0)
        if read in ready:
            chunk = os.read(read, READ_BYTES)
            if chunk:
                cap.add(chunk)
                if on_output:
                    on_output(chunk)
                continue
            if answered:
                return
            # The output closed first; what is left to wait for is the answer.
            select.select([answer], [], [], max(0.0, deadline - time.monotonic()))
            return
        if answered or time.monotonic() > deadline:
            return
        answered = answer in ready


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    """Close the lifeline, which makes the supervisor end whatever is left, and collect it."""
    for stream in (supervisor.stdin, supervisor.stdout):
        if stream:
            stream.close()
    try:
        supervisor.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()


def _outcome(state: str, status: int | None, cap: OutputCap, seconds: float) -> Outcome:
    output, dropped = cap.output(), cap.dropped_bytes
    for limit in _LIMITS:
        if state == limit:
            return Outcome(limit, None, output, dropped, seconds)
    if status is None or os.WIFSIGNALED(status):
        return Outcome("signalled", None, output, dropped, seconds)
    return Outcome("exited", os.WEXITSTATUS(status), output, dropped, seconds)
