"""One project: what is read from its files, what of it moves, and what becomes of each file."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from packaging.specifiers import SpecifierSet

from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Edit, Failure, Site, content_hash
from overhaul.refactors.recipes.migrate_config.fields import FIELDS, Tables, tables_of
from overhaul.refactors.recipes.migrate_config.project_files import ProjectFiles
from overhaul.refactors.recipes.migrate_config.setup_cfg import (
    ConfigFile,
    Configuration,
    Option,
    Unreadable,
    read_configuration,
    read_setup_cfg,
)
from overhaul.refactors.recipes.migrate_config.setup_py import (
    SetupFile,
    read_setup_py,
    tidied,
    without_arguments,
)
from overhaul.refactors.recipes.migrate_config.tool_sections import ToolTable, tool_tables
from overhaul.refactors.recipes.migrate_config.values import Given
from overhaul.refactors.recipes.migrate_config.writing import Conflict, as_file, with_project, with_tool

_SHIM = "from setuptools import setup\n\nsetup()\n"
_NO_MEANING = {"tag_build": "", "tag_date": "0", "tag_svn_revision": "0"}


class Wanted(Protocol):
    """The recipe's parameters."""

    @property
    def setup_py(self) -> str: ...
    @property
    def tools(self) -> bool: ...
    @property
    def obsolete(self) -> str: ...


