"""Runs one command and says what it took, its children included."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """`memory_mb` is the most that one process of the command held at a time."""

    cpu_seconds: float
    wall_seconds: float
    memory_mb: float
    exit_code: int
    errors: str


def run_once(command: tuple[str, ...], folder: Path, home: Path | None = None) -> Run:
    """Run a command in a folder; its output goes nowhere. Without a home, overhaul has an empty one."""
    with tempfile.TemporaryDirectory(prefix="overhaul-home-") as empty:
        return _run(command, folder, home or Path(empty))


def _run(command: tuple[str, ...], folder: Path, home: Path) -> Run:
    environment = {
        # Installed tools have their bytecode; so has overhaul after its first run, and LibCST.
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
    } | {"PYTHONPATH": str(_HERE), "OVERHAUL_HOME": str(home)}
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(cpu, wall, usage.ru_maxrss / 1024, process.returncode, said)
