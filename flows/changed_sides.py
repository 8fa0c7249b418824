"""The changed lines of both sides of a diff between two commits, for a review."""

from __future__ import annotations

from overhaul.flows.views.patch import FilePatch, read_patch
from overhaul.refactors.reviewing.changed_lines import ChangedLines


def changed_sides(patch: bytes | list[FilePatch]) -> ChangedLines:
    """Read what `git diff` prints, with context or without, or take it as it was read."""
    files = read_patch(patch) if isinstance(patch, bytes) else patch
    head: dict[str, frozenset[int]] = {}
    base: dict[str, frozenset[int]] = {}
    old_paths: dict[str, str] = {}
    gone: set[str] = set()
    for file in files:
        rows = [row for hunk in file.hunks for row in hunk.rows if not row.same]
        if file.status != "deleted":
            head[file.new_path] = frozenset(row.new.number for row in rows if row.new)
        if file.status != "new":
            base[file.old_path] = frozenset(row.old.number for row in rows if row.old)
        if file.status in {"changed", "renamed", "copied"}:
            old_paths[file.new_path] = file.old_path
        if file.status in {"deleted", "renamed"}:
            gone.add(file.old_path)
    return ChangedLines(head, base, old_paths, frozenset(gone))
