"""Who owns a workspace: a process, named so that a later one with the same number is not taken for it."""

from __future__ import annotations

import os

import psutil  # type: ignore[import-untyped]


def own_identity() -> str:
    return identity_of(os.getpid())


def identity_of(pid: int) -> str:
    """`PID-START`, with the start in hundredths of a second."""
    return f"{pid}-{int(psutil.Process(pid).create_time() * 100)}"


def is_alive(identity: str) -> bool:
    """Whether the process of this identity still runs (a zombie does not); what is no identity is not alive."""
    pid, _, _ = identity.partition("-")
    try:
        process = psutil.Process(int(pid))
        return identity_of(int(pid)) == identity and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError):
        return False
