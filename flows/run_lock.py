"""One process at a time works on a run, whoever started it: a command, the runner, a watcher.

The lock goes with its process, even after kill -9.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from overhaul.flows.errors import BusyRun
from overhaul.flows.settings import Settings
from overhaul.sandbox import standby

_held_here: set[str] = set()
_held_to_the_end: list[TextIO] = []


@contextmanager
def working_on(run_id: str, settings: Settings) -> Iterator[None]:
    """Hold the run's lock, and leave nothing of killed steps behind. Raises BusyRun if another process holds it.

    Within itself it does nothing: a command holds the lock before the flow does.
    """
    if run_id in _held_here:
        yield
        return
    lock = _take(run_id, settings)
    _held_here.add(run_id)
    try:
        yield
    finally:
        standby.close_all()  # a step that was done before has left its own to nobody
        # What a killed step has left behind is of no use to anybody once the run rests.
        shutil.rmtree(settings.run_folder(run_id) / "trees", ignore_errors=True)
        _held_here.discard(run_id)
        if os.environ.get("PREFECT__FLOW_RUN_ID") == run_id:
            # Prefect started this process for this run and has yet to tell the server how it ended.
            _held_to_the_end.append(lock)
        else:
            lock.close()


def is_held(run_id: str, settings: Settings) -> bool:
    """Whether a live process works on the run."""
    try:
        _take(run_id, settings).close()
    except BusyRun:
        return True
    return False


def _take(run_id: str, settings: Settings) -> TextIO:
    folder = settings.run_folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as busy:
        with lock:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
        raise BusyRun(
            f"run {run_id} is being worked on by process {holder}. Wait for it, or end it first."
        ) from busy
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
