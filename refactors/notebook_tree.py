"""A tree in which notebooks are Python and Markdown files, so that every recipe reads and edits their cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from overhaul.refactors.links import HasLinks, Link
from overhaul.refactors.notebooks import CellKind, NotANotebook, Notebook
from overhaul.refactors.recipe import Analysis, Edit, Failure, Site, content_hash
from overhaul.refactors.source import Tree

SUFFIX = ".ipynb"
_KINDS: dict[str, CellKind] = {".py": "code", ".md": "markdown"}


class NotebookTree:
    """The files of a tree; `a.ipynb` is `a.ipynb.py` (its code cells) and `a.ipynb.md` (its Markdown cells).

    A notebook that cannot be read, or whose place is taken by a real file, stays what it is, and is in `failures`.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._taken = frozenset(tree.paths())
        self._notebooks: dict[str, Notebook] = {}
        self.failures: list[Failure] = []
        self._shown: dict[str, tuple[str, CellKind]] = {}
        for path in tree.paths():
            if path.endswith(SUFFIX):
                self._open(path)
        self._paths = sorted(
            [path for path in self._taken if path not in self._notebooks] + list(self._shown)
        )

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        if path in self._shown:
            name, kind = self._shown[path]
            return self._notebooks[name].text(kind).encode()
        return self._tree.read(path)

    def links(self) -> Sequence[Link]:
        return self._tree.links() if isinstance(self._tree, HasLinks) else ()

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        endings = tuple(suffixes)
        found = [path for path in self._tree.containing(words, suffixes) if path not in self._notebooks]
        plain = [word.encode() for word in words]
        found += [
            path
            for path in self._shown
            if path.endswith(endings) and any(word in self.read(path) for word in plain)
        ]
        return sorted(found)

    def translated(self, analysis: Analysis) -> Analysis:
        """Return an analysis of this tree as one of the tree with the notebooks themselves."""
        failures = [self._named(failure) for failure in analysis.failures] + self.failures
        texts: dict[str, dict[CellKind, str]] = {}
        counts: dict[str, int] = {}
        moves: dict[str, str] = {}
        edits = []
        for edit in analysis.edits:
            if edit.path in self._shown:
                name, kind = self._shown[edit.path]
                texts.setdefault(name, {})[kind] = edit.content.decode()
                counts[name] = counts.get(name, 0) + edit.sites
                if edit.new_path:
                    moves[name] = edit.new_path[: len(name) - len(edit.path)]
            else:
                edits.append(edit)
        refused: dict[str, str] = {}
        for name, changed in texts.items():
            try:
                content = self._notebooks[name].edited(changed)
            except NotANotebook as error:
                refused[name] = str(error)
            else:
                old_hash = content_hash(self._tree.read(name))
                edits.append(Edit(name, old_hash, content, counts[name], moves.get(name)))
        return replace(
            analysis,
            sites=sorted(
                (self._site(site, refused) for site in analysis.sites),
                key=lambda site: (site.path, site.line, site.column, site.status),
            ),
            edits=sorted(edits, key=lambda edit: edit.path),
            failures=sorted(failures, key=lambda failure: failure.path),
        )

    def _open(self, path: str) -> None:
        shown = {path + ending: (path, kind) for ending, kind in _KINDS.items()}
        try:
            if not self._taken.isdisjoint(shown):
                raise NotANotebook("a file of the notebook's name and .py or .md stands beside it")
            notebook = Notebook(self._tree.read(path))
        except NotANotebook as error:
            self.failures.append(Failure(path, str(error)))
            return
        except OSError as error:
            self.failures.append(Failure(path, f"cannot be read: {error.strerror or error}"))
            return
        self.failures += [Failure(path, f"cell {number} {error}") for number, error in notebook.unread]
        visible = {name: place for name, place in shown.items() if notebook.text(place[1])}
        if visible:
            self._notebooks[path] = notebook
            self._shown |= visible

    def _named(self, failure: Failure) -> Failure:
        return replace(failure, path=self._shown.get(failure.path, (failure.path,))[0])

    def _site(self, site: Site, refused: dict[str, str]) -> Site:
        if site.path not in self._shown:
            return site
        name, kind = self._shown[site.path]
        line, column, cell, inside = self._notebooks[name].place(kind, site.line, site.column)
        reason = f"{site.reason} (cell {cell}, line {inside})"
        moved = replace(site, path=name, line=line, column=column, reason=reason)
        if name in refused and site.status == "resolved":
            return replace(moved, status="unresolved", reason=f"{reason}; {refused[name]}")
        return moved
