"""Renames a module or package: its files move, and every import and use of it follows."""

from __future__ import annotations

import ast

from overhaul.refactors.errors import NameTaken
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location, join, parent
from overhaul.refactors.name_tokens import Span, alias_spans, module_spans
from overhaul.refactors.project import Exported, Module
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.variables import VariableRename
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.symbols.package_values import PackageValues
from overhaul.refactors.symbols.target import ExternalTarget, ModuleTarget
from overhaul.refactors.values import External, ModuleValue, Value


class ModuleRename(VariableRename):
    """A module's name: the variable that imports bind, the components of dotted names, and the files."""

    def __init__(self, inference: Inference, target: ModuleTarget, findings: Findings) -> None:
        super().__init__(inference, ExternalTarget(target.symbol), findings)
        self.location = target.location
        self.key = target.location.key
        self.new_key = join(parent(self.key), self.new)
        self.package = PackageValues(inference, parent(self.key))

    def find(self) -> None:
        """Find every site in the tree, and the files that move."""
        self._refuse_taken()
        self._move_files()
        super().find()

    def find_in(self, module: Module) -> None:
        """Find the sites of one file."""
        super().find_in(module)
        for statement, _ in module.bindings.imports:
            if isinstance(statement, ast.Import):
                self._import(module, statement)
            elif statement.module is not None:
                self._import_from(module, statement)
        if module.is_package and module.key == parent(self.key) and self.old not in module.scope.bindings:
            self._rename_exported_strings(module)

    def _refuse_taken(self) -> None:
        project, table = self.project, self.project.table
        taken = table.at(self.new_key)
        if taken is not None:
            place = taken.paths[0] if taken.paths else self.new_key
            raise NameTaken(
                f"'{self.new}' is taken at {place}:1: a module of that name is there. Choose another name"
            )
        package = table.at(parent(self.key)) if parent(self.key) else None
        for module in project.modules_at(package) if package is not None else []:
            for binding in module.scope.bindings.get(self.new, ()):
                raise NameTaken(
                    f"'{self.new}' is taken at {module.path}:{binding.line}: the package binds it. Choose another name"
                )

    def _move_files(self) -> None:
        moves = {
            path: self.new_key + path[len(self.key) :]
            for path in self.location.paths
            if not self.location.is_package
        }
        if self.location.is_package:
            inside = [path for path in self.project.tree.paths() if path.startswith(f"{self.key}/")]
            moves = {path: self.new_key + path[len(self.key) :] for path in inside}
        self.findings.moves.update(moves)
        for path in self.location.paths or sorted(moves)[:1]:
            site = Site(
                path, 1, 1, self.findings.symbol, "resolved", f"definition: the file moves to {moves[path]}"
            )
            self.findings.sites[path, -1, "resolved"] = site

    def _is_target(self, _module: Module, _scope: Scope, /) -> bool:
        return False

    def _imported(self, module: Module, binding: Binding) -> ModuleValue | External | Exported | None:
        alias = binding.node
        if not isinstance(alias, ast.alias):
            return None
        if isinstance(module.bindings.parents[alias], ast.Import):
            is_top = alias.asname is None and alias.name.partition(".")[0] == self.old
            return self.project.imported(module, binding) if is_top else None
        return super()._imported(module, binding)

    def _is_symbol(self, found: ModuleValue | External | Exported | None) -> bool:
        if isinstance(found, ModuleValue):
            return found.location.key == self.key
        return isinstance(found, Exported) and self.follows(found.module, found.module.scope)

    def means_symbol(self, value: Value) -> bool:
        return isinstance(value, ModuleValue) and self._is_symbol(
            self.project.member(value.location, self.old)
        )

    def _rename_import(self, module: Module, alias: ast.alias, is_symbol: bool) -> None:
        if not (is_symbol and isinstance(module.bindings.parents[alias], ast.Import)):
            super()._rename_import(module, alias, is_symbol)

    def _attribute(self, module: Module, node: ast.Attribute) -> None:
        values = self.inference.values(module, node.value)
        is_known = any(isinstance(value, ModuleValue) for value in values)
        if is_known or self.package.may_be(node.value, values) is not None:
            super()._attribute(module, node)

    def _is_star_imported(self, _module: Module, /) -> bool:
        return False

    def _import(self, module: Module, statement: ast.Import) -> None:
        for alias in statement.names:
            parts = alias.name.split(".")
            for index, span in enumerate(alias_spans(module.source, alias)[: len(parts)]):
                found = self.project.absolute(module, ".".join(parts[: index + 1]))
                self._component(module, span, found, f"import of {alias.name}")

    def _import_from(self, module: Module, statement: ast.ImportFrom) -> None:
        parts = (statement.module or "").split(".")
        for index, span in enumerate(module_spans(module.source, statement)):
            name = ".".join(parts[: index + 1])
            found: Location | str | None
            if statement.level:
                found = self.project.table.relative(module.path, statement.level, name)
            else:
                found = self.project.absolute(module, name)
            self._component(module, span, found, f"import from {'.' * statement.level}{statement.module}")

    def _component(self, module: Module, span: Span, found: Location | str | None, reason: str) -> None:
        if isinstance(found, Location) and found.key == self.key:
            self.findings.replace(module, span, self.new, reason)
