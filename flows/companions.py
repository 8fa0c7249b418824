"""Processes that live and end with the background Prefect server: modules of ours, each in a session of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

PATIENCE_SECONDS = 20.0
# The time of birth tells a process from a later one with its number; clocks are set meanwhile.
_SAME_BIRTH_SECONDS = 5.0

# A Popen that is forgotten while its process lives on complains.
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class Companion:
    """What is to be started beside the server: `python -m module`."""

    name: str
    module: str


@dataclass(frozen=True, slots=True)
class Started:
    """A process as the server's record keeps it; `born` is in seconds since the epoch."""

    name: str
    pid: int
    born: float

    @property
    def process(self) -> psutil.Process | None:
        """The process, if it is still this one."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.born) < _SAME_BIRTH_SECONDS
            same = same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if same else None


def identity(name: str, process: subprocess.Popen[bytes]) -> Started:
    """A process that was just started, as it is found again later."""
    return Started(name, process.pid, psutil.Process(process.pid).create_time())


COMPANIONS = (
    Companion("pages", "overhaul.flows.page_server"),
    Companion("runner", "overhaul.flows.runner"),
)


def start_all(
    folder: Path, environment: Mapping[str, str], companions: Sequence[Companion] = COMPANIONS
) -> list[Started]:
    """Start them; what they print goes to NAME.log in the folder."""
    return [_start(companion, folder, environment) for companion in companions]


def end_all(started: Sequence[Started]) -> None:
    """End those that are still there, with whatever they have started."""
    processes = [process for each in started if (process := each.process) is not None]
    for process in processes:
        _signal(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(PATIENCE_SECONDS)
        except psutil.TimeoutExpired:
            _signal(process.pid, signal.SIGKILL)
    ended = {process.pid for process in processes}
    for child in [child for child in _started if child.pid in ended]:
        child.wait()
        _started.remove(child)


def _start(companion: Companion, folder: Path, environment: Mapping[str, str]) -> Started:
    with (folder / f"{companion.name}.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "overhaul.flows.light_process", companion.module],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _started.append(process)
    return identity(companion.name, process)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
