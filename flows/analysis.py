"""Analyse a commit in the mirror: edits are stored there as blobs, so that results carry only their ids."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from overhaul import refactors, sandbox
from overhaul.flows import distilled_recipe, foreign
from overhaul.flows.changed_lines import changed_lines
from overhaul.flows.mirror import FileChange, Mirror
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.flows.settings import Settings
from overhaul.refactors.analysis import analyse
from overhaul.refactors.combined_tree import CombinedTree, own_part
from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.errors import RefactorError, SymbolNotFound
from overhaul.refactors.graph.reach import reached_tests
from overhaul.refactors.graph.repository import RepositoryGraph, import_dependencies
from overhaul.refactors.index import Index
from overhaul.refactors.plan import Plan, make_plan
from overhaul.refactors.recipe import Analysis, Edit, Failure, Site


@dataclass(frozen=True, slots=True)
class AnalysisRecord:
    """An analysis as a step's result.

    `sites` is the blob of all sites as JSON, `log` that of what tools have said; `not_found` a symbol's absence.
    """

    files_scanned: int
    resolved: int
    unresolved: int
    sites: str
    edits: list[dict[str, Any]]
    failures: list[dict[str, str]]
    submodules: list[str]
    large_file_pointers: list[str]
    renamed: dict[str, str] = field(default_factory=dict)
    not_found: str = ""
    log: str = ""

    def changes(self, paths: set[str] | None = None) -> list[FileChange]:
        """The edits (of these paths, or all) as changes of a tree."""
        return [
            FileChange(
                edit["new_path"] or edit["path"], edit["blob"], edit["path"] if edit["new_path"] else None
            )
            for edit in self.edits
            if paths is None or edit["path"] in paths
        ]

    def without(self, paths: Collection[str]) -> AnalysisRecord:
        """The same but for the edits of some files, whose sites stay as they are."""
        kept = [edit for edit in self.edits if edit["path"] not in paths]
        left = sum(edit["sites"] for edit in self.edits if edit["path"] in paths)
        return replace(self, edits=kept, resolved=self.resolved - left)

    def formatted(self, blobs: Mapping[str, str]) -> AnalysisRecord:
        """The same edits with these contents, by the paths at head."""
        edits = [
            {**edit, "blob": edit["blob"] and blobs.get(edit["new_path"] or edit["path"], edit["blob"])}
            for edit in self.edits
        ]
        return replace(self, edits=edits)


def analyse_commit(
    mirror: Mirror,
    commit: str,
    recipe_id: str,
    parameters: Mapping[str, Any],
    beside: Mapping[str, tuple[Mirror, str]] | None = None,
) -> AnalysisRecord:
    """Run a recipe over a commit. Raises RefactorError for what a user got wrong.

    `beside` are commits of libraries that are only looked at, to prove what the repository uses of them.
    A symbol that is not there is a value, not an error: over many repositories most do not know it.
    """
    recipe = find_recipe(recipe_id).bind(parameters)
    with ExitStack() as stack:
        tree = stack.enter_context(CommitTree(mirror.folder, commit))
        libraries = {
            name: stack.enter_context(CommitTree(library.folder, at))
            for name, (library, at) in (beside or {}).items()
        }
        submodules, pointers = list(tree.submodules), list(tree.large_file_pointers)
        try:
            analysis = own_part(analyse(recipe, CombinedTree(tree, libraries) if libraries else tree))
        except SymbolNotFound as error:
            return AnalysisRecord(
                0, 0, 0, mirror.blob_of(b"[]"), [], [], submodules, pointers, not_found=str(error)
            )
    _refuse_undecodable_names(analysis)
    contents = iter(mirror.write_blobs([edit.content for edit in analysis.edits if not edit.is_removal]))
    blobs = ["" if edit.is_removal else next(contents) for edit in analysis.edits]
    sites = json.dumps([asdict(site) for site in analysis.sites]).encode()
    return AnalysisRecord(
        files_scanned=analysis.files_scanned,
        resolved=analysis.resolved,
        unresolved=analysis.unresolved,
        sites=mirror.blob_of(sites),
        edits=[
            {
                "path": edit.path,
                "new_path": edit.new_path,
                "blob": blob,
                "sites": edit.sites,
                "old_hash": edit.old_hash,
            }
            for edit, blob in zip(analysis.edits, blobs, strict=True)
        ],
        failures=[asdict(failure) for failure in analysis.failures],
        submodules=submodules,
        large_file_pointers=pointers,
        log=mirror.blob_of(analysis.log.encode(errors="replace")) if analysis.log else "",
        renamed={
            **analysis.renamed,
            **{edit.path: edit.new_path for edit in analysis.edits if edit.new_path},
        },
    )


def _refuse_undecodable_names(analysis: Analysis) -> None:
    """A name that is not UTF-8 fits into no JSON: the run's records could not hold it."""
    named = {edit.path for edit in analysis.edits} | {site.path for site in analysis.sites}
    named |= {failure.path for failure in analysis.failures}
    for path in sorted(named):
        if any("\udc80" <= character <= "\udcff" for character in path):
            raise RefactorError(
                f"the file name {on_one_line(path)} is not UTF-8, which a run cannot record."
                " Rename the file, or edit the tree in place with: overhaul apply"
            )


