"""A PostgreSQL server for the tests that want one."""

from __future__ import annotations

<<<<<<< HEAD
=======
import os
import shutil
import subprocess
import tempfile
>>>>>>> main
from collections.abc import Iterator

import pytest

from tests.flows.postgresql import make_database, postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a server of its own, over a socket in its folder, without the name of a database."""
<<<<<<< HEAD
    with postgresql(tmp_path_factory.mktemp("postgresql")) as address:
        yield address
=======
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
>>>>>>> main


@pytest.fixture
def postgresql_url(postgresql_server: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    return make_database(postgresql_server, f"test_{abs(hash(request.node.nodeid))}")
