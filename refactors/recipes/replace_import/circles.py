"""Files of the tree that the new place imports itself: they cannot import from it while they are executed."""

from __future__ import annotations

from collections.abc import Sequence

from overhaul.refactors.edited_tree import EditedTree
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_cycles import ImportGraph
from overhaul.refactors.project import Project


def without_circles(project: Project, rewrites: Sequence[FileRewrite]) -> list[FileRewrite]:
    """Return the rewrites, with nothing but a report for those that would close a circle of imports."""
    before, left = ImportGraph(project), list(rewrites)
    while True:
        edits = [edit for each in left if (edit := each.edit()) is not None]
        after = ImportGraph(Project(EditedTree(project.tree, edits)))
        checked = [_without_circle(each, before, after) for each in left]
        if checked == left:
            return left
        left = checked  # an import that stays may close a circle for others


def _without_circle(rewrite: FileRewrite, before: ImportGraph, after: ImportGraph) -> FileRewrite:
    key = rewrite.module.key
    if not rewrite.is_changed or not rewrite.module.path.endswith(".py"):
        return rewrite
    taken = {source for source, _ in after.taken(key) - before.taken(key)} & after.imports(key)
    for imported in sorted(taken | (after.imports(key) - before.imports(key))):
        circle = after.circle(key, imported)
        if circle is not None:
            return rewrite.withdrawn(f"a circle of imports: {circle}")
    return rewrite
