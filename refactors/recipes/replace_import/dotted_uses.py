"""Uses that reach the old place through an import of something above it: `collections.Mapping`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.dotted_chains import dotted_span, is_still_used
from overhaul.refactors.file_rewrite import FileRewrite, Import
from overhaul.refactors.import_edits import named_elsewhere, removable_imports
from overhaul.refactors.import_needs import ImportStatement, is_builtin
from overhaul.refactors.import_places import Place, module_import
from overhaul.refactors.imports import imported_name
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.replace_import.replacement import Replacement
from overhaul.refactors.scopes import Binding
from overhaul.refactors.standard_library import is_standard, standard_object


@dataclass(frozen=True, slots=True)
class Route:
    """An import of the new place, and how code calls it then."""

    statement: ImportStatement
    text: str


@dataclass(slots=True)
class DottedUses:
    """The dotted uses of one file; those that were rewritten, by the import that they went through."""

    project: Project
    rewrite: FileRewrite
    replacement: Replacement
    _used: dict[ast.alias, set[ast.AST]] = field(default_factory=dict)

    @property
    def module(self) -> Module:
        return self.rewrite.module

    def rewrite_uses(self, statement: Import, alias: ast.alias, binding: Binding, path: str) -> None:
        """Rewrite what follows an import that binds `path`: where it binds `a`, `a.old.x` becomes `new.x`."""
        covered = (
            isinstance(statement, ast.Import) and not alias.asname and self.replacement.covers(alias.name)
        )
        found = list(self._uses(binding, path))
        if not found and not covered:
            return
        start = self.module.source.start(alias)
        doubt = self._other_binding(binding)
        route = None
        if not doubt:
            changed = {first for _, first in found}
            for each in self._routes(alias, statement, covered):
                doubt = self._taken(each.statement, binding, changed)
                if not doubt:
                    route = each
                    break
        if route is None:
            if covered and alias.name == self.replacement.old == binding.name:
                wanted = ImportStatement(self.replacement.new, None, alias.name)
                self.rewrite.take(alias, wanted, f"import of {alias.name}; {doubt}, so that the name stays")
            else:
                self.rewrite.leave(start, f"import of {alias.name}: {doubt}")
            return
        self._change(found, alias, route)
        if covered and not is_still_used(self.module, alias, self._done_nodes()):
            self.rewrite.take(alias, route.statement, f"import of {alias.name}")
        elif found:
            self.rewrite.import_beside(statement, route.statement)
            if covered:
                self.rewrite.resolve(start, f"import of {alias.name}")

    def _change(self, found: list[tuple[ast.expr, ast.Name]], alias: ast.alias, route: Route) -> None:
        for node, first in found:
            span = dotted_span(self.module, node)
            if span is None:
                start = self.module.source.start(node)
                self.rewrite.leave(start, f"'{ast.unparse(node)}' is not written there as it is")
                continue
            self.rewrite.replace(span, route.text, f"use of {self.replacement.old}")
            self._used.setdefault(alias, set()).add(first)

    def _routes(self, alias: ast.alias, statement: Import, covered: bool) -> Iterator[Route]:
        """Yield the ways to import and call the new place, the most like the old one first."""
        new = self.replacement.new
        above, _, leaf = new.rpartition(".")
        if covered:
            wanted = self.replacement.renamed(alias.name)
            while is_module(self.project, self.module, wanted) is False and "." in wanted:
                wanted = wanted.rpartition(".")[
                    0
                ]  # `import os.path`, where `path` is only a name of the new `os`
            yield Route(ImportStatement(wanted), new)
            return
        new_is_module = is_module(self.project, self.module, new)
        owner = new if new_is_module else above
        location = self.project.table.locate(owner, self.module.path) if owner else None
        if isinstance(statement, ast.ImportFrom) and statement.level and location is not None:
            near = module_import(self.project, self.module.path, Place(location.key, owner), True)
            yield Route(near, near.local_name if new_is_module else f"{near.local_name}.{leaf}")
        if new_is_module is not None:
            yield Route(ImportStatement(owner or new), new)
        yield Route(ImportStatement(above, leaf) if above else ImportStatement(leaf), leaf)

    def _other_binding(self, binding: Binding) -> str:
        """Say where a name is bound by something else than imports of its package, or nothing."""
        for each in binding.scope.bindings[binding.name]:
            is_deleted = isinstance(each.node, ast.Name) and isinstance(each.node.ctx, ast.Del)
            same = (
                each is binding
                or is_deleted
                or (isinstance(each.node, ast.alias) and binds_package(self.module, binding))
            )
            if not same:
                return f"'{binding.name}' is bound at line {each.line} as well"
        return ""

    def _uses(self, binding: Binding, path: str) -> Iterator[tuple[ast.expr, ast.Name]]:
        """Yield the expressions that mean the old place exactly, with their first names."""
        bindings = self.module.bindings
        done = self._done_nodes()
        for node, scope in bindings.names.get(binding.name, ()):
            owner = scope.lookup(binding.name, node)
            if owner is None or binding not in owner.bindings.get(binding.name, ()):
                continue
            current: ast.expr = node
            text = path
            while text != self.replacement.old:
                above = bindings.parents.get(current)
                if not isinstance(above, ast.Attribute) or above.value is not current:
                    break
                text, current = f"{text}.{above.attr}", above
            is_read = isinstance(getattr(current, "ctx", None), ast.Load)
            if text == self.replacement.old and is_read and node not in done:
                yield current, node

    def _done_nodes(self) -> set[ast.AST]:
        return {node for nodes in self._used.values() for node in nodes}

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

    def drop_unused(self) -> None:
        """Take away the imports that only the uses that were changed needed."""
        for alias in self._used:
            statement = self.module.bindings.parents[alias]
            if not isinstance(statement, Import) or alias in self.rewrite.taken.get(statement, {}):
                continue
            if is_still_used(self.module, alias, self._done_nodes()):
                continue
            name = alias.asname or alias.name.partition(".")[0]
            scope = self.module.bindings.scope_of(alias)
            bindings = [each for each in scope.bindings.get(name, ()) if each.node is alias]
            unused = removable_imports(self.module, bindings)
            if unused and not named_elsewhere(self.project, [(self.module.name, name)]):
                self.rewrite.taken.setdefault(statement, {})[alias] = None


def binds_package(module: Module, binding: Binding) -> bool:
    """Tell whether several imports `import a`, `import a.b` bind one name, all to the same package."""
    bindings = binding.scope.bindings[binding.name]
    return len(bindings) > 1 and all(
        isinstance(each.node, ast.alias)
        and each.node.asname is None
        and isinstance(module.bindings.parents[each.node], ast.Import)
        for each in bindings
    )


def is_module(project: Project, module: Module, path: str) -> bool | None:
    """Tell whether a dotted name is a module; None outside the tree and Python itself."""
    if project.table.locate(path.partition(".")[0], module.path) is not None:
        return isinstance(project.table.locate(path, module.path), Location)
    if is_standard(path):
        return inspect.ismodule(standard_object(path))
    return None
