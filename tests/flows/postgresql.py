"""A PostgreSQL server of its own, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _programs() -> Path:
    """Debian keeps them out of PATH, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else Path(shutil.which("initdb") or "/usr/bin/initdb").parent


@contextmanager
def postgresql() -> Iterator[str]:
    """Start one; yield its address, over a socket in its folder, with `{database}` in place of a name."""
    # Not below a folder of ours or pytest's, which is closed to the user that the server runs as.
    with tempfile.TemporaryDirectory(prefix="overhaul-postgresql-") as name:
        yield from _serving(Path(name))


def _serving(folder: Path) -> Iterator[str]:
    who: dict[str, int | str] = {}
    if os.geteuid() == 0:  # as which it refuses to run
        shutil.chown(folder, "postgres", "postgres")
        who = {"user": "postgres", "group": "postgres"}
    programs, data = _programs(), folder / "data"

    def call(*arguments: str) -> None:
        done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False, **who)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stdout + done.stderr

    call(
        str(programs / "initdb"), "--pgdata", str(data), "--auth", "trust", "--username", "overhaul", "--no-sync"
    )  # fmt: skip
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    control = (str(programs / "pg_ctl"), "--pgdata", str(data), "--log", str(folder / "log"), "--wait")
    call(*control, "--options", options, "start")
    try:
        yield f"postgresql://overhaul@/{{database}}?host={folder}"
    finally:
        call(*control, "--mode", "immediate", "stop")


def make_database(address: str, name: str) -> str:
    """Make an empty database on a server; return its address."""
    from sqlalchemy import create_engine, text

    driven = address.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(driven.format(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address.format(database=name)
