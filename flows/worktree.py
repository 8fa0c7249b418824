"""Looking at a person's own work tree without letting its configuration run anything."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import git

from overhaul.flows.errors import NotARepository
from overhaul.flows.hardened_git import check_address, run_git
from overhaul.flows.mirror import Author, Mirror


def locate(repository: str) -> str:
    """Return the canonical source of a repository: the top folder of a path, or an address as it is.

    Raises NotARepository.
    """
    folder = Path(repository.removeprefix("file://")).expanduser().absolute()
    if not folder.is_dir():
        check_address(repository)
        if "://" in repository or ("@" in repository and ":" in repository):
            return repository
        raise NotARepository(
            f"there is no folder {repository}. Give the path or the address of a git repository."
        )
    try:
        bare = _ask(folder, "--is-bare-repository") == "true"
        top = _ask(folder, "--absolute-git-dir") if bare else _ask(folder, "--show-toplevel")
    except git.GitCommandError as error:
        if "dubious ownership" in str(error.stderr):
            raise NotARepository(
                f"{repository} belongs to another user, and git refuses to read it."
                f" If you trust it: git config --global --add safe.directory {folder}"
            ) from error
        raise NotARepository(
            f"{folder} is not a git repository. Name one, or make it one (git init && git add . && git commit);"
            " overhaul apply edits a folder without git."
        ) from error
    return top


def changed_files(source: str, mirror: Mirror) -> list[str]:
    """Return the tracked files of a local work tree that differ from its HEAD commit.

    Git runs with our own git directory and a copy of the index: neither the checkout's configuration nor that of
    a repository nested in it is read.
    """
    folder = Path(source)
    if "://" in source or not folder.is_dir() or _ask(folder, "--is-bare-repository") == "true":
        return []
    git_folder = Path(_ask(folder, "--absolute-git-dir"))
    common = (folder / _ask(folder, "--git-common-dir")).resolve()
    head = run_git(["-C", str(folder), "rev-parse", "--verify", "HEAD"]).decode().strip()
    with tempfile.TemporaryDirectory(dir=mirror.folder) as scratch:
        index = Path(scratch) / "index"
        if (git_folder / "index").exists():
            shutil.copyfile(git_folder / "index", index)
        environment = {
            "GIT_INDEX_FILE": str(index),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(common / "objects"),
        }
        options = ("-c", "core.fileMode=true", "--work-tree", str(folder))
        ignore = ("--ignore-submodules=all", "--name-only", "-z")
        # A touched file with the same content is no change; git says so by its exit code, which does not matter here.
        with contextlib.suppress(git.GitCommandError):
            mirror.git(
                *options, "update-index", "-q", "--ignore-submodules", "--refresh", environment=environment
            )
        staged = mirror.git(*options, "diff-index", "--cached", *ignore, head, environment=environment)
        unstaged = mirror.git(*options, "diff-files", *ignore, environment=environment)
    names = {os.fsdecode(name) for name in (staged + unstaged).split(b"\0") if name}
    return sorted(names)


def author_of(source: str, timestamp: int) -> Author:
    """Who commits: the repository's or the user's git identity, or our own name where there is none."""
    place = ["-C", source] if Path(source).is_dir() else []
    values = {}
    for key, fallback in (("user.name", "overhaul"), ("user.email", "overhaul@localhost")):
        try:
            values[key] = run_git([*place, "config", "--get", key]).decode().strip() or fallback
        except git.GitCommandError:
            values[key] = fallback
    return Author(values["user.name"], values["user.email"], timestamp)


def _ask(folder: Path, question: str) -> str:
    return run_git(["-C", str(folder), "rev-parse", question]).decode().strip()
