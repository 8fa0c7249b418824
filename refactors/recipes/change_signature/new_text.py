"""Expressions that are put into the code, with their names as each place calls them, and the imports for that."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_needs import (
    ImportStatement,
    Need,
    find_needs,
    is_builtin,
    local_name,
    parse_imports,
    runs_later,
)
from overhaul.refactors.imports import absolute_module, dotted_names
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project
from overhaul.refactors.scopes import Binding, Scope

_MOST_MODULES = 500


@dataclass(slots=True)
class AddedImports:
    """What one file must import, and the offset of the first statement that needs it when the file is loaded."""

    statements: set[ImportStatement] = field(default_factory=set)
    before: list[int] = field(default_factory=list)


class NewText:
    """Expressions written as in the module of the function, brought to other places."""

    def __init__(self, project: Project, home: Module, imports: Sequence[str]) -> None:
        self.project = project
        self.home = home
        self._statements = parse_imports(imports)
        self.imports: dict[str, AddedImports] = {}

    def at(self, module: Module, scope: Scope, place: ast.stmt, text: str) -> str | Doubt:
        """Return an expression as the code of a scope writes it; notes the imports that it needs."""
        try:
            tree = ast.parse(text, mode="eval").body
        except SyntaxError:
            return Doubt(f"'{text}' cannot be read")
        replaced: list[tuple[int, int, str]] = []
        missing: set[ImportStatement] = set()
        for chain, written in _chains(tree):
            found = self._name(module, scope, place.lineno, written)
            if isinstance(found, Doubt):
                return found
            name, statement = found
            if statement is not None:
                missing.add(statement)
            replaced.append((chain[0].col_offset, chain[-1].end_col_offset or 0, name))
        if missing:
            needed = self.imports.setdefault(module.path, AddedImports())
            needed.statements |= missing
            if not runs_later(scope):
                needed.before.append(module.source.start(place))
        content = text.encode()
        for start, end, name in sorted(replaced, reverse=True):
            content = content[:start] + name.encode() + content[end:]
        return content.decode()

    def _name(
        self, module: Module, scope: Scope, line: int, written: str
    ) -> tuple[str, ImportStatement | None] | Doubt:
        first = written.partition(".")[0]
        bindings = self.home.scope.bindings.get(first)
        given = any(each.local_name == first for each in self._statements)
        if bindings and not given:
            if module is self.home:
                seen = scope.lookup(first) is module.scope
                return (written, None) if seen else Doubt(f"'{first}' means something else here")
            needs = [Need(written, statement.bound + written[len(first) :], statement)
                     for statement in [self._statement_of(bindings)] if statement is not None]  # fmt: skip
            if not needs:
                return Doubt(f"where '{first}' comes from cannot be told")
        elif is_builtin(first) and not given:
            hidden = scope.lookup(first) is not None
            return Doubt(f"'{first}' means something else here") if hidden else (written, None)
        elif self._derives(written) or given:
            needs = self._given(written)
        elif scope.lookup(first) is not None:  # `self`, a variable that the place has
            return written, None
        else:
            return Doubt(
                f"nothing says where '{first}' of '{written}' comes from; if it is to be imported, add it, for"
                f" example: -p imports='import {first}'"
            )
        found = local_name(module, scope, line, needs[0])
        if isinstance(found, Doubt):
            return found
        if found is not None:
            return found.text, None
        source = self.project.table.locate(needs[0].statement.module, module.path)
        if source is not None and self._reaches(source, module):
            return Doubt(
                f"importing '{written}' from {needs[0].statement.module} would close a cycle of imports"
            )
        return needs[0].text, needs[0].statement

    def _derives(self, written: str) -> bool:
        """Tell whether a name begins with a module of the tree or the standard library."""
        try:
            return bool(find_needs([written], (), self.project))
        except ParameterError:
            return False

    def _given(self, written: str) -> list[Need]:
        return find_needs([written], self._statements, self.project)

    def _statement_of(self, bindings: Sequence[Binding]) -> ImportStatement | None:
        """Return the import that gives another file what a name means in the function's module."""
        alias = bindings[0].node
        if not isinstance(alias, ast.alias):
            return ImportStatement(self.home.name, bindings[0].name)
        if len(bindings) > 1:
            return None
        statement = self.home.bindings.parents[alias]
        if isinstance(statement, ast.Import):
            return ImportStatement(alias.name, None, alias.asname)
        if not isinstance(statement, ast.ImportFrom):
            return None
        source = absolute_module(statement, self.home.name, self.home.is_package)
        return ImportStatement(source, alias.name, alias.asname) if source else None

    def _reaches(self, start: Location, goal: Module) -> bool:
        """Tell whether loading a module loads the other one as well (or too much to tell)."""
        pending, seen = [start], {start.key}
        while pending:
            location = pending.pop()
            if location.key == goal.key or len(seen) > _MOST_MODULES:
                return True
            for found in self._imported(location):
                if found.key not in seen:
                    seen.add(found.key)
                    pending.append(found)
        return False

    def _imported(self, location: Location) -> Iterator[Location]:
        for module in self.project.modules_at(location):
            for statement, scope in module.bindings.imports:
                if scope.kind == "function":
                    continue
                if isinstance(statement, ast.ImportFrom):
                    source = self.project.import_source(module, statement)
                    if isinstance(source, Location):
                        yield source
                        inner = (self.project.submodule(source, alias.name) for alias in statement.names)
                        yield from (each for each in inner if each is not None)
                    continue
                found = (self.project.absolute(module, alias.name) for alias in statement.names)
                yield from (each for each in found if isinstance(each, Location))


def _chains(tree: ast.expr) -> Iterator[tuple[list[ast.Name | ast.Attribute], str]]:
    """Yield the longest dotted names of an expression that it does not bind itself."""
    own = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        chain = dotted_names(node) if isinstance(node, ast.Name | ast.Attribute) else None
        if chain is None:
            pending += ast.iter_child_nodes(node)
        elif isinstance(chain[0], ast.Name) and chain[0].id not in own:
            parts = [each.attr for each in chain[1:] if isinstance(each, ast.Attribute)]
            yield chain, ".".join([chain[0].id, *parts])
