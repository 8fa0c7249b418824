"""The recipe itself: each folder with a setup.py or setup.cfg is a project, which is moved as far as it can be."""

from __future__ import annotations

import dataclasses
import posixpath
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.declared_dependencies import OF_OTHERS
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, Site, parameter
from overhaul.refactors.recipes.migrate_config.cases import CASES
from overhaul.refactors.recipes.migrate_config.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.migrate_config.migration import Migration
from overhaul.refactors.recipes.migrate_config.project_files import ProjectFiles
from overhaul.refactors.source import Tree
from overhaul.refactors.text import lines_with

_NAMES = ("setup.py", "setup.cfg")
_NAMING = (
    ".py", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".sh", ".bat", ".ps1", ".mk", "Makefile", "Dockerfile",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameters:
    """How far it goes."""

    setup_py: Literal["remove", "shim"] = parameter(
        "what becomes of a setup.py of which all has moved: it goes, or only calls setup()", default="remove"
    )
    tools: bool = parameter("also the settings of pytest, coverage and isort in setup.cfg", default=False)
    obsolete: Literal["keep", "remove"] = parameter(
        "tests_require, test_suite and use_2to3, which setuptools does not read any more", default="keep"
    )


class MigrateConfig(Recipe):
    id = "migrate-config"
    summary = "Move setup.py and setup.cfg to pyproject.toml, as far as it is proved to say the same"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return "Move setup.py and setup.cfg to pyproject.toml"

    def analyse(self, tree: Tree) -> Analysis:
        """Move every project of the tree."""
        project = Project(tree)
        sites: list[Site] = []
        edits: list[Edit] = []
        failures: list[Failure] = []
        files_read = 0
        folders = dict.fromkeys(
            posixpath.dirname(path) for path in tree.paths() if posixpath.basename(path) in _NAMES
        )
        for folder in folders:
            files = ProjectFiles(tree, folder)
            names = [files.path(name) for name in _NAMES if files.has(name)]
            files_read += len(names)
            if OF_OTHERS.search(names[0]):
                reason = "by its folder it may be a fixture, or another project's"
                sites.append(Site(names[0], 1, 1, posixpath.basename(names[0]), "unresolved", reason))
                continue
            try:
                migration = Migration.of(project, files, self.parameters)
            except tomllib.TOMLDecodeError as error:
                failures.append(Failure(files.path("pyproject.toml"), f"is no TOML: {error}"))
                continue
            migration.work()
            sites += migration.sites
            edits += migration.edits
            failures += migration.failures
        sites += _naming(tree, edits)
        analysis = self.analysis(project, sites, edits, failures)
        return dataclasses.replace(analysis, files_scanned=files_read)


def _naming(tree: Tree, edits: list[Edit]) -> Iterator[Site]:
    """Yield the places that name a file which goes."""
    going = {edit.path for edit in edits if edit.is_removal}
    names = {posixpath.basename(path) for path in going}
    for path in tree.containing(names, _NAMING) if names else ():
        if path in going or posixpath.basename(path) == "pyproject.toml":
            continue
        for name in sorted(names):
            for line, column in lines_with(tree.read(path), [name]):
                advice = "; -p setup_py=shim keeps it" if name == "setup.py" else ""
                yield Site(path, line, column, name, "unresolved", f"it names {name}, which goes{advice}")
