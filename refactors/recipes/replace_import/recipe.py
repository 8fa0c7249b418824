"""The recipe itself: the edits of all files that import from the old place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError, SymbolNotFound
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Edit, Recipe, Site, content_hash, parameter
from overhaul.refactors.recipes.replace_import.cases import CASES
from overhaul.refactors.recipes.replace_import.circles import without_circles
from overhaul.refactors.recipes.replace_import.imports import FileImports, may_use
from overhaul.refactors.recipes.replace_import.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.replace_import.mentions import Mentions
from overhaul.refactors.recipes.replace_import.replacement import Replacement
from overhaul.refactors.references import module_part
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused, splice


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which imports to replace, by what."""

    old: str = parameter("the module, or name of one, as it is imported now: mock, collections.Mapping")
    new: str = parameter("the module or name that it is from now on: unittest.mock, collections.abc.Mapping")
    fallbacks: Literal["report", "collapse"] = parameter(
        "try: import of one place, except ImportError: of the other: report it, or make one import of the two",
        default="report",
    )
    docs: bool = parameter(
        "also edit the name in docstrings, .rst and .md files (otherwise it is reported)", default=False
    )
    strings: bool = parameter(
        "also edit the name in strings: mock.patch paths, import_module, entry points (otherwise reported)",
        default=False,
    )


class ReplaceImport(Recipe):
    id = "replace-import"
    summary = "Import a module or a name from another place everywhere, with its dotted uses"
    Parameters = Parameters
    independent_edits = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Import {self.parameters.new} in place of {self.parameters.old}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find every import that names the old place, or something of it, and what goes through such an import."""
        with collector_paused():
            project = Project(tree)
            replacement = self._replacement(project)
            rewrites = [
                rewrite
                for module in project.containing([replacement.old.partition(".")[0], *_leaf(replacement)])
                if (rewrite := self._rewritten(project, FileRewrite(project, module, replacement.old)))
            ]
            mentions = Mentions(project, replacement, self.parameters.docs, self.parameters.strings)
            mentions.find()
            rewrites = without_circles(project, rewrites)
            edits, sites = _edits(project, rewrites, mentions)
        if not sites and not project.failures:
            raise SymbolNotFound(f"nothing in the tree imports '{replacement.old}'")
        return self.analysis(project, sites, edits)

    def _replacement(self, project: Project) -> Replacement:
        old, new = self.parameters.old, self.parameters.new
        for name in (old, new):
            if not name or not all(part.isidentifier() for part in name.split(".")):
                raise ParameterError(
                    f"'{name}' is no dotted name. Write package.module or package.module.name"
                )
        replacement = Replacement(old, new)
        if old == new:
            raise ParameterError(f"'{old}' is imported as '{new}' already")
        _check_new(project, new)
        return replacement

    def _rewritten(self, project: Project, rewrite: FileRewrite) -> FileRewrite | None:
        replacement = Replacement(self.parameters.old, self.parameters.new)
        is_above = rewrite.module.name == replacement.new.rpartition(".")[0]
        if is_above and project.table.locate(replacement.new) is None:
            return None  # the new place itself may take it from wherever it wants
        own = replacement.counterpart(rewrite.module.name)
        FileImports(project, rewrite, replacement, self.parameters.fallbacks == "collapse").follow()
        try:
            rewrite.edit()
        except UnicodeEncodeError:
            encoding = rewrite.module.source.encoding
            return rewrite.withdrawn(
                f"the file's encoding, {encoding}, has not all characters of the new name"
            )
        if own == replacement.old or (own and may_use(rewrite.module, own)):
            return rewrite.withdrawn("the file is the new place itself, which cannot import from itself")
        return rewrite if rewrite.sites else None


def _leaf(replacement: Replacement) -> list[str]:
    return [replacement.old.rpartition(".")[2]]


def _check_new(project: Project, new: str) -> None:
    """Raise ParameterError if the new place should be in the tree and is not."""
    top = project.table.locate(new.partition(".")[0])
    if top is None or project.table.locate(new) is not None:
        return
    above = module_part(project, new)
    location = project.table.locate(above) if above else None
    rest = new[len(above or "") + 1 :].partition(".")[0]
    found = project.member(location, rest) if location is not None else None
    star = location is not None and any(each.bindings.star_imports for each in project.modules_at(location))
    if found is None and not star:
        raise ParameterError(f"the tree has no '{new}' to import. Make it first, or correct the name")


def _edits(
    project: Project, rewrites: list[FileRewrite], mentions: Mentions
) -> tuple[list[Edit], list[Site]]:
    edits: list[Edit] = []
    sites: list[Site] = []
    by_path = {each.module.path: each for each in rewrites}
    for path in mentions.replaced:
        module = project.module(path) if path.endswith((".py", ".pyi")) else None
        if module is not None and path not in by_path:
            by_path[path] = FileRewrite(project, module, mentions.replacement.old)
    for site in mentions.sites:
        rewrite = by_path.get(site.path)
        offset = rewrite.module.source.offset_of_character(site.line, site.column) if rewrite else None
        if rewrite is not None and offset is not None and (offset, "resolved") not in rewrite.sites:
            rewrite.sites[offset, site.status] = site
        elif rewrite is None:
            sites.append(site)
    for path, rewrite in by_path.items():
        rewrite.splices.update(mentions.replaced.get(path, {}))
        edit = rewrite.edit()
        if edit is not None:
            edits.append(edit)
        sites += rewrite.sites.values()
    for path, replaced in mentions.replaced.items():
        if path not in by_path:
            content = project.tree.read(path)
            new = splice(content, [(*span, text) for span, text in replaced.items()], "utf-8")
            edits.append(Edit(path, content_hash(content), new, len(replaced)))
    return edits, sites
