"""No space left: a clear word, nothing lost, and the run goes on once there is room."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from overhaul.flows import server
from overhaul.flows.settings import Settings
from tests.flows.conftest import Overhaul, rename
from tests.flows.repositories import commit_files, git
from tests.flows.test_refactor_repository import only_run


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"needs to mount a small disk: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_run_on_a_full_disk_goes_on_when_there_is_room(
    small_disk: Path, overhaul: Overhaul, home: Settings, acme: Path
) -> None:
    commit_files(acme, {"data.bin": random.Random(1).randbytes(4 << 20)}, "too large for the disk")
    running = server.ensure(home, lambda _: None)
    elsewhere = {
        "OVERHAUL_HOME": str(small_disk / "home"),
        "PREFECT_API_URL": running.api_url,
        "PREFECT_API_AUTH_STRING": running.auth_string,
        "PREFECT_HOME": str(home.home / "prefect"),
        "PREFECT_LOCAL_STORAGE_PATH": str(home.home / "results"),
    }
    full = overhaul("run", *rename(), "--yes", "--json", acme, **elsewhere)
    assert (full.exit_code, only_run(full)["status"]) == (1, "failed"), full.stderr
    assert "no space left" in only_run(full)["message"]
    assert "overhaul/" not in git(acme, "branch", "--all")
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    resumed = overhaul("resume", only_run(full)["run_id"], "--json", **elsewhere)
    assert only_run(resumed)["status"] == "published", resumed.stderr
