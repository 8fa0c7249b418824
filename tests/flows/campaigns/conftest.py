"""A PostgreSQL server for the tests that want one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def _programs() -> Path:
    """Debian keeps them out of PATH, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else Path(shutil.which("initdb") or "/usr/bin/initdb").parent


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a server of its own, over a socket in its folder, without the name of a database."""
    # Not below pytest's own folder, which is closed to the user that the server runs as.
    with tempfile.TemporaryDirectory(prefix="overhaul-postgresql-") as name:
        yield from serving(Path(name))


def serving(folder: Path) -> Iterator[str]:
    """A server whose data are in a folder, until the test session ends."""
    who: dict[str, int | str] = {}
    if os.geteuid() == 0:  # as which it refuses to run
        shutil.chown(folder, "postgres", "postgres")
        who = {"user": "postgres", "group": "postgres"}
    programs, data = _programs(), folder / "data"

    def call(*arguments: str) -> None:
        done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False, **who)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stdout + done.stderr

    call(
        str(programs / "initdb"),
        "--pgdata",
        str(data),
        "--auth",
        "trust",
        "--username",
        "overhaul",
        "--no-sync",
    )
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    control = (str(programs / "pg_ctl"), "--pgdata", str(data), "--log", str(folder / "log"), "--wait")
    call(*control, "--options", options, "start")
    yield f"postgresql://overhaul@/{{database}}?host={folder}"
    call(*control, "--mode", "immediate", "stop")


@pytest.fixture
def postgresql_url(postgresql_server: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    from sqlalchemy import create_engine, text

    name = f"test_{abs(hash(request.node.nodeid))}"
    address = postgresql_server.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address.format(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return postgresql_server.format(database=name)
