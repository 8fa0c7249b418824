"""npm packages by name, in a cache folder: what the tests compare with and nobody here has written."""

from __future__ import annotations

import fcntl
import subprocess
import tarfile
from pathlib import Path

import platformdirs

EMULATOR = "emulate@0.12.2"
GRAPHQL_SCHEMA = "@octokit/graphql-schema@15.26.1"
DESCRIPTION = "@octokit/openapi@23.0.2"
FORGEJO_TYPES = "gitea-js@1.23.0"
GITLAB_TYPES = "@gitbeaker/core@43.8.0"
WEBHOOKS = "@octokit/webhooks-examples@7.6.1"
CACHE = platformdirs.user_cache_path("overhaul-tests", appauthor=False) / "npm"


def installed(package: str) -> Path:
    """The folder with an installed package in its node_modules; once per machine, whoever comes first."""
    folder = CACHE / package.replace("/", "-")
    with _alone(folder):
        if not (folder / "installed").exists():
            _npm(
                "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder), package, at=folder
            )
            (folder / "installed").touch()
    return folder / "node_modules"


def one_file(package: str, name: str) -> Path:
    """One file of a package that is too large to be installed for it."""
    folder = CACHE / package.replace("/", "-")
    wanted = folder / Path(name).name
    with _alone(folder):
        if not wanted.exists():
            _npm("pack", package, "--silent", "--pack-destination", str(folder), at=folder)
            (packed,) = folder.glob("*.tgz")
            with tarfile.open(packed) as archive:
                found = archive.extractfile(f"package/{name}")
                assert found is not None, name
                wanted.with_suffix(".part").write_bytes(found.read())
            wanted.with_suffix(".part").rename(wanted)
            packed.unlink()
    return wanted


class _alone:
    """Other workers wait meanwhile."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")

    def __enter__(self) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def _npm(*arguments: str, at: Path) -> None:
    done = subprocess.run(["npm", *arguments], cwd=at, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
