"""Workspaces that are opened before they are needed: the next tests begin in a started one, with pytest imported."""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from overhaul.sandbox.provider import Command, Limits

_lock = threading.Lock()
_ready: dict[tuple[object, ...], Future[Any]] = {}


def stand_by(key: tuple[object, ...], start: Callable[[], Any], warm: Callable[[Any], None]) -> None:
    """Start and warm a workspace in the background, for the next `taken` of this key in this process; one a key."""
    key = (os.getpid(), *key)
    with _lock:
        if key in _ready:
            return
        opened = _ready[key] = Future()

    def work() -> None:
        try:
            workspace = start()
            try:
                warm(workspace)
            except BaseException:
                workspace.close()
                raise
            opened.set_result(workspace)
        except BaseException as error:
            opened.set_exception(error)

    threading.Thread(target=work, name="overhaul-stand-by").start()


def taken(key: tuple[object, ...]) -> Any | None:
    """The workspace that stands by, or None; one that could not be opened is opened anew by who needs it."""
    with _lock:
        opened = _ready.pop((os.getpid(), *key), None)
    if opened is None:
        return None
    return opened.result() if opened.exception() is None else None


@atexit.register
def close_all() -> None:
    """Close those that nobody took."""
    with _lock:
        waiting = [opened for (owner, *_), opened in _ready.items() if owner == os.getpid()]
        _ready.clear()
    for opened in waiting:
        if opened.exception() is None:
            opened.result().close()


def can_wake(command: Command, limits: Limits) -> bool:
    """Whether an interpreter that waits under these limits can run the command (`inside/waiting_python.py`)."""
    return tuple(command.arguments[:3]) == ("{python}", "-m", "pytest") and command.limits == limits


def wake_up_line(command: Command, folder: str, overlay: Sequence[str] = ()) -> bytes:
    """What the interpreter reads; `overlay` are the arguments of `inside/overlay_built.py`, if that is to run first."""
    request = {
        "arguments": list(command.arguments[1:]),
        "environment": dict(command.environment),
        "folder": folder,
        "seconds": command.limits.wall_seconds,
        "overlay": list(overlay),
    }
    return json.dumps(request).encode() + b"\n"
