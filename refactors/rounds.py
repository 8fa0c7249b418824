"""Edits in rounds: what one removal leaves unused goes in the next; sites are told by their places in the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from overhaul.refactors.edited_tree import EditedTree
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit, Failure, Site, SiteStatus, content_hash
from overhaul.refactors.source import Tree
from overhaul.refactors.text import SourceText, Splice, parse_source

# (start and end in the content before, length of what is there instead), in order.
_Shift = list[tuple[int, int, int]]


@dataclass(slots=True)
class Rounds:
    """A tree that changes from round to round. `project` is that of the current one."""

    tree: Tree
    project: Project = field(init=False)
    first: Project = field(init=False)
    sites: dict[tuple[str, int, str], Site] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    _contents: dict[str, bytes] = field(default_factory=dict)
    _shifts: dict[str, list[_Shift]] = field(default_factory=dict)
    _originals: dict[str, SourceText] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.project = self.first = Project(self.tree)

    @property
    def changed(self) -> Sequence[str]:
        """The files that have been edited so far, sorted."""
        return sorted(self._contents)

    def note(self, module: Module, offset: int, symbol: str, status: SiteStatus, reason: str) -> None:
        """Add a site of the current round. One that is resolved stays so, whatever is said of its place later."""
        source, place = self._original(module), self._original_offset(module.path, offset)
        key = (module.path, place, symbol)
        known = self.sites.get(key)
        if known is not None and (known.status == "resolved" or status == "unresolved"):
            return
        line, column = source.position(place)
        self.sites[key] = Site(module.path, line, column, symbol, status, reason)

    def edit(self, module: Module, splices: Sequence[Splice]) -> bool:
        """Edit a file for the next round; False, and a failure, if that cannot be."""
        source = module.source
        try:
            content = source.splice(splices)
            sizes = [
                (start, end, len(text.encode(source.encoding))) for start, end, text in sorted(set(splices))
            ]
        except UnicodeEncodeError:
            self.failures[module.path] = Failure(
                module.path, f"its encoding, {source.encoding}, has not all characters"
            )
            return False
        parsed = parse_source(module.path, content)
        if isinstance(parsed, Failure):
            self.failures[module.path] = Failure(
                module.path, f"is left as it is, because the edited file {parsed.error}"
            )
            return False
        self._original(module)
        self._contents[module.path] = content
        self._shifts.setdefault(module.path, []).append(sizes)
        return True

    def advance(self) -> None:
        """Begin the next round."""
        self.project = Project(EditedTree(self.tree, self._edits({})))

    def edits(self) -> list[Edit]:
        """Return what has changed in each file, and how many resolved sites are in it."""
        counts: dict[str, int] = {}
        for site in dict.fromkeys(self.sites.values()):
            counts[site.path] = counts.get(site.path, 0) + (site.status == "resolved")
        return self._edits(counts)

    def _edits(self, counts: dict[str, int]) -> list[Edit]:
        return [
            Edit(path, content_hash(self._originals[path].content), content, counts.get(path, 0))
            for path, content in sorted(self._contents.items())
        ]

    def _original(self, module: Module) -> SourceText:
        return self._originals.setdefault(module.path, module.source)

    def _original_offset(self, path: str, offset: int) -> int:
        for shift in reversed(self._shifts.get(path, [])):
            moved = 0
            for start, end, size in shift:
                here = start + moved
                if offset < here:
                    break
                if offset < here + size:
                    offset = start + moved
                    break
                moved += size - (end - start)
            offset -= moved
        return offset
