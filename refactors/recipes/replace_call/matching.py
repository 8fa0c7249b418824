"""Every place of a file that is, or may be, a call of the pattern's function."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_needs import is_builtin
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project
from overhaul.refactors.quoted import string_around
from overhaul.refactors.recipes.replace_call.callees import ReceiverClass, parameters_of
from overhaul.refactors.recipes.replace_call.metavariables import Captures
from overhaul.refactors.recipes.replace_call.pairing import OTHER_WAY
from overhaul.refactors.recipes.replace_call.pattern import CallPattern, match_call
from overhaul.refactors.references import defined_name, meanings
from overhaul.refactors.scopes import Scope

Reference = ast.Name | ast.Attribute


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A call that is meant, with what its metavariables stand for."""

    call: ast.Call
    scope: Scope
    captures: Captures


@dataclass(frozen=True, slots=True)
class Unproved:
    """A place that may be meant."""

    node: ast.expr
    doubt: Doubt


class Matcher:
    """Finds the places of one pattern in the files of one project."""

    def __init__(
        self, project: Project, pattern: CallPattern, replace_unknown_receivers: bool, receiver: str = ""
    ) -> None:
        self.project = project
        self.pattern = pattern
        self.replace_unknown_receivers = replace_unknown_receivers
        self.receivers = ReceiverClass(project, receiver) if receiver else None
        # How many arguments a template passes by position that only does it the other way: such a call is wanted.
        self.kept_positions: frozenset[int] = frozenset()
        self.target = self._meaning_of(pattern.callee) if pattern.callee else None
        # By one of these a file must call what is meant; files that re-export it otherwise add theirs.
        self.words = {pattern.last_name, *(name.rpartition(".")[2] for name in self.names)}

    def _meaning_of(self, name: str) -> str:
        """Return the name under which is defined what a name in the pattern means."""
        return f"builtins.{name}" if is_builtin(name.partition(".")[0]) else defined_name(self.project, name)

    @property
    def names(self) -> set[str]:
        """The qualified names of the function: as the pattern has it, and as it is defined."""
        return {name for name in (self.pattern.callee, self.target) if name}

    def reexported_names(self, module: Module) -> set[str]:
        """Return further names that a file gives the function where other files can import them."""
        found = set()
        for name, bindings in module.scope.bindings.items():
            for binding in bindings:
                alias = binding.node
                if isinstance(alias, ast.alias) and alias.asname and self._may_name(alias.name):
                    imported = ast.Name(name, ast.Load())
                    if self.target in meanings(self.project, module, imported, module.scope):
                        found.add(name)
        return found - self.words

    def find(self, module: Module) -> Iterator[Match | Unproved]:
        """Give the places of one file, in no particular order."""
        if self.target is None:
            yield from self._method_calls(module)
            return
        for node, scope in self._references(module):
            found = self._judged(module, node, scope)
            if found is not None:
                yield found
        for constant, _ in module.bindings.strings:
            if constant.value in self.names and "." in constant.value:
                yield Unproved(constant, Doubt("a string names the function"))
            elif constant.value in self.words and self._is_asked_for(module, constant):
                yield Unproved(constant, Doubt("getattr asks for the function"))

    def _is_asked_for(self, module: Module, constant: ast.Constant) -> bool:
        """Whether a string is the name in `getattr(module, "name")`, of the function's module."""
        call = module.bindings.parents.get(constant)
        if not isinstance(call, ast.Call) or len(call.args) < 2 or call.args[1] is not constant:
            return False
        if not isinstance(call.func, ast.Name) or call.func.id != "getattr":
            return False
        above = {name.rpartition(".")[0] for name in self.names}
        found = meanings(self.project, module, call.args[0], module.bindings.scope_of(call))
        return bool(above.intersection(name for name in found if name))

    def _references(self, module: Module) -> Iterator[tuple[Reference, Scope]]:
        local = set(self.words)
        for statement, _ in module.bindings.imports:
            local.update(
                alias.asname for alias in statement.names if alias.asname and self._may_name(alias.name)
            )
        for word in sorted(self.words):
            yield from module.bindings.attributes.get(word, ())
        for name in sorted(local):
            yield from module.bindings.names.get(name, ())

    def _may_name(self, imported: str) -> bool:
        return imported.rpartition(".")[2] in self.words

    def _judged(self, module: Module, node: Reference, scope: Scope) -> Match | Unproved | None:
        doubt = self._star_doubt(module, node, scope)
        if doubt is not None:
            return Unproved(node, doubt)
        found = [meaning == self.target for meaning in meanings(self.project, module, node, scope)]
        if not any(found):
            return None
        if not all(found):
            return Unproved(node, Doubt("the name is bound in several ways here"))
        call = module.bindings.parents.get(node)
        if isinstance(call, ast.Call) and call.func is node:
            return self._matched(module, call, scope)
        if not isinstance(node.ctx, ast.Load):
            return Unproved(node, Doubt("the function is assigned here"))
        return Unproved(node, Doubt("the function is used as a value, without a call"))

    def _star_doubt(self, module: Module, node: Reference, scope: Scope) -> Doubt | None:
        if not isinstance(node, ast.Name) or scope.lookup(node.id, node) is not None:
            return None
        if is_builtin(node.id) and self.target != f"builtins.{node.id}":
            return None
        for statement, _ in module.bindings.star_imports:
            source = self.project.import_source(module, statement)
            if isinstance(source, str) or (isinstance(source, Location) and self._exports(source, node.id)):
                return Doubt(f"'{node.id}' may come from 'from {statement.module or '.'} import *'")
        return None

    def _exports(self, source: Location, name: str) -> bool:
        dotted = source.key.replace("/", ".")
        return (
            self.project.exports(source, name)
            and defined_name(self.project, f"{dotted}.{name}") == self.target
        )

    def _method_calls(self, module: Module) -> Iterator[Match | Unproved]:
        for node, scope in module.bindings.attributes.get(self.pattern.last_name, ()):
            call = module.bindings.parents.get(node)
            if not isinstance(call, ast.Call) or call.func is not node:
                continue
            found = self._matched(module, call, scope)
            if found is not None and self.receivers is not None:
                is_of = self.receivers.judge(module, node.value)
                if is_of is not True:
                    found = None if is_of is False else Unproved(call, is_of)
            elif isinstance(found, Match) and not (
                self.replace_unknown_receivers or self.pattern.has_known_receiver
            ):
                found = Unproved(call, Doubt("the type of the receiver is not known"))
            if found is not None:
                yield found

    def _matched(self, module: Module, call: ast.Call, scope: Scope) -> Match | Unproved | None:
        found = match_call(
            self.pattern,
            call,
            lambda expected, actual: self._same(module, expected, actual),
            None if self.kept_positions else self._parameters,
        )
        if found is None or (found == Doubt(OTHER_WAY) and len(call.args) in self.kept_positions):
            return None
        if isinstance(found, Doubt):
            return Unproved(call, found)
        inside = string_around(module.bindings, call)
        return Unproved(inside[0], inside[1]) if inside else Match(call, scope, found)

    @cached_property
    def _parameters(self) -> Sequence[str] | None:
        """The parameters of the pattern's function that take an argument by position or keyword, if it is known."""
        return parameters_of(self.project, self.target) if self.target is not None else None

    def _same(self, module: Module, expected: ast.expr, actual: ast.expr) -> bool:
        """Whether a name inside the pattern and an expression of the file mean the same."""
        wanted = self._meaning_of(ast.unparse(expected))
        found = meanings(self.project, module, actual, module.bindings.scope_of(actual))
        return bool(found) and all(meaning == wanted for meaning in found)
