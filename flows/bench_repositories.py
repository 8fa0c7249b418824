"""The repository of one instance: its base commit's files as the only commit there is.

What came after the base commit, the fix among it, is not in it, and no run pushes to where it is from.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import git

from overhaul.flows.bench_instances import Instance
from overhaul.flows.errors import BenchError, NotARepository
from overhaul.flows.hardened_git import (
    NO_OUTSIDE_CONFIGURATION,
    UPLOAD_PACK,
    first_lines,
    run_git,
    said_by,
)
from overhaul.flows.worktree import locate

BRANCH = "main"
_HOSTED = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
# A fixed time and name: the same files make the same commit.
_WHO = {
    f"GIT_{role}_{what}": text
    for role in ("AUTHOR", "COMMITTER")
    for what, text in (("NAME", "overhaul"), ("EMAIL", "overhaul@localhost"), ("DATE", "946684800 +0000"))
}


def find_source(repo: str, beside: Path, repositories: Path | None) -> str:
    """Where `repo` of an instance is: `owner/name` below `repositories`, a path (from `beside`), an address, or GitHub.

    Raises BenchError or NotARepository.
    """
    if repositories is not None and _HOSTED.fullmatch(repo):
        places = (repo, repo.replace("/", "__"), repo.rpartition("/")[2])
        for place in (f"{each}{end}" for each in places for end in ("", ".git")):
            if (repositories / place).is_dir():
                return locate(str(repositories / place))
        raise BenchError(
            f"{repositories} has no clone of {repo}. It takes one as {places[0]}, {places[1]} or {places[2]}."
        )
    folder = (beside / Path(repo).expanduser()).absolute()
    if folder.is_dir():
        return locate(str(folder))
    if _HOSTED.fullmatch(repo):
        return f"https://github.com/{repo}"
    return locate(repo)


def instance_repository(instance: Instance, source: str, folder: Path) -> str:
    """Make the repository in `folder`, or find it there; return its path. Raises BenchError."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", source.rstrip("/").rpartition("/")[2].removesuffix(".git"))
    place = folder / f"{name.strip('.-') or 'repository'}.git"
    if place.exists():
        return str(place)
    staging = folder / "fetched"
    shutil.rmtree(staging, ignore_errors=True)  # what a killed one has left
    folder.mkdir(parents=True, exist_ok=True)
    _own_git("init", "--quiet", "--bare", "--template=", "--initial-branch", BRANCH, "--", str(staging))
    try:
        _fetch(instance, source, staging)
    except NotARepository:
        shutil.rmtree(staging)
        raise
    tree = f"{instance.base_commit}^{{tree}}"
    message = f"The files of {instance.base_commit}"
    commit = _own_git("commit-tree", tree, "-m", message, git_dir=staging, environment=_WHO)
    for name in _own_git("for-each-ref", "--format=%(refname)", git_dir=staging).split():
        _own_git("update-ref", "-d", name, git_dir=staging)
    _own_git("update-ref", f"refs/heads/{BRANCH}", commit, git_dir=staging)
    staging.rename(place)
    return str(place)


def _fetch(instance: Instance, source: str, staging: Path) -> None:
    """Fetch the one commit, or everything from a repository that gives no single commits."""
    wanted = instance.base_commit
    try:
        _transfer(staging, source, "--depth=1", wanted)
    except NotARepository:
        _transfer(
            staging,
            source,
            "--update-shallow",
            "+refs/heads/*:refs/all/heads/*",
            "+refs/tags/*:refs/all/tags/*",
        )
    try:
        _own_git("cat-file", "-e", f"{wanted}^{{commit}}", git_dir=staging)
    except git.GitCommandError:
        raise NotARepository(
            f"{instance.id}: {source} has no commit {wanted}. Fetch it there, or name another with --repositories."
        ) from None


def _own_git(*arguments: str, git_dir: Path | None = None, environment: dict[str, str] | None = None) -> str:
    """Git in a repository of ours, blind to configuration outside it."""
    return (
        run_git(arguments, git_dir=git_dir, environment={**NO_OUTSIDE_CONFIGURATION, **(environment or {})})
        .decode()
        .strip()
    )


def _transfer(staging: Path, source: str, depth: str, *what: str) -> None:
    """The user's own git configuration counts here: it holds credentials and proxies."""
    try:
        run_git(["fetch", "--quiet", "--no-tags", depth, UPLOAD_PACK, "--", source, *what], git_dir=staging)
    except git.GitCommandError as error:
        raise NotARepository(
            f"git cannot read the repository {source}: {first_lines(said_by(error))}"
        ) from error
