"""The commits from a run's base to a head that a person has made: read, and refused where they do not fit."""

from __future__ import annotations

from dataclasses import dataclass

import git

from overhaul.flows.errors import HandoffError
from overhaul.flows.mirror import Mirror


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with the person who made it and the files that it changes."""

    commit: str
    author: str
    files: list[str]


def commits_since(mirror: Mirror, base: str, head: str) -> list[Commit]:
    """The commits after base, oldest first.

    Raises HandoffError if base is not among the head's ancestors, if there are merges, or if nothing is changed.
    """
    if not is_ancestor(mirror, base, head):
        raise HandoffError(
            f"commit {head[:12]} does not descend from {base[:12]}, from which the run started: it belongs to another"
            f" history. Put your commits on the run's: git rebase --onto {base[:12]} UPSTREAM"
        )
    if merges := mirror.text("rev-list", "--merges", f"{base}..{head}").split():
        raise HandoffError(
            f"commit {merges[0][:12]} is a merge, and a change is one line of commits."
            f" Straighten it: git rebase {base[:12]}"
        )
    if mirror.tree_of(base) == mirror.tree_of(head):
        raise HandoffError(
            f"at {head[:12]} no file differs from the run's base: there is nothing to publish."
            " If that is what you want: overhaul reject RUN --comment TEXT"
        )
    found, parent = [], base
    # Not splitlines: names may hold characters that it takes for line ends.
    for line in mirror.text("log", "--reverse", "--format=%H %an", f"{base}..{head}").split("\n"):
        commit, _, author = line.partition(" ")
        found.append(Commit(commit, author, [each.path for each in mirror.changes(parent, commit)]))
        parent = commit
    return found


def is_ancestor(mirror: Mirror, commit: str, head: str) -> bool:
    """Whether a commit is among another's ancestors, or the same."""
    try:
        mirror.git("merge-base", "--is-ancestor", commit, head)
    except git.GitCommandError:
        return False
    return True
