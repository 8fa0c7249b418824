"""The rules of `refactors.reviewing` on two commits of a mirror."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from overhaul.flows.changed_sides import changed_sides
from overhaul.flows.mirror import Mirror
from overhaul.flows.progress import tell
from overhaul.flows.settings import Settings
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.index import Index
from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.changed_lines import ChangedLines
from overhaul.refactors.reviewing.rules import proved_findings
from overhaul.refactors.reviewing.trees import Trees, TreeSide


@contextmanager
def trees_of(mirror: Mirror, base: str, head: str, lines: ChangedLines) -> Iterator[tuple[Trees, Index]]:
    """Both trees as the rules take them, with the index that remembers what was read."""
    with (
        CommitTree(mirror.folder, base) as before,
        CommitTree(mirror.folder, head) as after,
        Index(Settings.from_environment().facts_index) as index,
    ):
        yield Trees(TreeSide(before, index, tell), TreeSide(after, index, tell), lines), index


def findings_by_rule(mirror: Mirror, base: str, head: str) -> list[Finding]:
    """Return what is proved of the change between two commits."""
    with trees_of(mirror, base, head, changed_sides(mirror.diff(base, head))) as (trees, _):
        return proved_findings(trees)
