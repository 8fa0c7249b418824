"""What a function needs in another module: the names that it takes from around it, and the imports for them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_needs import ImportStatement, is_builtin
from overhaul.refactors.import_requests import ImportRequests
from overhaul.refactors.imports import absolute_module, imported_name
from overhaul.refactors.project import Module, Project
from overhaul.refactors.scopes import Binding, FunctionNode, Scope


@dataclass(frozen=True, slots=True)
class CarriedNames:
    """From one module of the tree to another."""

    project: Project
    source: Module
    target: Module
    requests: ImportRequests

    def carry(self, node: FunctionNode, before: int | None = None) -> None:
        """Ask for the imports that a function needs in the target, before an offset if its header needs them.

        Raises ParameterError for a name that cannot mean the same there.
        """
        if self._has_future_annotations(self.source) and not self._has_future_annotations(self.target):
            annotations = [each for each in ast.walk(node) if isinstance(each, ast.arg) and each.annotation]
            if annotations or node.returns is not None:
                raise self._refusal(
                    node, f"its annotations need 'from __future__ import annotations' in {self.target.path}"
                )
        for name, use in self._outer_names(node).items():
            if name == node.name:
                continue  # it calls itself
            if any(isinstance(each, ast.Global) and name in each.names for each in ast.walk(node)):
                raise self._refusal(use, f"it sets the global '{name}' of its module")
            bindings = self.source.scope.bindings.get(name)
            if bindings is None:
                self._builtin(name, use)
            elif len(bindings) != 1:
                raise self._refusal(use, f"'{name}' is bound in several places of its module")
            else:
                self._bound(name, bindings[0], use, before)

    def _outer_names(self, node: FunctionNode) -> dict[str, ast.Name]:
        """Return the names that mean something outside the function, each with a use."""
        bindings = self.source.bindings
        found = {}
        for name, uses in bindings.names.items():
            for use, scope in uses:
                owner = scope.lookup(name, use)
                if (owner is None or owner is self.source.scope) and _is_inside(self.source, use, node):
                    found[name] = use
        return found

    def _builtin(self, name: str, use: ast.Name) -> None:
        if self.source.bindings.star_imports and not is_builtin(name):
            raise self._refusal(use, f"'{name}' may come from a star import")
        if name.startswith("__") and name != "__debug__":
            raise self._refusal(use, f"'{name}' is another one in each module")
        if name in self.target.scope.bindings or self.target.bindings.star_imports:
            raise self._refusal(use, f"'{name}' may mean something else in {self.target.path}")

    def _bound(self, name: str, binding: Binding, use: ast.Name, before: int | None) -> None:
        statement = self._statement(name, binding, use)
        existing = self.target.scope.bindings.get(name, [])
        if existing:
            if not all(self._is_same(each, statement) for each in existing):
                raise self._refusal(use, f"'{name}' means something else in {self.target.path}")
            return
        if any(scope.lookup(name, each) is None for each, scope in self.target.bindings.names.get(name, ())):
            raise self._refusal(use, f"'{name}' would hide a builtin that {self.target.path} uses")
        location = self.project.table.locate(statement.module, self.target.path)
        for module in self.project.modules_at(location) if location is not None else ():
            if module.key == self.target.key or self.requests.closes_cycle(self.target, module):
                raise self._refusal(
                    use,
                    f"importing '{name}' from {statement.module} in {self.target.path} would make an import cycle",
                )
        self.requests.add_before(self.target, statement, before)

    def _statement(self, name: str, binding: Binding, use: ast.Name) -> ImportStatement:
        alias = binding.node
        above = self.source.bindings.parents.get(alias)
        if not isinstance(alias, ast.alias):
            if not isinstance(alias, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Name):
                raise self._refusal(use, f"'{name}' cannot be imported from its module")
            return ImportStatement(self.source.name, name)
        if above is None or self.source.bindings.parents.get(above) is not self.source.source.tree:
            raise self._refusal(use, f"'{name}' is imported under a condition")
        if isinstance(above, ast.ImportFrom):
            module = absolute_module(above, self.source.name, self.source.is_package)
            if not module:
                raise self._refusal(use, f"where '{name}' is imported from is not known")
            return ImportStatement(module, alias.name, alias.asname)
        return ImportStatement(alias.name, None, alias.asname)

    def _is_same(self, binding: Binding, statement: ImportStatement) -> bool:
        name = imported_name(self.target.bindings, binding, self.target.name, self.target.is_package)
        if name is not None:
            return name == statement.bound
        is_own = isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Name)
        return is_own and f"{self.target.name}.{binding.name}" == statement.bound

    @staticmethod
    def _has_future_annotations(module: Module) -> bool:
        return any(
            isinstance(each, ast.ImportFrom)
            and each.module == "__future__"
            and any(alias.name == "annotations" for alias in each.names)
            for each in module.source.tree.body
        )

    def _refusal(self, node: ast.AST, why: str) -> ParameterError:
        line = getattr(node, "lineno", 1)
        return ParameterError(
            f"the function cannot move to {self.target.path}: {why} ({self.source.path}:{line})"
        )


def names_within(module: Module, node: ast.AST) -> list[tuple[ast.expr, Scope]]:
    """Return the names inside a definition, each with its scope."""
    return [
        (use, scope)
        for uses in module.bindings.names.values()
        for use, scope in uses
        if _is_inside(module, use, node)
    ]


def _is_inside(module: Module, use: ast.AST, node: ast.AST) -> bool:
    first = min([getattr(node, "lineno", 1), *(each.lineno for each in getattr(node, "decorator_list", ()))])
    if not first <= getattr(use, "lineno", 0) <= (getattr(node, "end_lineno", 0) or 0):
        return False
    above: ast.AST | None = use
    while above is not None and above is not node:
        above = module.bindings.parents.get(above)
    return above is node
