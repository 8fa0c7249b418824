"""The imports of one file that lead to the old place, and the dotted uses that go through them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import partial

from overhaul.refactors.file_rewrite import FileRewrite, Import
from overhaul.refactors.import_needs import ImportStatement, is_builtin
from overhaul.refactors.import_places import Place, relative_text
from overhaul.refactors.imports import absolute_module
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.replace_import.dotted_uses import DottedUses, binds_package, is_module
from overhaul.refactors.recipes.replace_import.fallbacks import Fallback, find_fallback
from overhaul.refactors.recipes.replace_import.replacement import Replacement
from overhaul.refactors.scopes import Scope
from overhaul.refactors.standard_library import is_standard, standard_object


@dataclass(slots=True)
class FileImports:
    """Works out the edit of one file."""

    project: Project
    rewrite: FileRewrite
    replacement: Replacement
    collapse: bool
    _dotted: DottedUses = field(init=False)

    def __post_init__(self) -> None:
        self._dotted = DottedUses(self.project, self.rewrite, self.replacement)

    @property
    def module(self) -> Module:
        return self.rewrite.module

    def follow(self) -> None:
        """Decide about every import of the file."""
        for statement, scope in self.module.bindings.imports:
            fallback = find_fallback(
                self.module, statement, self.replacement.renamed, partial(imported_path, self.module)
            )
            if fallback is not None and self._concerns(statement):
                self._fallback(statement, fallback)
                continue
            for alias in statement.names:
                self._alias(statement, alias, scope)
        self._dotted.drop_unused()

    def _concerns(self, statement: Import) -> bool:
        return any(
            path is not None and self.replacement.covers(path)
            for path in (imported_path(self.module, statement, alias) for alias in statement.names)
        )

    def _fallback(self, statement: Import, fallback: Fallback) -> None:
        source = self.module.source
        start = source.start(statement)
        if not self.collapse or fallback.text is None:
            why = "; -p fallbacks=collapse makes one import of them" if fallback.text is not None else ""
            self.rewrite.leave(start, f"one of two places that the name may come from{why}")
            return
        span = (source.start(fallback.statement), source.end(fallback.statement))
        self.rewrite.replace(span, fallback.text, "the fallback is no other place any more")

    def _alias(self, statement: Import, alias: ast.alias, scope: Scope) -> None:
        path = imported_path(self.module, statement, alias)
        if path is None:
            return
        start = self.module.source.start(alias)
        if alias.name == "*":
            owner = path[:-2]
            if self.replacement.covers(owner) or self.replacement.old.rpartition(".")[0] == owner:
                self._star(owner, start)
        elif isinstance(statement, ast.Import) and alias.asname is None:
            self._plain(statement, alias, scope)
        elif self.replacement.covers(path):
            self._named(statement, alias, path)
        elif self.replacement.leads_to(path):
            for binding in scope.bindings.get(alias.asname or alias.name, ()):
                if binding.node is alias:
                    self._dotted.rewrite_uses(statement, alias, binding, path)

    def _star(self, owner: str, start: int) -> None:
        if self.replacement.covers(owner):
            self.rewrite.leave(start, f"a star import of '{owner}': what it brings is not known")
            return
        leaf = self.replacement.old.rpartition(".")[2]
        for node, scope in self.module.bindings.names.get(leaf, ()):
            if scope.lookup(leaf, node) is None and not is_builtin(leaf):
                self.rewrite.leave(start, f"a star import of '{owner}', which may bring '{leaf}'")
                return

    def _named(self, statement: Import, alias: ast.alias, path: str) -> None:
        """Replace an import that binds the old place, or something of it, to one name: the name stays."""
        new = self.replacement.renamed(path)
        local = alias.asname or alias.name
        if exists(self.project, self.module, new) is False:
            self.rewrite.leave(self.module.source.start(alias), f"import of {path}, but there is no {new}")
            return
        wanted = self._statement(new, local, statement)
        if alias.asname == alias.name and wanted.alias is None and wanted.name:
            wanted = ImportStatement(wanted.module, wanted.name, local)  # `as x` marks a re-export
        reason = f"import of {path}"
        existing = self._existing(wanted, alias)
        self.rewrite.take(alias, None if existing else wanted, reason)

    def _statement(self, new: str, local: str, like: Import) -> ImportStatement:
        """Return the import that binds what has a dotted name to a local name, relative if the other one is."""
        above, _, leaf = new.rpartition(".")
        alias = None if leaf == local else local
        is_import = isinstance(like, ast.Import) and is_module(self.project, self.module, new) is not False
        if is_import and alias is not None:
            return ImportStatement(new, None, alias)
        if not above:
            return ImportStatement(new, None, alias)
        if isinstance(like, ast.ImportFrom) and like.level:
            location = self.project.table.locate(above, self.module.path)
            if location is not None:
                text = relative_text(self.project, self.module.path, Place(location.key, above))
                return ImportStatement(text or above, leaf, alias)
        return ImportStatement(above, leaf, alias)

    def _existing(self, wanted: ImportStatement, but: ast.alias) -> bool:
        """Tell whether the file's own block has this very import already."""
        for binding in self.module.scope.bindings.get(wanted.local_name, ()):
            node = binding.node
            if not isinstance(node, ast.alias) or node is but:
                continue
            statement = self.module.bindings.parents[node]
            if self.module.bindings.parents.get(statement) is not self.module.source.tree:
                continue
            if self.module.bindings.scope_of(but) is not self.module.scope:
                continue
            if isinstance(statement, ast.ImportFrom) and wanted.name is not None:
                text = "." * statement.level + (statement.module or "")
                if (text, node.name, node.asname) == (wanted.module, wanted.name, wanted.alias):
                    return True
            elif wanted.name is None and (node.name, node.asname) == (wanted.module, wanted.alias):
                return isinstance(statement, ast.Import)
        return False

    def _plain(self, statement: ast.Import, alias: ast.alias, scope: Scope) -> None:
        """Look at `import a.b`, which binds `a`."""
        if not self.replacement.covers(alias.name) and not self.replacement.leads_to(alias.name):
            return
        top = alias.name.partition(".")[0]
        binding = next((each for each in scope.bindings.get(top, ()) if each.node is alias), None)
        if binding is None:
            return
        if self.replacement.covers(alias.name):
            above, _, leaf = self.replacement.renamed(alias.name).rpartition(".")
            if alias.name == top == leaf and above and not binds_package(self.module, binding):
                self.rewrite.take(alias, ImportStatement(above, leaf), f"import of {alias.name}")
                return
        self._dotted.rewrite_uses(statement, alias, binding, top)