@dataclass(slots=True)
class Migration:
    """The work on one project. `sites`, `edits` and `failures` are what comes of it."""

    files: ProjectFiles
    wanted: Wanted
    setup: SetupFile | None
    config: ConfigFile | None
    toml: Mapping[str, Any]
    text: str
    sites: list[Site] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    _moved: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(cls, project: Project, files: ProjectFiles, wanted: Wanted) -> Migration:
        """Read a project's files. Raises TOMLDecodeError."""
        setup = read_setup_py(project, files)
        text, failures = "", []
        if files.has("pyproject.toml"):
            try:
                text = files.tree.read(files.path("pyproject.toml")).decode()
            except UnicodeDecodeError:
                failures.append(Failure(files.path("pyproject.toml"), "is not in UTF-8"))
        config = None
        if files.has("setup.cfg"):
            path = files.path("setup.cfg")
            try:
                config = read_setup_cfg(path, files.tree.read(path))
            except Unreadable as error:
                failures.append(Failure(path, str(error)))
        toml = tomllib.loads(text.replace("\r\n", "\n"))
        return cls(files, wanted, setup, config, toml, text, failures=failures)

    def work(self) -> None:
        is_unread = self.failures or (self.setup is None and self.files.has("setup.py"))
        if is_unread:
            return
        before = self.text
        self._metadata()
        if self.wanted.tools and self.config is not None:
            for table in tool_tables(self.config, self.files, self.toml):
                self._tool(self.config, table)
        if self.text != before:
            content = self.files.tree.read(self.path) if self.files.has("pyproject.toml") else b""
            old = content_hash(content) if self.files.has("pyproject.toml") else None
            self.edits.append(self._edit(self.path, old, as_file(self.text, content)))
        if self.config is not None and self._moved:
            left = self.config.without(self._moved)
            if left != self.config.content:
                self.edits.append(
                    self._edit(self.config.path, content_hash(self.config.content), left, not left)
                )

    @property
    def path(self) -> str:
        return self.files.path("pyproject.toml")

    def _edit(self, path: str, old: str | None, content: bytes, is_removal: bool = False) -> Edit:
        count = sum(site.status == "resolved" and site.path == path for site in self.sites)
        return Edit(path, old, content, count, is_removal=is_removal)

    def _site(self, given: Given, name: str, reason: str, is_moved: bool = False) -> None:
        status = "resolved" if is_moved else "unresolved"
        self.sites.append(Site(given.path, given.line, given.column, name, status, reason))  # type: ignore[arg-type]

    def _metadata(self) -> None:
        setup = self.setup
        configured = read_configuration(self.config, self.files) if self.config else Configuration()
        if setup is None and "name" not in configured.given:
            return
        if setup is not None and setup.call is None:
            place = setup.source.position(setup.source.start(setup.at)) if setup.at is not None else (1, 1)
            reason = setup.obstacle
            self.sites.append(Site(setup.module.path, *place, "setup.py", "unresolved", reason))
            return
        said = dict(setup.given) if setup is not None else {}
        twice = {name for name in said if name in configured.given}
        if twice:
            for name in sorted(twice):
                self._site(
                    said[name], name, "setup.cfg says it as well; nothing is moved until one of them goes"
                )
            return
        tables = tables_of({**configured.given, **said}, self.files, self.wanted.obsolete == "remove")
        given = {**configured.given, **said}
        if "name" in tables.doubts:
            first = given.get("name") or next(iter(given.values()), None)
            if first is not None:
                self._site(first, "name", f"nothing is moved without a name: {tables.doubts['name']}")
            return
        self._move(tables, given, configured)

    def _move(self, tables: Tables, given: Mapping[str, Given], configured: Configuration) -> None:
        setup = self.setup
        moved = [name for name in given if name not in tables.doubts]
        rest = self._rest(moved) if setup is not None else None
        dynamic = sorted({each for name in tables.doubts for each in FIELDS.get(name, ())})
        is_local = rest is not None and self._imports_beside(rest)
        try:
            self.text = with_project(self.text.replace("\r\n", "\n"), tables, dynamic, is_local)
        except Conflict as conflict:
            line = next((number for number, line in enumerate(self.text.splitlines(), 1)
                         if conflict.key in line), 1)  # fmt: skip
            self.sites.append(Site(self.path, line, 1, conflict.key, "unresolved", conflict.reason))
            return
        for name, each in given.items():
            doubt = tables.doubts.get(name)
            self._site(each, name, doubt or "it is in pyproject.toml", doubt is None)
            if doubt is None:
                for option in configured.options.get(name, ()):
                    self._moved.add((option.section, option.key))
        for option in configured.unknown:
            self._unknown(option)
        if "python_requires" in moved and _allows_old(str(given["python_requires"].value)):
            reason = "setuptools reads [project] on Python 3.7 and later: older ones cannot build the source any more"
            self._site(given["python_requires"], "python_requires", reason)
        self._drop_what_means_nothing()
        if setup is not None and rest is not None:
            self._edit_setup(setup, rest, is_whole=not tables.doubts.keys() & setup.given.keys())
        elif setup is not None:
            self.edits.append(self._edit(setup.module.path, content_hash(setup.source.content), b"", True))

    def _rest(self, moved: Sequence[str]) -> bytes | None:
        """Return what stays of setup.py; None if nothing does."""
        setup = self.setup
        assert setup is not None  # noqa: S101 - asked for only then
        mine = [name for name in moved if name in setup.given]
        if len(mine) == len(setup.given) and not setup.deeds:
            return _SHIM.encode() if self.wanted.setup_py == "shim" else None
        content = without_arguments(setup, mine) if mine else setup.source.content
        return tidied(setup.module.path, content, setup.module)

    def _edit_setup(self, setup: SetupFile, rest: bytes, is_whole: bool) -> None:
        if is_whole:
            for deed in setup.deeds:
                line, column = setup.source.position(setup.source.start(deed))
                reason = "it does something beside setup(), which no pyproject.toml does"
                self.sites.append(Site(setup.module.path, line, column, "setup.py", "unresolved", reason))
        if rest != setup.source.content:
            self.edits.append(self._edit(setup.module.path, content_hash(setup.source.content), rest))

    def _imports_beside(self, content: bytes) -> bool:
        """Tell whether a setup.py imports modules beside it."""
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            else:
                names = [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if any(self.files.module_file(name) or any(self.files.below(name.replace(".", "/")))
                   for name in names):  # fmt: skip
                return True
        return False

    def _unknown(self, option: Option) -> None:
        assert self.config is not None  # noqa: S101 - the option is from it
        reason = "it is said twice, or nothing that setuptools or pyproject.toml knows"
        self.sites.append(Site(self.config.path, option.line + 1, 1, option.key, "unresolved", reason))

    def _drop_what_means_nothing(self) -> None:
        if self.config is None:
            return
        for each in self.config.section("egg_info"):
            if _NO_MEANING.get(each.key.replace("-", "_")) == each.value.strip():
                self._moved.add((each.section, each.key))
                reason = "it is so without being said"
                self.sites.append(Site(self.config.path, each.line + 1, 1, each.key, "resolved", reason))

    def _tool(self, config: ConfigFile, table: ToolTable) -> None:
        for each in table.options:
            status = "unresolved" if table.doubt else "resolved"
            reason = table.doubt or f"it is in [tool.{'.'.join(table.keys)}]"
            self.sites.append(Site(config.path, each.line + 1, 1, each.key, status, reason))  # type: ignore[arg-type]
            if not table.doubt:
                self._moved.add((each.section, each.key))
        if not table.doubt:
            text = re.sub(r"\r\n", "\n", self.text)
            self.text = with_tool(text, table.keys, table.values, table.comments)


def _allows_old(requires_python: str) -> bool:
    allowed = SpecifierSet(requires_python)
    return any(allowed.contains(version) for version in ("2.7", "3.4", "3.5", "3.6"))
