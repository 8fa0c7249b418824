"""What is reviewed: a branch, a pull request, a commit, a run or a file with a diff, as two commits of a mirror."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import git

from overhaul.flows.errors import NoBase, UnknownTarget
from overhaul.flows.forges.choose import forge_of
from overhaul.flows.hardened_git import first_lines, run_git, said_by
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.results import RunResult
from overhaul.flows.settings import Settings
from overhaul.flows.worktree import changed_files, locate
from overhaul.refactors.errors import did_you_mean

DIFF_SUFFIXES = (".diff", ".patch")
# A fixed time: the same files make the same commit. Git takes no time before 100,000,000 s for sure.
REVIEWER = Author("overhaul", "overhaul@localhost", 946_684_800)
_USUAL_BASES = ("main", "master", "trunk", "develop")
_REVISION = re.compile(r"([^~^]+)((?:~\d*|\^\d?)*)")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class ReviewTarget:
    """Two commits in the mirror of a repository. `branch` is "" for what is on none; `notes` are for the person."""

    repository: str
    base: str
    head: str
    title: str
    branch: str = ""
    notes: tuple[str, ...] = ()

    @property
    def mirror(self) -> Mirror:
        return Mirror.of(self.repository, Settings.from_environment().mirrors)


def find_target(what: str | None, repository: str, base: str | None) -> ReviewTarget:
    """Find what is meant, fetching first. Raises UnknownTarget for what may be a run, RepositoryError."""
    source = locate(repository)
    mirror = Mirror.of(source, Settings.from_environment().mirrors)
    default = _fetched(mirror)
    if what is not None and what.endswith(DIFF_SUFFIXES) and Path(what).is_file():
        return _of_diff(mirror, Path(what), base or _current_branch(source) or default)
    branch = what or _current_branch(source)
    if branch is None:
        raise UnknownTarget(
            f"no branch of {source} is checked out. Name what to review: overhaul review BRANCH"
        )
    notes = () if what else _uncommitted(source, mirror)
    head = _branch_head(mirror, branch)
    if head is None:
        with forge_of(source) as (forge, _):
            pull_request = forge.named(source, branch)
        if pull_request is not None:
            branch = pull_request.branch
            base = base or pull_request.base_branch
            head = _branch_head(mirror, branch)
            if head is None:
                raise UnknownTarget(f"the branch {branch} of pull request {what} is gone from {source}.")
    if head is not None:
        against = base or _base_for(mirror, branch, _default_branch(source, default))
        start = _fork_point(mirror, _resolved(mirror, against), head)
        return ReviewTarget(source, start, head, f"{branch} against {against}", branch, notes)
    if _COMMIT.fullmatch(branch) and (commit := _parsed(mirror, branch)):
        parent = _resolved(mirror, base) if base else _parsed(mirror, f"{commit}^")
        if parent is None:
            raise NoBase(f"commit {branch} has no parent to compare it with. Name one with --base.")
        return ReviewTarget(source, parent, commit, f"commit {commit[:12]}")
    raise UnknownTarget(_nothing_called(mirror, branch))


def target_of_run(result: RunResult) -> ReviewTarget:
    """What a run has committed, against where it started. Raises UnknownTarget."""
    if not result.head or not result.base:
        raise UnknownTarget(
            f"run {result.run_id[:8]} ({result.status}) has committed nothing to review yet."
            f" See: overhaul show {result.run_id[:8]}"
        )
    title = f"run {result.run_id[:8]}"
    return ReviewTarget(result.repository, result.base, result.head, title, result.branch or "")


def _fetched(mirror: Mirror) -> str | None:
    """Bring the mirror up to date; return the default branch, None if HEAD is on none."""
    try:
        return mirror.fetch(None).branch
    except NoBase:
        if not _branches(mirror):
            raise
        return None


def _branches(mirror: Mirror) -> list[str]:
    return mirror.text("for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin").split()


def _parsed(mirror: Mirror, revision: str) -> str | None:
    try:
        return mirror.text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except git.GitCommandError:
        return None


def _branch_head(mirror: Mirror, branch: str) -> str | None:
    return _parsed(mirror, f"refs/remotes/origin/{branch}") if branch in _branches(mirror) else None


def _resolved(mirror: Mirror, name: str) -> str:
    """The commit of a branch or commit, also with `~2` or `^` behind it. Raises NoBase."""
    match = _REVISION.fullmatch(name)
    if match is not None:
        start = _branch_head(mirror, match[1]) or (match[1] if _COMMIT.fullmatch(match[1]) else None)
        commit = _parsed(mirror, start + match[2]) if start else None
        if commit is not None:
            return commit
    raise NoBase(
        f"{mirror.source} has no branch or commit '{name}'. It has: {', '.join(_branches(mirror)[:8])}"
    )


def _fork_point(mirror: Mirror, base: str, head: str) -> str:
    """Where the head left the base: what happened on the base since is no part of the change."""
    try:
        return mirror.text("merge-base", base, head)
    except git.GitCommandError:
        return base


def _base_for(mirror: Mirror, branch: str, default: str | None) -> str:
    """The branch that one is compared with if nobody says: the default one, or a usual name."""
    branches = _branches(mirror)
    for name in (default, *_USUAL_BASES):
        if name is not None and name in branches and name != branch:
            return name
    raise NoBase(
        f"what {branch} is to be compared with is unknown. Name a branch or commit: --base {branch}~1"
    )


def _default_branch(source: str, head: str | None) -> str | None:
    """The branch that others are made from. In a work tree that is not the one that HEAD names, but its origin's."""
    if _current_branch(source) is None or _is_bare(source):
        return head
    try:
        remote = run_git(["-C", source, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"])
    except git.GitCommandError:
        return None
    return remote.decode().strip().removeprefix("origin/")


def _is_bare(source: str) -> bool:
    return run_git(["-C", source, "rev-parse", "--is-bare-repository"]).decode().strip() == "true"


def _current_branch(source: str) -> str | None:
    if "://" in source or not Path(source).is_dir():
        return None
    try:
        return run_git(["-C", source, "symbolic-ref", "--quiet", "--short", "HEAD"]).decode().strip() or None
    except git.GitCommandError:
        return None


def _uncommitted(source: str, mirror: Mirror) -> tuple[str, ...]:
    changed = changed_files(source, mirror)
    if not changed:
        return ()
    names = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
    return (f"uncommitted changes are not reviewed: {names}",)


def _of_diff(mirror: Mirror, path: Path, base: str | None) -> ReviewTarget:
    if base is None:
        raise NoBase(f"what {path} applies to is unknown. Name a branch or commit with --base.")
    start = _resolved(mirror, base)
    with tempfile.TemporaryDirectory(dir=mirror.folder) as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        try:
            mirror.git("read-tree", start, environment=index)
            mirror.git(
                "apply", "--cached", "--whitespace=nowarn", "-", stdin=path.read_bytes(), environment=index
            )
            tree = mirror.git("write-tree", environment=index).decode().strip()
        except git.GitCommandError as error:
            raise UnknownTarget(
                f"{path} does not apply to {base}: {first_lines(said_by(error))}."
                " Name the branch or commit that it was made from with --base."
            ) from error
    head = mirror.commit_tree(tree, start, path.name, REVIEWER)
    return ReviewTarget(mirror.source, start, head, f"{path} on {base}")


def _nothing_called(mirror: Mirror, what: str) -> str:
    branches = _branches(mirror)
    return (
        f"nothing to review is called '{what}': {mirror.source} has no such branch, pull request or commit, there is no"
        f" such run, and no file with a diff.{did_you_mean(what, branches)} Branches: {', '.join(branches[:8])}"
    )
