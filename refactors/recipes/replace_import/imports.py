"""The imports of one file that lead to the old place, and the dotted uses that go through them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.file_rewrite import FileRewrite, Import
from overhaul.refactors.import_edits import removable_imports
from overhaul.refactors.import_needs import ImportStatement, is_builtin
from overhaul.refactors.import_places import Place, relative_text
from overhaul.refactors.imports import absolute_module, imported_name
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import Span, name_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.replace_import.fallbacks import Fallback, find_fallback
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.standard_library import is_standard, standard_object


@dataclass(frozen=True, slots=True)
class Replacement:
    """The dotted name that imports lead to now, and the one that they shall lead to."""

    old: str
    new: str

    def covers(self, path: str) -> bool:
        """Tell whether a dotted name is the old one or of it."""
        return f"{path}.".startswith(f"{self.old}.")

    def leads_to(self, path: str) -> bool:
        """Tell whether the old name is of another one, as `a.b` is of `a`."""
        return self.old.startswith(f"{path}.")

    def renamed(self, path: str) -> str:
        """Return the new name for the old one or one of it."""
        return self.new + path[len(self.old) :]


@dataclass(slots=True)
class FileImports:
    """Works out the edit of one file."""

    project: Project
    rewrite: FileRewrite
    replacement: Replacement
    collapse: bool
    _used: dict[ast.alias, set[ast.AST]] = field(default_factory=dict)

    @property
    def module(self) -> Module:
        return self.rewrite.module

    def follow(self) -> None:
        """Decide about every import of the file."""
        for statement, scope in self.module.bindings.imports:
            fallback = find_fallback(self.module, statement, self.replacement.renamed, self._path)
            if fallback is not None and self._concerns(statement):
                self._fallback(statement, fallback)
                continue
            for alias in statement.names:
                self._alias(statement, alias, scope)
        self._drop_unused()

    def _concerns(self, statement: Import) -> bool:
        return any(
            path is not None and self.replacement.covers(path)
            for path in (self._path(statement, alias) for alias in statement.names)
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

    def _path(self, statement: Import, alias: ast.alias) -> str | None:
        """Return the dotted name that an import names, absolute."""
        if isinstance(statement, ast.Import):
            return alias.name
        module = absolute_module(statement, self.module.name, self.module.is_package)
        return None if module is None else f"{module}.{alias.name}" if module else alias.name

    def _alias(self, statement: Import, alias: ast.alias, scope: Scope) -> None:
        path = self._path(statement, alias)
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
                    self._dotted_uses(statement, alias, binding, path)

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
        if isinstance(like, ast.Import) and alias is not None:
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
            if alias.name == top == leaf and above and len(scope.bindings[top]) == 1:
                self.rewrite.take(alias, ImportStatement(above, leaf), f"import of {alias.name}")
                return
        self._dotted_uses(statement, alias, binding, top)

    def _dotted_uses(self, statement: Import, alias: ast.alias, binding: Binding, path: str) -> None:
        """Rewrite what follows an import: where it binds `a`, `a.old.x` becomes `new.x`."""
        covered = (
            isinstance(statement, ast.Import) and not alias.asname and self.replacement.covers(alias.name)
        )
        found = list(self._uses(binding, path))
        if not found and not covered:
            return
        wanted = self._module_import(alias, statement)
        text = self.replacement.new
        if found or covered:
            taken = self._taken(wanted, binding, {first for _, first in found})
            if taken and not covered and not self._taken(self._by_name(), binding, set()):
                wanted, text, taken = self._by_name(), self.replacement.new.rpartition(".")[2], ""
            if taken and covered and "." not in self.replacement.old and alias.name == self.replacement.old:
                self.rewrite.take(
                    alias,
                    ImportStatement(self.replacement.new, None, alias.name),
                    f"import of {alias.name}; {taken}, so that the name stays",
                )
                return
            if taken:
                self.rewrite.leave(
                    self.module.source.start(alias), f"import of {alias.name or path}: {taken}"
                )
                return
        for node, first in found:
            span = self._span(node)
            if span is None:
                start = self.module.source.start(node)
                self.rewrite.leave(start, f"'{ast.unparse(node)}' is not written there as it is")
                continue
            self.rewrite.replace(span, text, f"use of {self.replacement.old}")
            self._used.setdefault(alias, set()).add(first)
        if covered and not self._is_used(alias, statement):
            self.rewrite.take(alias, wanted, f"import of {alias.name}")
        elif found:
            self.rewrite.import_beside(statement, wanted)
            if covered:
                self.rewrite.resolve(self.module.source.start(alias), f"import of {alias.name}")

    def _module_import(self, alias: ast.alias, statement: Import) -> ImportStatement:
        """Return the import that makes the new place usable by its dotted name."""
        replacement = self.replacement
        if isinstance(statement, ast.Import) and not alias.asname and replacement.covers(alias.name):
            return ImportStatement(replacement.renamed(alias.name))
        above = replacement.new.rpartition(".")[0]
        location = self.project.table.locate(replacement.new, self.module.path)
        return ImportStatement(replacement.new if isinstance(location, Location) or not above else above)

    def _uses(self, binding: Binding, path: str) -> Iterator[tuple[ast.expr, ast.Name]]:
        """Yield the expressions that mean the old place exactly, with their first names."""
        bindings = self.module.bindings
        for node, scope in bindings.names.get(binding.name, ()):
            owner = scope.lookup(binding.name, node)
            if owner is not binding.scope and not (owner and binding in owner.bindings.get(binding.name, ())):
                continue
            current: ast.expr = node
            text = path
            while text != self.replacement.old:
                above = bindings.parents.get(current)
                if not isinstance(above, ast.Attribute) or above.value is not current:
                    break
                text, current = f"{text}.{above.attr}", above
            is_read = isinstance(getattr(current, "ctx", None), ast.Load)
            if text == self.replacement.old and is_read and node not in self._done_nodes():
                yield current, node

    def _done_nodes(self) -> set[ast.AST]:
        return {node for nodes in self._used.values() for node in nodes}

    def _by_name(self) -> ImportStatement:
        """Return the import of the new name itself."""
        above, _, leaf = self.replacement.new.rpartition(".")
        return ImportStatement(above, leaf) if above else ImportStatement(leaf)

    def _taken(self, wanted: ImportStatement, binding: Binding, changed: set[ast.Name]) -> str:
        """Say why the new import's name cannot be bound in the file, or nothing.

        The import that it stands for may have had the same name if all uses of it are `changed`.
        """
        local = wanted.local_name
        for scope in self.module.scope.subtree():
            for each in scope.bindings.get(local, ()):
                meant = imported_name(self.module.bindings, each, self.module.name, self.module.is_package)
                if meant == wanted.bound:
                    continue
                goes = each is binding and removable_imports(self.module, [binding])
                if not goes or any(
                    node not in changed and place.lookup(local, node) is binding.scope
                    for node, place in self.module.bindings.names.get(local, ())
                ):
                    return f"'{local}' means something else at line {each.line}"
        unbound = any(
            place.lookup(local, node) is None for node, place in self.module.bindings.names.get(local, ())
        )
        return f"'{local}' means something else in the file" if unbound or is_builtin(local) else ""

    def _span(self, node: ast.expr) -> Span | None:
        source, text = self.module.source, ast.unparse(node)
        start, end = source.start(node), source.end(node)
        if source.slice(start, end) == text:
            return start, end
        leaf = name_span(self.module.bindings, node, text.rpartition(".")[2])
        if leaf is None:
            return None
        start = leaf[1] - len(text.encode(source.encoding))
        return (start, leaf[1]) if source.slice(start, leaf[1]) == text else None

    def _is_used(self, alias: ast.alias, statement: Import) -> bool:
        """Tell whether something still needs an import after the uses that were changed."""
        name = alias.asname or alias.name.partition(".")[0]
        owner = self.module.bindings.scope_of(alias)
        done = self._done_nodes()
        is_dotted = isinstance(statement, ast.Import) and alias.asname is None and "." in alias.name
        for node, scope in self.module.bindings.names.get(name, ()):
            if node in done or scope.lookup(name, node) is not owner:
                continue
            if not is_dotted or _continues(self.module, node, alias.name):
                return True
        return False

    def _drop_unused(self) -> None:
        """Take away the imports that only the uses that were changed needed."""
        for alias in self._used:
            statement = self.module.bindings.parents[alias]
            if not isinstance(statement, Import) or alias in self.rewrite.taken.get(statement, {}):
                continue
            if self._is_used(alias, statement):
                continue
            name = alias.asname or alias.name.partition(".")[0]
            scope = self.module.bindings.scope_of(alias)
            bindings = [each for each in scope.bindings.get(name, ()) if each.node is alias]
            if removable_imports(self.module, bindings):
                self.rewrite.taken.setdefault(statement, {})[alias] = None


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


def _continues(module: Module, node: ast.Name, imported: str) -> bool:
    """Tell whether a use of `a` may need `import a.b`."""
    text: str = node.id
    current: ast.AST | None = module.bindings.parents.get(node)
    while isinstance(current, ast.Attribute) and text != imported:
        text += f".{current.attr}"
        current = module.bindings.parents.get(current)
    return f"{imported}.".startswith(f"{text}.") or f"{text}.".startswith(f"{imported}.")