def imported_path(module: Module, statement: Import, alias: ast.alias) -> str | None:
    """Return the dotted name that an import names, absolute."""
    if isinstance(statement, ast.Import):
        return alias.name
    source = absolute_module(statement, module.name, module.is_package)
    return None if source is None else f"{source}.{alias.name}" if source else alias.name


def may_use(module: Module, place: str) -> bool:
    """Tell whether a file may import a place, or something of it, or reach it through what it imports."""
    paths = [
        path
        for statement, _ in module.bindings.imports
        for alias in statement.names
        if (path := imported_path(module, statement, alias)) is not None
    ]
    if any(f"{path}.".startswith(f"{place}.") for path in paths):
        return True
    leaf = place.rpartition(".")[2]
    return any(place.startswith(f"{path}.") for path in paths) and any(
        isinstance(node, ast.Attribute) and node.attr == leaf for node in ast.walk(module.source.tree)
    )


def exists(project: Project, module: Module, path: str) -> bool | None:
    """Tell whether there is something of a dotted name, in the tree or in Python itself; None for other places."""
    top = project.table.locate(path.partition(".")[0], module.path)
    if top is None:
        if not is_standard(path):
            return None
        return standard_object(path) is not None
    if project.table.locate(path, module.path) is not None:
        return True
    location = project.table.locate(path.rpartition(".")[0], module.path)
    if location is None:
        return None
    if any(each.bindings.star_imports for each in project.modules_at(location)):
        return None
    return project.member(location, path.rpartition(".")[2]) is not None
