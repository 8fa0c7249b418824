"""Renames a name of a scope: a function, class or variable of a module, through every import; a local variable."""

from __future__ import annotations

import ast
from collections import defaultdict

from overhaul.refactors.annotations import last_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import alias_spans, string_span
from overhaul.refactors.project import Exported, Module, exported_strings
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.self_documenting import note_self_documenting
from overhaul.refactors.recipes.rename_symbol.star_imports import StarImports, modules_with_star_imports
from overhaul.refactors.recipes.rename_symbol.taken import refuse_taken_attribute, refuse_taken_in_scope
from overhaul.refactors.recipes.rename_symbol.unproved_names import may_be_outer, report_namespaces
from overhaul.refactors.recipes.rename_symbol.unseen_exports import (
    report_possible_reexports,
    report_unseen_names,
)
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.symbols.target import ExternalTarget, VariableTarget
from overhaul.refactors.values import External, ModuleValue, Unknown, Value

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class VariableRename:
    """The name of one scope, and of every scope that imports it under this name."""

    def __init__(
        self, inference: Inference, target: VariableTarget | ExternalTarget, findings: Findings
    ) -> None:
        self.inference = inference
        self.project = inference.project
        self.target = target
        self.findings = findings
        self.old, self.new = findings.old, findings.new
        self._follows: dict[Scope, bool] = {}
        outside = target.symbol if isinstance(target, ExternalTarget) else None
        self.stars = StarImports(self.project, findings, self.is_exported_by, outside)

    def find(self) -> None:
        """Find every site in the tree, or in the one file that a local variable can be in."""
        if isinstance(self.target, VariableTarget) and self.target.scope.parent is not None:
            self.find_in(self.target.module)
            report_namespaces(self.findings, self.target.module, self.target.scope)
            return
        for module in self.project.containing([self.old]):
            self.find_in(module)
        for module in modules_with_star_imports(self.project, self.new):
            if not self.follows(module, module.scope):
                self.stars.refuse_hidden(module)
        if isinstance(self.target, VariableTarget):
            words = {self.old, self.target.module.name.rpartition(".")[2]}
            refuse_taken_attribute(self.inference, self.new, words, self._is_module_of_symbol)

    def _is_module_of_symbol(self, module: Module, receiver: ast.expr) -> bool:
        values = self.inference.values(module, receiver)
        return bool(values) and all(self.means_symbol(value) for value in values)

    def find_in(self, module: Module) -> None:
        """Find the sites of one file."""
        for scope in self._scopes_binding(module):
            if self.follows(module, scope):
                refuse_taken_in_scope(module, scope, self.old, self.new)
                self._rename_bindings(module, scope)
            else:
                self._keep_name(module, scope)
        self._rename_names(module)
        if type(self) is VariableRename and isinstance(self.target, ExternalTarget):
            report_possible_reexports(self.findings, module, self.target)
        elif type(self) is VariableRename and isinstance(self.target, VariableTarget):
            report_unseen_names(self.findings, module)
        self._rename_imports_under_other_names(module)
        for attribute, _ in module.bindings.attributes.get(self.old, ()):
            self._attribute(module, attribute)
        if self.follows(module, module.scope) or self._is_star_imported(module):
            self._rename_exported_strings(module)
        for constant in module.bindings.opaque_annotations:
            if self.old in str(constant.value):
                self.findings.leave(
                    module, constant, "an annotation in a string that is not written as it is"
                )

    def follows(self, module: Module, scope: Scope) -> bool:
        """Tell whether the name means the symbol in a scope and is renamed with it."""
        if scope not in self._follows:
            self._settle(module, scope)
        return self._follows[scope]

    def _settle(self, module: Module, scope: Scope) -> None:
        """Work out a scope and all that its imports lead to, in loops: re-exports are chained without limit."""
        importers: dict[Scope, list[Scope]] = defaultdict(list)
        pending, meaning = [(module, scope)], list[Scope]()
        while pending:
            module, scope = pending.pop()
            if scope in self._follows:
                meaning += [scope] if self._follows[scope] else []
                continue
            self._follows[scope] = False
            if self._is_target(module, scope):
                meaning.append(scope)
            elif scope.kind != "class":
                for binding in scope.bindings.get(self.old, ()):
                    found = self._imported(module, binding)
                    if isinstance(found, Exported):
                        importers[found.module.scope].append(scope)
                        pending.append((found.module, found.module.scope))
                    elif self._is_symbol(found):
                        meaning.append(scope)
        while meaning:
            scope = meaning.pop()
            self._follows[scope] = True
            meaning += [each for each in importers.pop(scope, ()) if not self._follows[each]]

    def _is_target(self, module: Module, scope: Scope, /) -> bool:
        target = self.target
        if isinstance(target, ExternalTarget):
            return False
        if target.scope.parent is None:
            return scope.parent is None and module.key == target.module.key and self.old in scope.bindings
        return scope is target.scope

    def _imports_symbol(self, module: Module, binding: Binding) -> bool:
        """Tell whether a binding is an import of the symbol (under its own or another name)."""
        return self._is_symbol(self._imported(module, binding))

    def _imported(self, module: Module, binding: Binding) -> ModuleValue | External | Exported | None:
        """Return what a from-import of the symbol's name leads to; None for other bindings."""
        alias = binding.node
        if not isinstance(alias, ast.alias) or alias.name != self.old:
            return None
        if not isinstance(module.bindings.parents[alias], ast.ImportFrom):
            return None
        return self.project.imported(module, binding)

    def _is_symbol(self, found: ModuleValue | External | Exported | None) -> bool:
        if isinstance(found, Exported):
            return self.follows(found.module, found.module.scope)
        return isinstance(found, External) and found.name == self.target.symbol and self._is_outside

    @property
    def _is_outside(self) -> bool:
        return isinstance(self.target, ExternalTarget)

    def is_exported_by(self, location: Location) -> bool:
        """Tell whether a module's namespace has the symbol under its name."""
        return self._is_symbol(self.project.member(location, self.old))

    def means_symbol(self, value: Value) -> bool:
        """Tell whether `.old` of a value is the symbol."""
        if isinstance(value, ModuleValue):
            return self.is_exported_by(value.location)
        return (
            isinstance(value, External)
            and self._is_outside
            and f"{value.name}.{self.old}" == self.target.symbol
        )

    def _scopes_binding(self, module: Module) -> list[Scope]:
        return [scope for scope in module.scope.subtree() if self.old in scope.bindings]

    def _rename_bindings(self, module: Module, scope: Scope) -> None:
        for binding in scope.bindings[self.old]:
            node = binding.node
            if isinstance(node, ast.alias):
                self._rename_import(module, node, self._imports_symbol(module, binding))
            elif not isinstance(node, ast.Name):
                self.findings.rename(module, node, self._definition_reason(module, scope))
        for each in scope.subtree():
            # A function between may have a variable of the name as well, which a declaration inside it means.
            is_meant = scope.parent is None or each.lookup(self.old) is scope
            statements = each.global_names if scope.parent is None else each.nonlocal_names
            for statement in statements.get(self.old, ()) if is_meant else ():
                self.findings.rename(module, statement, "declaration of the name")

    def _definition_reason(self, module: Module, scope: Scope) -> str:
        if self._is_target(module, scope):
            return "definition"
        return "other definition of the name in a scope that imports it"

    def _rename_import(self, module: Module, alias: ast.alias, is_symbol: bool) -> None:
        spans = alias_spans(module.source, alias)
        if is_symbol:
            for span in spans:
                self.findings.replace(module, span, self.new, self._import_reason(module, alias), alias)
        elif alias.asname:
            self.findings.replace(
                module, spans[-1], self.new, "other import of the name in a scope that imports it", alias
            )
        else:
            dotted = module.source.slice(spans[0][0], spans[-1][1])
            self.findings.replace(
                module,
                (spans[0][0], spans[-1][1]),
                f"{dotted} as {self.new}",
                "other import bound to the name",
                alias,
            )

    def _import_reason(self, module: Module, alias: ast.alias) -> str:
        statement = module.bindings.parents[alias]
        source = statement.module if isinstance(statement, ast.ImportFrom) else alias.name
        dots = "." * statement.level if isinstance(statement, ast.ImportFrom) else ""
        return f"import from {dots}{source or ''}"

    def _keep_name(self, module: Module, scope: Scope) -> None:
        """Import the symbol by its new name where the scope must keep the old one: a class's attribute."""
        for binding in scope.bindings[self.old]:
            alias = binding.node
            if isinstance(alias, ast.alias) and self._imports_symbol(module, binding):
                span = alias_spans(module.source, alias)[0]
                text = self.new if alias.asname else f"{self.new} as {self.old}"
                self.findings.replace(module, span, text, self._import_reason(module, alias), alias)

    def _rename_imports_under_other_names(self, module: Module) -> None:
        for statement, scope in module.bindings.imports:
            for alias in statement.names:
                if (
                    alias.name != self.old
                    or alias.asname in (None, self.old)
                    or isinstance(statement, ast.Import)
                ):
                    continue
                bindings = [each for each in scope.bindings.get(alias.asname or "", ()) if each.node is alias]
                binding = bindings[0] if bindings else Binding(alias.asname or "", alias, scope)
                if self._imports_symbol(module, binding):
                    span = alias_spans(module.source, alias)[0]
                    self.findings.replace(module, span, self.new, self._import_reason(module, alias), alias)

    def _rename_names(self, module: Module) -> None:
        for node, scope in module.bindings.names.get(self.old, ()):
            owner = scope.lookup(self.old, node)
            if owner is not None and self.follows(module, owner):
                self.findings.rename(module, node, self._use_reason(module, node, owner))
                self._note_self_documenting(module, node)
            elif owner is None and self._is_star_imported(module):
                refuse_taken_in_scope(module, module.scope, self.old, self.new)
                self.stars.refuse_unexported(module, node)
                self.findings.rename(module, node, "star import of the module")
            elif owner is not None and owner.parent is not None and may_be_outer(module, node, owner):
                outer = owner.parent.lookup(self.old)
                if outer is not None and self.follows(module, outer):
                    self.findings.leave(
                        module, node, "the class's block binds the name only under a condition"
                    )

    def _use_reason(self, module: Module, node: ast.Name, owner: Scope) -> str:
        if not isinstance(node.ctx, ast.Load):
            return self._definition_reason(module, owner)
        for binding in owner.bindings[self.old]:
            if isinstance(binding.node, ast.alias):
                return f"use of the {self._import_reason(module, binding.node)}"
        return "use in the scope that defines it"

    def _note_self_documenting(self, module: Module, node: ast.expr) -> None:
        note_self_documenting(self.findings, module, node)

    def _is_star_imported(self, module: Module, /) -> bool:
        return self.old not in module.scope.bindings and self.stars.statement(module) is not None

    def _attribute(self, module: Module, node: ast.Attribute) -> None:
        if isinstance(self.target, VariableTarget) and self.target.scope.parent is not None:
            return
        values = self.inference.values(module, node.value)
        matching = [value for value in values if self.means_symbol(value)]
        text = ast.unparse(node.value)
        if matching and len(matching) == len(values):
            self.findings.rename(module, node, f"attribute of the module '{text}'")
            self._note_self_documenting(module, node)
        elif any(self._lacks_name(value) for value in values):
            self.findings.leave(module, node, f"the module '{text}' has no '{self.old}' that can be seen")
        elif matching or (any(isinstance(value, Unknown) for value in values) and _may_be_module(node.value)):
            unknown = [value.reason for value in values if isinstance(value, Unknown)]
            why = f": {unknown[0]}" if unknown else ""
            self.findings.leave(
                module, node, f"receiver '{text}' has no known type{why}; it may be the module"
            )

    def _lacks_name(self, value: Value) -> bool:
        """Tell whether a value is a module of the tree whose namespace gets the name in some unseen way."""
        return isinstance(value, ModuleValue) and self.project.member(value.location, self.old) is None

    def _rename_exported_strings(self, module: Module) -> None:
        for constant in exported_strings(module):
            if constant.value == self.old:
                span = string_span(module.source, constant, 0, len(self.old))
                if span is None:
                    self.findings.leave(module, constant, "name in __all__ that is not written as it is")
                else:
                    self.findings.replace(module, span, self.new, "name in __all__", constant)


def _may_be_module(receiver: ast.expr) -> bool:
    """Tell whether an unknown receiver is written as a module would be: a name but `self`, or an import by name."""
    if isinstance(receiver, ast.Call):
        return last_name(receiver.func) in ("import_module", "__import__")
    return isinstance(receiver, ast.Name) and receiver.id not in ("self", "cls")
