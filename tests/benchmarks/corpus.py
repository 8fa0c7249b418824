"""The code that the benchmark works on: the sdist of Django 5.2, whole and its package alone, as git repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

SDIST = "Django==5.2"
_IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0")


@dataclass(frozen=True)
class Corpus:
    """One repository, which is restored before every run."""

    name: str
    folder: Path

    @property
    def size(self) -> tuple[int, int]:
        """Python files and their lines."""
        files = [path for path in self.folder.rglob("*.py") if path.is_file()]
        return len(files), sum(path.read_bytes().count(b"\n") for path in files)

    def restore(self) -> Path:
        """Return the folder as it was committed; only what a run changed is written again."""
        subprocess.run(["git", "reset", "-q", "--hard"], cwd=self.folder, check=True)
        subprocess.run(["git", "clean", "-fdxq"], cwd=self.folder, check=True)
        return self.folder


def cache_folder() -> Path:
    """Return where downloads are kept: BENCH_CACHE, or the platform's cache folder."""
    given = os.environ.get("BENCH_CACHE")
    folder = Path(given) if given else Path(platformdirs.user_cache_dir("overhaul-bench"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def prepare(work: Path) -> dict[str, Corpus]:
    """Download and unpack the sdist, and make the two repositories."""
    with tarfile.open(_download(cache_folder())) as archive:
        archive.extractall(work, filter="data")
    unpacked = next(
        path for path in work.iterdir() if path.is_dir() and path.name.lower().startswith("django-")
    )
    whole = unpacked.rename(work / "whole")
    package = work / "package"
    package.mkdir()
    shutil.copytree(whole / "django", package / "django")
    for folder in (whole, package):
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        subprocess.run(["git", "add", "-A", "-f"], cwd=folder, check=True)
        subprocess.run(["git", *_IDENTITY, "commit", "-q", "-m", "base"], cwd=folder, check=True)
    return {
        "whole": Corpus("all of Django", whole),
        "package": Corpus("django/ alone", package),
    }


def _download(folder: Path) -> Path:
    found = sorted(folder.glob("[Dd]jango-5.2.tar.gz"))
    if not found:
        tool = Path(sys.executable).with_name("uv")
        runner = [str(tool), "tool", "run", "pip"] if tool.exists() else [sys.executable, "-m", "pip"]
        arguments = ["download", "--no-deps", "--no-binary", ":all:", "-d", str(folder), SDIST]
        subprocess.run([*runner, *arguments], check=True, stdout=sys.stderr)
        found = sorted(folder.glob("[Dd]jango-5.2.tar.gz"))
    return found[0]


def changed_files(folder: Path) -> dict[str, bytes]:
    """Return the files that differ from the base commit, with their contents."""
    listed = subprocess.run(
        ["git", "diff", "--name-only", "-z", "HEAD", "--"], cwd=folder, check=True, capture_output=True
    ).stdout
    paths = [os.fsdecode(path) for path in listed.split(b"\0") if path]
    return {path: (folder / path).read_bytes() for path in paths if (folder / path).exists()}


def changed_lines(folder: Path) -> int:
    """Return how many lines were added since the base commit."""
    numbers = subprocess.run(
        ["git", "diff", "--numstat", "HEAD", "--"], cwd=folder, check=True, capture_output=True, text=True
    ).stdout
    return sum(int(line.split("\t")[0]) for line in numbers.splitlines() if line[0].isdigit())
