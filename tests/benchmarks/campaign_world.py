"""What a campaign is measured in: made repositories, a Prefect server with its database, and workers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import psutil

from overhaul.flows import server
from overhaul.flows.settings import Settings
from tests.flows.postgresql import make_database, postgresql
from tests.flows.repositories import make_repository

OVERHAUL = str(Path(sys.executable).with_name("overhaul"))
PREFECT = str(Path(sys.executable).with_name("prefect"))
PATIENCE_SECONDS = 120
LONG_TEST = """import time


def test_long():
    while time.process_time() < {seconds}:
        pass
"""


def make_repositories(folder: Path, count: int, test_seconds: float = 0.0) -> None:
    """Make what is missing of so many repositories: the sample library, each under a name of its own.

    Their tests compute for so many seconds besides.
    """
    sample = Path(str(files("overhaul.flows"))) / "samples" / "acme"
    contents = {
        path.relative_to(sample).as_posix(): path.read_text()
        for path in sample.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for number in range(count):
        name = f"acme-{number:04}"
        if (folder / name).exists():
            continue
        shutil.rmtree(folder / "unfinished", ignore_errors=True)
        mine = contents | {
            "pyproject.toml": contents["pyproject.toml"].replace('name = "acme"', f'name = "{name}"'),
            "src/acme/number.py": f"from acme.api import fetch_user\n\nNUMBER = {number}\nfirst = fetch_user(7)\n",
        }
        if test_seconds:
            mine["tests/test_long.py"] = LONG_TEST.format(seconds=test_seconds)
        make_repository(folder / "unfinished", mine).rename(folder / name)


def copies(made: Path, count: int, into: Path) -> list[Path]:
    """Copies of the first repositories, that nothing was done to yet."""
    names = [f"acme-{number:04}" for number in range(count)]
    return [Path(shutil.copytree(made / name, into / name)) for name in names]


@dataclass
class Used:
    """CPU seconds of processes and of those they have begun, and the most memory that one of them held, in MB."""

    cpu_seconds: float = 0.0
    memory_mb: float = 0.0

    def __sub__(self, before: Used) -> Used:
        return Used(self.cpu_seconds - before.cpu_seconds, self.memory_mb)


@dataclass
class World:
    """A home with a server. `watched` are its processes by name; `environment` is what a command sees."""

    home: Path
    environment: dict[str, str]
    watched: dict[str, list[int]] = field(default_factory=dict)

    def used(self, name: str) -> Used:
        """What the processes of a name have used so far, with the children that have ended."""
        cpu, memory = 0.0, 0.0
        for pid in self.watched.get(name, ()):
            for process in _with_children(pid):
                try:
                    cpu += sum(process.cpu_times()[:4])
                    memory = max(memory, _most_memory_mb(process.pid))
                except (psutil.NoSuchProcess, OSError):
                    continue
        return Used(cpu, memory)

    def engines(self) -> list[int]:
        """The processes in which workers carry out runs now."""
        found = [each for pid in self.watched["workers"] for each in _with_children(pid) if each.pid != pid]
        return [each.pid for each in found if _is_engine(each)]


@contextmanager
def embedded(home: Path, ledger: str) -> Iterator[World]:
    """The default of one machine: our background server on SQLite, and its runner."""
    settings = Settings(home)
    running = server.ensure(settings, lambda _: None)
    environment = _environment(home, {"OVERHAUL_LEDGER_URL": ledger} if ledger else {})
    workers = [each.pid for each in running.companions if each.name == "runner"]
    try:
        yield World(home, environment, {"server": [running.pid], "workers": workers})
    finally:
        server.stop(settings)


@contextmanager
def on_postgresql(home: Path, ledger: str, workers: int) -> Iterator[World]:
    """As docs/deployment/compose.yaml has it: Prefect and the ledger on PostgreSQL, and workers with one home."""
    home.mkdir(parents=True)
    with ExitStack() as ends:
        address = ends.enter_context(postgresql())
        database = make_database(address, "prefect").replace("postgresql://", "postgresql+asyncpg://")
        port, password = server._free_port(), "overhaul:bench"
        api = f"http://127.0.0.1:{port}/api"
        serving = _environment(
            home,
            server.SERVER_SETTINGS
            | {
                "PREFECT_HOME": str(home / "server"),
                "PREFECT_API_DATABASE_CONNECTION_URL": database,
                "PREFECT_SERVER_API_AUTH_STRING": password,
            },
        )
        start = [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        pid = ends.enter_context(_running(start, serving, home.parent / "server.log"))
        _await(lambda: server.is_reachable(api, password), "the Prefect server does not answer")
        given = {"PREFECT_API_URL": api, "PREFECT_API_AUTH_STRING": password, "NO_PROXY": "127.0.0.1"}
        ledger = ledger or make_database(address, "ledger")
        environment = _environment(home, given | {"OVERHAUL_LEDGER_URL": ledger})
        log = home.parent / "workers.log"
        serve = [OVERHAUL, "serve", "--runner"]
        pids = [ends.enter_context(_running(serve, environment, log)) for _ in range(workers)]
        _await(lambda: log.read_text().count("started!") >= workers, f"the workers do not start, see {log}")
        yield World(home, environment, {"server": [pid], "workers": pids})


def _environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "OVERHAUL_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    return kept | {"OVERHAUL_HOME": str(home)} | dict(more)


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(is_so: object, otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(0.2)


def _with_children(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _is_engine(process: psutil.Process) -> bool:
    try:
        return "prefect.engine" in process.cmdline()
    except psutil.Error:
        return False


def _most_memory_mb(pid: int) -> float:
    """The kernel's own high-water mark."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)
