"""Steps taken one after the other over the edited tree, and what they found made into one analysis."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from overhaul.refactors.edited_tree import EditedTree
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.recipe import Analysis, Edit, Failure, Site, content_hash
from overhaul.refactors.recipes.composite.original_places import OriginalPlaces
from overhaul.refactors.recipes.composite.steps import BoundStep
from overhaul.refactors.source import Tree


@dataclass(slots=True)
class Combined:
    """What the steps so far have found in a tree and made of it. All paths and places are those of the tree."""

    tree: Tree
    sites: dict[Site, None] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    files_scanned: int = 0
    log: str = ""
    # The files that are not as the tree has them, by their paths now.
    _contents: dict[str, bytes] = field(default_factory=dict)
    _origins: dict[str, str | None] = field(default_factory=dict)
    # Files of the tree that go, by their paths in it.
    _gone: list[str] = field(default_factory=list)

    def take(self, step: BoundStep) -> None:
        """Take a step over what those before it have made."""
        made = step.recipe.analyse(EditedTree(self.tree, self._edits()))
        self.files_scanned = max(self.files_scanned, made.files_scanned)
        self._add_sites(step, made.sites)
        for failure in made.failures:
            self.failures.setdefault(
                self._origin(failure.path), dataclasses.replace(failure, path=self._origin(failure.path))
            )
        for old, new in self.renamed.items():
            self.renamed[old] = made.renamed.get(new, new)
        self.renamed.update(made.renamed)
        if made.log:
            self.log += f"# {step.label}\n{made.log}\n"
        self._apply(made.edits)

    def edits(self) -> list[Edit]:
        """Return one edit for each file that has become another. Raises RefactorError."""
        counts: dict[str, int] = {}
        for site in self.found():
            counts[site.path] = counts.get(site.path, 0) + (site.status == "resolved")
        edits = [dataclasses.replace(each, sites=counts.get(each.path, 0)) for each in self._edits()]
        return sorted(edits, key=lambda edit: edit.path)

    def found(self) -> list[Site]:
        """Return the sites: a place that one step leaves and another changes is changed, and what is undone is none."""
        changed = {edit.path for edit in self._edits()}
        resolved = {(site.path, site.line, site.column) for site in self.sites if site.status == "resolved"}
        kept = [
            site
            for site in self.sites
            if (
                site.path in changed
                if site.status == "resolved"
                else (site.path, site.line, site.column) not in resolved
            )
        ]
        return sorted(kept, key=lambda site: (site.path, site.line, site.column, site.status))

    def _add_sites(self, step: BoundStep, sites: Sequence[Site]) -> None:
        known = {(each.path, each.line, each.column, _without_step(each)) for each in self.sites}
        places: dict[str, OriginalPlaces] = {}
        for site in sites:
            path, line, column = self._origin(site.path), site.line, site.column
            if site.path in self._contents and self._origins[site.path] is not None:
                if site.path not in places:
                    places[site.path] = OriginalPlaces(self.tree.read(path), self._contents[site.path])
                line, column = places[site.path].original(line, column)
            placed = Site(path, line, column, site.symbol, site.status, f"{step.label}: {site.reason}")
            # What no step can read, each of them says.
            if site.status == "resolved" or (path, line, column, _without_step(placed)) not in known:
                self.sites[placed] = None

    def _apply(self, edits: Sequence[Edit]) -> None:
        origins = {edit.path: None if edit.is_new else self._origin_or_none(edit.path) for edit in edits}
        for edit in edits:
            self._contents.pop(edit.path, None)
            self._origins.pop(edit.path, None)
        for edit in edits:
            if edit.is_removal:
                self._gone += [origin for origin in [origins[edit.path]] if origin is not None]
                continue
            path = edit.new_path or edit.path
            self._contents[path], self._origins[path] = edit.content, origins[edit.path]

    def _edits(self) -> list[Edit]:
        found = [
            Edit(each, content_hash(self.tree.read(each)), b"", 0, is_removal=True) for each in self._gone
        ]
        for path, content in self._contents.items():
            origin = self._origins[path]
            if origin is None:
                found.append(Edit(path, None, content, 0))
                continue
            before = self.tree.read(origin)
            if content != before or path != origin:
                found.append(Edit(origin, content_hash(before), content, 0, None if path == origin else path))
        twice = {each.path for each in found if sum(other.path == each.path for other in found) > 1}
        if twice:
            raise RefactorError(
                f"one step moves {min(twice)} away and another makes a new file of that name."
                " Make two composites of it, one after the other"
            )
        return found

    def _origin_or_none(self, path: str) -> str | None:
        return self._origins[path] if path in self._contents else path

    def _origin(self, path: str) -> str:
        """Return the path that a file had in the tree; its own if a step has made it."""
        return self._origin_or_none(path) or path


def _without_step(site: Site) -> tuple[str, str]:
    return site.status, site.reason.partition(": ")[2]


def one_analysis(recipe_id: str, parameters: dict[str, object], combined: Combined) -> Analysis:
    """Return what was found as the analysis of one recipe."""
    return Analysis(
        recipe=recipe_id,
        parameters=parameters,
        files_scanned=combined.files_scanned,
        sites=combined.found(),
        edits=combined.edits(),
        failures=sorted(combined.failures.values(), key=lambda failure: failure.path),
        renamed=combined.renamed,
        log=combined.log,
    )
