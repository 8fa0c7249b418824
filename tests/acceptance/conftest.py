"""Real projects from the package index, as repositories of their own."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from tests.acceptance import checkouts
from tests.acceptance.rope_suite import ROPE, RopeCase, capture
from tests.flows.conftest import environment, home, overhaul

__all__ = ["environment", "home", "overhaul"]

Checkout = Callable[[str, str], Path]
CODEX = "@openai/codex@0.171.0"


@pytest.fixture(scope="session")
def sources() -> Path:
    """Where downloaded source distributions are kept from one session to the next."""
    folder = Path(os.environ.get("OVERHAUL_TEST_SOURCES") or platformdirs.user_cache_path("overhaul-tests"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def rope_cases(sources: Path) -> tuple[RopeCase, ...]:
    """Every refactoring of rope's own tests."""
    archive = sources / f"rope-{ROPE}.tar.gz"
    if not archive.exists():
        checkouts.download(f"rope=={ROPE}", sources)
    return capture(archive, sources)


@pytest.fixture(scope="session")
def codex(sources: Path) -> Path:
    """The program of the Codex CLI, installed once and kept."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip("Codex is compared on Linux, x86-64 and aarch64")
    npm = shutil.which("npm")
    if npm is None and os.environ.get("CI") == "true":
        pytest.fail("CI needs npm: apt-get install npm")
    if npm is None:
        pytest.skip("needs npm: apt-get install npm")
    folder = sources / "codex"
    program = folder / "node_modules/.bin/codex"
    folder.mkdir(exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder), CODEX]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{CODEX} cannot be installed: {done.stderr[-2000:]}"
    return program


@pytest.fixture(scope="session")
def checkout(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Give a project of the package index as a git repository with one commit, the same for all who ask."""
    top = tmp_path_factory.mktemp("projects")

    def make(project: str, version: str) -> Path:
        return checkouts.checkout(project, version, sources, top)

    return make
