"""One home and one background Prefect server for all flow tests of a session."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOCAL_STORAGE_PATH,
    PREFECT_LOGGING_LEVEL,
    temporary_settings,
)

from overhaul.flows import server
from overhaul.flows.settings import Settings
from tests.flows.repositories import commit_files, make_repository


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need a Prefect server are run together, with one server for all."""
    for item in items:
        if "home" in getattr(item, "fixturenames", ()):
            item.add_marker("server")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home of its own, with the server started in it and ended with the session."""
    settings = Settings(tmp_path_factory.mktemp("home"))
    server.ensure(settings, lambda _: None)
    yield settings
    server.stop(settings)


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        assert self.stdout, self.stderr
        return json.loads(self.stdout)


Overhaul = Callable[..., Done]


@pytest.fixture(scope="module")
def client(home: Settings) -> Iterator[SyncPrefectClient]:
    """This process as a client of the session's server."""
    running = server.ensure(home, lambda _: None)
    settings = {
        PREFECT_API_URL: running.api_url,
        PREFECT_API_AUTH_STRING: running.auth_string,
        PREFECT_LOCAL_STORAGE_PATH: home.home / "results",
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_LOGGING_LEVEL: "CRITICAL",
    }
    with temporary_settings(settings), get_client(sync_client=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def environment(home: Settings) -> dict[str, str]:
    """What a command of a user's sees."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
        "OVERHAUL_HOME": str(home.home)
    }


@pytest.fixture(scope="session")
def overhaul(environment: dict[str, str]) -> Overhaul:
    """Run the real command in a process of its own."""

    def run(*arguments: str | Path, cwd: Path | None = None, **more: str) -> Done:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("overhaul")), *map(str, arguments)],
            env=environment | more,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """The sample library as a repository."""
    return sample_repository("acme", tmp_path / "acme")


@pytest.fixture
def new_acme(acme: Path) -> Path:
    """The sample library with files that no other test has: none of its results is known yet."""
    commit_files(acme, {"unique.txt": str(acme)}, "like no other")
    return acme


def sample_repository(name: str, folder: Path) -> Path:
    sample = Path(str(files("overhaul.flows"))) / "samples" / name
    contents = {
        path.relative_to(sample).as_posix(): path.read_bytes()
        for path in sample.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return make_repository(folder, contents)


def rename(*, old: str = "acme.api.fetch_user", new: str = "get_user") -> Sequence[str]:
    """The arguments of a rename whose tests run with this interpreter."""
    return [
        "rename-symbol",
        "-p",
        f"old={old}",
        "-p",
        f"new={new}",
        "--sandbox",
        "process",
        "--python",
        sys.executable,
    ]
