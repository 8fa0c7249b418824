"""The code that the benchmark works on, as git repositories: Django, its package alone, 100 files, 10,000 files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import platformdirs

DJANGO, SQLALCHEMY, HOME_ASSISTANT = "Django==5.2", "SQLAlchemy==2.0.44", "homeassistant==2025.1.4"
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


def prepare(work: Path, wanted: Collection[str]) -> dict[str, Corpus]:
    """Download what is missing and make the repositories that are wanted, in `work`."""
    makers = {"whole": _whole, "package": _package, "hundred": _hundred, "ten thousand": _ten_thousand}
    titles = {
        "whole": "all of Django",
        "package": "django/ alone",
        "hundred": "100 files of Django",
        "ten thousand": "10,000 files (Django, SQLAlchemy, Home Assistant)",
    }
    found = {}
    for name in wanted:
        folder = work / name.replace(" ", "-")
        makers[name](folder)
        commit(folder)
        found[name] = Corpus(titles[name], folder)
    return found


def commit(folder: Path) -> None:
    """Make a repository of a folder."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A", "-f"], cwd=folder, check=True)
    subprocess.run(["git", *_IDENTITY, "commit", "-q", "-m", "base"], cwd=folder, check=True)


def _whole(folder: Path) -> None:
    _unpack(DJANGO, folder)


def _package(folder: Path) -> None:
    _unpack(DJANGO, folder / "sdist")
    (folder / "sdist/django").rename(folder / "django")
    shutil.rmtree(folder / "sdist")


def _hundred(folder: Path) -> None:
    _package(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    kept = [path for path in files if path.suffix == ".py" and "/conf/locale/" not in path.as_posix()]
    kept.sort(key=lambda path: path.parent.name != "utils")
    for path in {*files} - {*kept[:100]}:
        path.unlink()


def _ten_thousand(folder: Path) -> None:
    _unpack(DJANGO, folder / "django")
    _unpack(SQLALCHEMY, folder / "sqlalchemy")
    _unpack(HOME_ASSISTANT, folder / "homeassistant")


def _unpack(requirement: str, target: Path) -> None:
    """Unpack a source distribution, or a wheel without its translations, which are made and not written."""
    archive = _download(requirement)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(target, [name for name in wheel.namelist() if "/translations/" not in name])
        return
    aside = target.with_name(f"{target.name}-unpacked")
    with tarfile.open(archive) as sdist:
        sdist.extractall(aside, filter="data")
    (inside,) = aside.iterdir()
    inside.rename(target)
    aside.rmdir()


def _download(requirement: str) -> Path:
    folder = cache_folder()
    project, _, version = requirement.partition("==")
    pattern = f"{project.lower()}-{version}"
    found = [path for path in folder.iterdir() if path.name.lower().startswith(pattern)]
    if not found:
        tool = Path(sys.executable).with_name("uv")
        runner = [str(tool), "tool", "run", "pip"] if tool.exists() else [sys.executable, "-m", "pip"]
        # Home Assistant's wheel names the Python that it runs on, which matters to nobody here.
        kind = ["--only-binary", ":all:", "--python-version", "3.13"]
        form = kind if requirement == HOME_ASSISTANT else ["--no-binary", ":all:"]
        arguments = ["download", "--no-deps", *form, "-d", str(folder), requirement]
        subprocess.run([*runner, *arguments], check=True, stdout=sys.stderr)
        found = [path for path in folder.iterdir() if path.name.lower().startswith(pattern)]
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
