"""How each file can name one function or class of the tree; the imports that this takes are asked for."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_needs import ImportStatement, Need, local_name, runs_later
from overhaul.refactors.import_requests import ImportRequests
from overhaul.refactors.project import Module, Project
from overhaul.refactors.scopes import Scope


@dataclass(slots=True)
class NameAccess:
    """`name` at the top of the module `home`; `is_new` if it is only about to be defined there.

    `neighbour` is a name right before which, or after which, it is defined: who gets the one gets the other.
    """

    project: Project
    home: Module
    name: str
    is_new: bool
    requests: ImportRequests
    neighbour: str = ""
    used: set[ast.AST] = field(default_factory=set)  # the imports that its texts rely on

    def text_at(self, module: Module, scope: Scope, node: ast.expr | ast.stmt) -> str | Doubt:
        """Return the text that means it in a scope, and note the import that this takes."""
        top = self.name.partition(".")[0]
        if module.key == self.home.key:
            return self._own(module, scope, node)
        found = self.project.table.locate(self.home.name, module.path)
        if found is None or found.key != self.home.key:
            return Doubt(f"{self.home.path} cannot be imported from here under a name that is known")
        need = Need(self.name, f"{self.home.name}.{self.name}", ImportStatement(self.home.name, top))
        local = local_name(module, scope, node.lineno, need)
        if local is not None and not isinstance(local, Doubt):
            if local.binding is not None:
                self.used.add(local.binding.node)
            return local.text
        if self.requests.closes_cycle(module, self.home) and not self._has_neighbour(module):
            return Doubt(f"importing {self.home.name} here would make an import cycle")
        is_taken = isinstance(local, Doubt) or any(
            place.lookup(top, use) is None for use, place in module.bindings.names.get(top, ())
        )
        statement = need.statement
        if is_taken:
            statement = ImportStatement(self.home.name, top, f"{self.home.name.rpartition('.')[2]}_{top}")
            if statement.local_name in module.bindings.names or scope.lookup(statement.local_name):
                return Doubt(f"'{top}' means something else here")
        self.requests.add(module, scope, node, statement)
        return statement.local_name + self.name[len(top) :]

    def _own(self, module: Module, scope: Scope, node: ast.expr | ast.stmt) -> str | Doubt:
        top = self.name.partition(".")[0]
        owner = scope.lookup(top)
        if self.is_new:
            if owner is not None:
                return Doubt(f"'{top}' means something else here")
            around: Scope | None = scope
            while around is not None and not runs_later(scope):
                if around.kind == "class":
                    return Doubt(f"'{top}' is defined only below")
                around = around.parent
            return self.name
        bindings = module.scope.bindings.get(top, [])
        if owner is not module.scope or len(bindings) != 1:
            return Doubt(f"'{top}' is not defined once in this module, or means something else here")
        defined = getattr(bindings[0].node, "end_lineno", None) or bindings[0].line
        if not runs_later(scope) and defined >= node.lineno:
            return Doubt(f"'{top}' is defined only below")
        return self.name

    def _has_neighbour(self, module: Module) -> bool:
        """Whether the module already takes from its home, when it is loaded, what is defined beside the name."""
        if self.home.key not in self.requests.graph.imports(module.key):
            return False
        for statement, scope in module.bindings.imports:
            if scope.kind != "module" or not isinstance(statement, ast.ImportFrom):
                continue
            if module.bindings.parents.get(statement) is not module.source.tree:
                continue
            source = self.project.import_source(module, statement)
            if getattr(source, "key", None) == self.home.key and any(
                alias.name == self.neighbour for alias in statement.names
            ):
                return True
        return False
