"""The sites and edits of a recipe that rewrites expressions and moves definitions, over all files of a tree."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from overhaul.refactors.errors import RefactorError
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, Site, content_hash
from overhaul.refactors.text import Splice, parse_source


@dataclass(slots=True)
class FileChange:
    """What happens to one file: `edits` may nest, `insertions` are whole lines put in between."""

    module: Module
    edits: NestedEdits
    insertions: list[tuple[int, str]] = field(default_factory=list)
    imports: list[Splice] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return bool(self.edits.done or self.insertions or self.imports)

    def content(self) -> bytes:
        """Return the file's new bytes. Raises UnicodeEncodeError."""
        source = self.module.source
        joined: dict[int, str] = {}
        for place, text in self.insertions:
            joined[place] = joined.get(place, "") + text
        insertions = [(place, place, text) for place, text in joined.items()]
        return source.splice([*self.edits.outermost(0, len(source.content)), *insertions, *self.imports])


@dataclass(slots=True)
class Changes:
    """Sites by place: one that is resolved stays so, whatever else is said of it."""

    project: Project
    symbol: str
    sites: dict[tuple[str, int, int], Site] = field(default_factory=dict)
    files: dict[str, FileChange] = field(default_factory=dict)

    def of(self, module: Module) -> FileChange:
        """Return the change of a file."""
        if module.path not in self.files:
            self.files[module.path] = FileChange(module, NestedEdits(module.source))
        return self.files[module.path]

    def resolve(self, module: Module, offset: int, reason: str) -> None:
        """Record a place that is changed."""
        line, column = module.source.position(offset)
        self.sites[module.path, line, column] = Site(
            module.path, line, column, self.symbol, "resolved", reason
        )

    def leave(self, module: Module, place: int | ast.expr | ast.stmt, reason: str) -> None:
        """Report a place that may mean the symbol, or does and cannot be changed."""
        offset = place if isinstance(place, int) else module.source.start(place)
        line, column = module.source.position(offset)
        self.add(Site(module.path, line, column, self.symbol, "unresolved", reason))

    def add(self, site: Site) -> None:
        """Take over an unresolved site, unless its place is resolved."""
        self.sites.setdefault((site.path, site.line, site.column), site)

    def all_sites(self) -> list[Site]:
        """Return every site, by path, line and column."""
        return sorted(self.sites.values(), key=lambda site: (site.path, site.line, site.column))

    def all_edits(self) -> list[Edit]:
        """Return the edits of all files. Raises RefactorError if one cannot be written or would not parse."""
        return [self._edit(each) for _, each in sorted(self.files.items()) if each.is_changed]

    def _edit(self, change: FileChange) -> Edit:
        path, source = change.module.path, change.module.source
        try:
            content = change.content()
        except UnicodeEncodeError:
            raise RefactorError(
                f"{path} is in {source.encoding}, which has not all characters of the new code;"
                " nothing was changed. Convert the file to UTF-8 first"
            ) from None
        parsed = parse_source(path, content)
        if isinstance(parsed, Failure):
            raise RefactorError(f"{path} would not parse when edited ({parsed.error}); nothing was changed")
        count = sum(site.path == path and site.status == "resolved" for site in self.sites.values())
        return Edit(path, content_hash(source.content), content, count)

    def analysis(self, recipe: Recipe) -> Analysis:
        """Return all of it as what a recipe found. Raises RefactorError as `all_edits` does."""
        return recipe.analysis(self.project, self.all_sites(), self.all_edits())