def restore(
    mirror: Mirror, record: AnalysisRecord, recipe_id: str, parameters: Mapping[str, Any]
) -> Analysis:
    """The analysis behind a record, with its sites and edits read from the mirror."""
    contents = iter(mirror.read_blobs([edit["blob"] for edit in record.edits if edit["blob"]]))
    return Analysis(
        recipe=recipe_id,
        parameters=parameters,
        files_scanned=record.files_scanned,
        sites=read_sites(mirror, record),
        edits=[
            Edit(
                edit["path"],
                edit["old_hash"],
                next(contents) if edit["blob"] else b"",
                edit["sites"],
                edit["new_path"],
                is_removal=not edit["blob"],
            )
            for edit in record.edits
        ],
        failures=[Failure(**failure) for failure in record.failures],
    )


def read_sites(mirror: Mirror, record: AnalysisRecord) -> list[Site]:
    return [Site(**site) for site in json.loads(mirror.read_blob(record.sites))]


def edited_sites(mirror: Mirror, sites: Sequence[Site], base: str, since: tuple[str, str]) -> list[Site]:
    """The sites whose lines (at base) differ at the second of two commits `since`, but not yet at the first."""
    earlier, head = (changed_lines(mirror, commit, base) for commit in since)
    return [
        site
        for site in sites
        if site.line in head.get(site.path, ()) and site.line not in earlier.get(site.path, ())
    ]


def no_analysis(mirror: Mirror) -> AnalysisRecord:
    """The analysis of a prompt: a model finds its own sites."""
    return AnalysisRecord(0, 0, 0, mirror.blob_of(b"[]"), [], [], [], [])


def plan_edits(
    mirror: Mirror,
    commit: str,
    record: AnalysisRecord,
    recipe_id: str,
    parameters: Mapping[str, Any],
    max_files: int,
) -> Plan:
    """Plan the batches of an analysis of a commit, and say what is unsupported."""
    independent = find_recipe(recipe_id).bind(parameters).independent_edits
    dependencies = None
    if independent and len(record.edits) > 1:
        dependencies = dependencies_of(mirror, commit)
    return make_plan(
        restore(mirror, record, recipe_id, parameters),
        independent_edits=independent,
        max_files=max_files,
        dependencies=dependencies,
        submodules=record.submodules,
        large_file_pointers=record.large_file_pointers,
    )


def dependencies_of(mirror: Mirror, commit: str) -> Mapping[str, Collection[str]]:
    """Return for each file of a commit the files that it imports when it is loaded."""
    settings = Settings.from_environment()
    with Index(settings.facts_index) as index, CommitTree(mirror.folder, commit) as tree:
        return import_dependencies(RepositoryGraph(tree, index).imports)


def impacted_tests(mirror: Mirror, commit: str, changed: Collection[str]) -> list[str]:
    """Return the test files of a commit that changed files reach by imports, the nearest first."""
    settings = Settings.from_environment()
    with Index(settings.facts_index) as index, CommitTree(mirror.folder, commit) as tree:
        return reached_tests(RepositoryGraph(tree, index).imports, changed)


@cache
def engine_version() -> str:
    """A hash of the refactoring code itself: a cached analysis is only as good as what made it.

    Recipes of others and distilled ones are run by `foreign` and `sandbox`.
    """
    digest = hashlib.sha256(Path(distilled_recipe.__file__).read_bytes())
    for folder in (*refactors.__path__, *foreign.__path__, *sandbox.__path__):
        code, composites = Path(folder).rglob("*.py"), Path(folder).rglob("*.yaml")
        for path in sorted([*code, *composites]):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
