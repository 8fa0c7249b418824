"""How code that moves to another place must name what it uses, so that it means the same there."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_needs import ImportStatement, LocalName, Need, is_builtin, local_name
from overhaul.refactors.imports import absolute_module
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.inline_symbol.patches import may_be_set
from overhaul.refactors.recipes.inline_symbol.purity import outer_names
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.symbols.family import is_private

_OF_THE_MODULE = frozenset(
    {"__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__path__", "__builtins__"}
)


@dataclass(slots=True)
class Renaming:
    """The texts of names that are called otherwise at another place, and the imports that they need there."""

    names: dict[ast.Name, str] = field(default_factory=dict)
    imports: set[ImportStatement] = field(default_factory=set)
    kept: set[ast.AST] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class MovedCode:
    """Code of a module that moves elsewhere; `own` are the scopes that it brings along."""

    project: Project
    module: Module
    nodes: tuple[ast.AST, ...]
    own: Collection[Scope] = ()

    def outer_names(self) -> list[tuple[ast.Name, Scope | None]]:
        """Return the names that belong to scopes around the code."""
        return [
            (name, owner)
            for node in self.nodes
            for name, owner in outer_names(self.module, node)
            if owner not in self.own
        ]

    def private_names(self) -> bool:
        """Tell whether the code uses a name that Python mangles in a class."""
        return any(
            is_private(str(getattr(node, "attr", getattr(node, "id", ""))))
            for each in self.nodes
            for node in ast.walk(each)
        )

    def at(self, module: Module, scope: Scope, line: int) -> Renaming | Doubt:
        """Return what its names must be called in a scope of a file, at a line."""
        found = Renaming()
        if self.private_names():
            here = module.bindings.enclosing_class(scope)
            own = self.module.bindings.enclosing_class(self.module.bindings.scope_of(self.nodes[0]))
            if here is not own:
                return Doubt("it uses a name that is private to the class")
        for name, owner in self.outer_names():
            if module is self.module:
                doubt = _same_here(name, owner, scope)
                if owner is not None:
                    found.kept |= {binding.node for binding in owner.bindings[name.id]}
            elif owner is None:
                doubt = self._builtin(name, scope)
            else:
                doubt = self._elsewhere(name, owner, module, scope, line, found)
            if doubt is not None:
                return doubt
        return found

    def _builtin(self, name: ast.Name, scope: Scope) -> Doubt | None:
        if name.id in _OF_THE_MODULE or not is_builtin(name.id):
            return Doubt(f"'{name.id}' means something else in another module")
        if scope.lookup(name.id) is not None:
            return Doubt(f"'{name.id}' means something else here")
        return None

    def _elsewhere(
        self, name: ast.Name, owner: Scope, module: Module, scope: Scope, line: int, found: Renaming
    ) -> Doubt | None:
        statement = self._statement(name, owner)
        if isinstance(statement, Doubt):
            return statement
        if self._located(self.module, statement.module) != self._located(module, statement.module):
            return Doubt(f"'{statement.module}' is another module where this file is")
        if statement.bound == module.name:
            return Doubt(f"'{name.id}' is this very module")
        local = self._local_name(statement, module, scope, line)
        if isinstance(local, Doubt):
            return local
        if isinstance(local, LocalName):
            found.names[name] = local.text
            if local.binding is not None:
                found.kept.add(local.binding.node)
        else:
            found.names[name] = statement.local_name
            found.imports.add(statement)
        return None

    def _located(self, module: Module, name: str) -> object:
        found = self.project.absolute(module, name)
        return found.key if isinstance(found, Location) else found

    def _local_name(
        self, statement: ImportStatement, module: Module, scope: Scope, line: int
    ) -> LocalName | Doubt | None:
        if statement.name is None or not self._may_be_submodule(statement):
            return local_name(module, scope, line, Need(statement.local_name, statement.bound, statement))
        # `import package.other` gives no `package.name` if that is a module which nothing else imports.
        loaded = Need(statement.local_name, statement.bound, ImportStatement(statement.bound))
        found = local_name(module, scope, line, loaded)
        if isinstance(found, LocalName):
            return found
        if scope.lookup(statement.local_name) is not None or is_builtin(statement.local_name):
            return Doubt(f"'{statement.local_name}' means something else here")
        return None

    def _may_be_submodule(self, statement: ImportStatement) -> bool:
        """Tell whether what `from x import y` names may be a module."""
        table, name = self.project.table, statement.name or ""
        if table.locate(statement.module, self.module.path) is not None:
            return table.locate(statement.bound, self.module.path) is not None
        if statement.module.partition(".")[0] in sys.stdlib_module_names:
            try:
                return find_spec(statement.bound) is not None
            except (ImportError, ValueError):
                return False
        return not name[:1].isupper()

    def _statement(self, name: ast.Name, owner: Scope) -> ImportStatement | Doubt:
        bound = owner.bindings[name.id]
        if owner.kind != "module":
            return Doubt(f"'{name.id}' is known only where the definition is")
        if len(bound) != 1 or bound[0].scope is not owner:
            return Doubt(f"'{name.id}' is bound in several ways, so that an import may give another value")
        if isinstance(bound[0].node, ast.alias):
            return self._import(bound[0])
        if not self.module.name:
            return Doubt(f"'{name.id}' cannot be imported")
        if may_be_set(self.project, name.id):
            return Doubt(f"'{name.id}' may be set from outside, which an import would not see")
        return ImportStatement(self.module.name, name.id)

    def _import(self, binding: Binding) -> ImportStatement | Doubt:
        alias = binding.node
        statement = self.module.bindings.parents[alias]
        if not isinstance(alias, ast.alias):
            return Doubt(f"'{binding.name}' cannot be imported")
        if isinstance(statement, ast.Import):
            return ImportStatement(alias.name, None, alias.asname)
        if isinstance(statement, ast.ImportFrom):
            source = absolute_module(statement, self.module.name, self.module.is_package)
            if source:
                return ImportStatement(source, alias.name, alias.asname)
        return Doubt(f"'{binding.name}' cannot be imported")


def _same_here(name: ast.Name, owner: Scope | None, scope: Scope) -> Doubt | None:
    if scope.lookup(name.id) is owner:
        return None
    return Doubt(f"'{name.id}' means something else here")


def all_imports(renamings: Iterable[Renaming]) -> set[ImportStatement]:
    """Return the imports of several places of one file."""
    return {statement for each in renamings for statement in each.imports}
