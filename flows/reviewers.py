"""Who is asked to review a change: those that are named, and the owners of its files."""

from __future__ import annotations

from collections.abc import Sequence

from overhaul.flows.mirror import Mirror
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.graph.owners import Owners

OWNERS = "codeowners"


def reviewers_of(mirror: Mirror, base: str, head: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """The logins and teams of those wanted; `codeowners` are the owners, at the base, of the files that differ.

    Owners that are named by their mail addresses are left out: forges ask by login.
    """
    names: list[str] = []
    for name in wanted:
        names += _owners(mirror, base, head) if name.lower() == OWNERS else [name.removeprefix("@")]
    return tuple(dict.fromkeys(names))


def _owners(mirror: Mirror, base: str, head: str) -> list[str]:
    with CommitTree(mirror.folder, base) as tree:
        owners = Owners.of_tree(tree)
    found = (owner for change in mirror.changes(base, head) for owner in owners.of(change.path))
    return [owner.lstrip("@") for owner in found if owner.startswith("@")]
