"""A tree as it will be after some edits, to check them before anything is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from overhaul.refactors.links import HasLinks, Link
from overhaul.refactors.recipe import Edit
from overhaul.refactors.source import Tree
from overhaul.refactors.wide_files import has_word


class EditedTree:
    """The files of a tree with edits made."""

    def __init__(self, tree: Tree, edits: Sequence[Edit]) -> None:
        self._tree = tree
        self._edited = {edit.new_path or edit.path: edit.content for edit in edits if not edit.is_removal}
        self._gone = {edit.path for edit in edits} - set(self._edited)

    def paths(self) -> Sequence[str]:
        return sorted({*self._tree.paths(), *self._edited} - self._gone)

    def read(self, path: str) -> bytes:
        if path in self._gone:
            raise FileNotFoundError(path)
        return self._edited[path] if path in self._edited else self._tree.read(path)

    def links(self) -> Sequence[Link]:
        return self._tree.links() if isinstance(self._tree, HasLinks) else ()

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        found = set(self._tree.containing(words, suffixes)) - set(self._edited) - self._gone
        pattern = re.compile(
            "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words).encode() or b"(?!)"
        )
        found |= {
            path
            for path, content in self._edited.items()
            if path.endswith(tuple(suffixes)) and (pattern.search(content) or has_word(content, words))
        }
        return sorted(found)
