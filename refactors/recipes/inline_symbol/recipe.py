"""The recipe itself: finds the definition and its uses, replaces what can be proved, and removes the definition."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_edits import named_elsewhere, removable_imports
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Analysis, Recipe, Site, parameter
from overhaul.refactors.recipes.inline_symbol.cases import CASES
from overhaul.refactors.recipes.inline_symbol.edits import Changes
from overhaul.refactors.recipes.inline_symbol.functions import FunctionInlining
from overhaul.refactors.recipes.inline_symbol.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.inline_symbol.members import check_attribute, other_owner
from overhaul.refactors.recipes.inline_symbol.removal import removed_statement
from overhaul.refactors.recipes.inline_symbol.variables import VariableInlining, definition_of
from overhaul.refactors.recipes.rename_symbol.findings import Usage
from overhaul.refactors.recipes.rename_symbol.usages import Usages, find_usages
from overhaul.refactors.scopes import Binding, FunctionNode, Scope
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.positions import named_target
from overhaul.refactors.symbols.target import (
    MemberTarget,
    Target,
    UnreadableTarget,
    VariableTarget,
)
from overhaul.refactors.text import collector_paused


@dataclass(frozen=True, slots=True)
class Parameters:
    """What to inline, and whether its definition stays."""

    symbol: str = parameter(
        "the variable, constant, function or method: package.module.Class.method, or path.py:LINE:COLUMN for a local"
    )
    keep: bool = parameter("keep the definition even if nothing in the tree needs it any more", default=False)


class InlineSymbol(Recipe):
    id = "inline-symbol"
    summary = "Replace the uses of a variable by its value, or the calls of a function by its body"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Inline {self.parameters.symbol}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find every use; replace those where the value or body means the same, report the others."""
        with collector_paused():
            return self._analyse(tree)

    def _analyse(self, tree: Tree) -> Analysis:
        project = Project(tree)
        inference = Inference(project)
        try:
            target = named_target(inference, self.parameters.symbol)
        except UnreadableTarget:
            return self.analysis(project, (), ())
        usages = find_usages(inference, target)
        changes = Changes(project, target.symbol)
        changes.others += usages.unresolved
        Inlining(inference, target, usages, changes, self.parameters.keep).run()
        return self._outcome(project, changes)

    def _outcome(self, project: Project, changes: Changes) -> Analysis:
        edits = changes.edits()
        if changes.failures:
            edits = []
            for key, site in list(changes.sites.items()):
                if site.status == "resolved":
                    reason = f"nothing was changed: {changes.failures[0].path} {changes.failures[0].error}"
                    changes.sites[key] = Site(
                        site.path, site.line, site.column, site.symbol, "unresolved", reason
                    )
        return self.analysis(project, changes.all_sites(), edits, changes.failures)


class Inlining:
    """One symbol: its uses sorted by kind, and what becomes of the definition."""

    def __init__(
        self, inference: Inference, target: Target, usages: Usages, changes: Changes, keep: bool
    ) -> None:
        self.inference = inference
        self.usages = usages
        self.changes = changes
        self.keep = keep
        self.module, self.scope, self.name = _place(inference, target)
        self.bindings = self.scope.bindings.get(self.name, [])
        self.target = target
        self.uses: list[Usage] = []
        self.imports: list[Usage] = []
        self.declarations: list[Usage] = []
        self.statements: list[tuple[Module, ast.stmt]] = []

    def run(self) -> None:
        """Replace the uses and, if nothing else needs it, remove the definition."""
        self._refuse_special()
        nodes = [binding.node for binding in self.bindings]
        if any(isinstance(node, FunctionNode) for node in nodes):
            function = FunctionInlining(self.inference, self.target, self.bindings, self.module, self.changes)
            self._sort()
            self.statements.append((self.module, function.node))
            done = function.replace(self.uses)
        else:
            if any(isinstance(node, ast.ClassDef | ast.alias | ast.arg) for node in nodes):
                raise ParameterError(
                    f"'{self.target.symbol}' is a class, an import or a parameter; only variables, functions and"
                    " methods can be inlined"
                )
            definition = definition_of(self.module, self.scope, self.name, self.bindings)
            if isinstance(self.target, MemberTarget):
                check_attribute(self.inference, self.target)
            self._sort()
            self.statements.append((self.module, definition.statement))
            variable = VariableInlining(self.inference, definition, self.changes, len(self.uses), self.keep)
            outcomes = [variable.replace(usage) for usage in self.uses]
            done = all(outcomes)
            if not self.uses and variable.purity == "acting":
                reason = "nothing uses the variable, but its value may have effects"
                self._left(self.module, self.module.source.start(definition.target), reason)
        if not self.keep and done:
            self._remove()

    def _refuse_special(self) -> None:
        """Refuse what Python or tools read, and what nothing uses: there is nothing to put its value in place of."""
        if self.scope.kind not in ("module", "class"):
            return
        if self.name.startswith("__") and self.name.endswith("__"):
            raise ParameterError(
                f"'{self.target.symbol}' is a special name, which Python or tools read by themselves"
            )
        own = {binding.node for binding in self.bindings}
        if (
            not any(
                usage.node not in own and isinstance(usage.node, ast.Name | ast.Attribute)
                for usage in self.usages.proved
            )
            and not self.usages.unresolved
        ):
            raise ParameterError(
                f"nothing in the tree uses '{self.target.symbol}', so there is nothing to inline"
            )

    def _sort(self) -> None:
        own = {binding.node for binding in self.bindings}
        for usage in self.usages.proved:
            node = usage.node
            if node in own:
                continue
            if isinstance(node, ast.alias):
                self.imports.append(usage)
            elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                self.uses.append(usage)
            elif usage.module.path.endswith(".pyi") and node is not None:
                self.declarations.append(usage)
            elif isinstance(node, ast.Name | ast.Attribute):
                line, _ = usage.module.source.position(usage.span[0])
                raise ParameterError(
                    f"'{self.target.symbol}' is bound again at {usage.module.path}:{line}; it has no single value"
                )
            else:
                self._left(usage.module, usage.span[0], f"{usage.reason}: needs the definition")

    def _left(self, module: Module, offset: int, reason: str) -> None:
        self.changes.note(module, offset, "unresolved", reason)

    def _remove(self) -> None:
        """Remove the definition, and the imports of it, if nobody else can see it."""
        reason = other_owner(self.inference, self.target)
        if reason is not None:
            self._left(self.module, self.module.source.start(self.statements[0][1]), reason)
        if self.changes.unresolved or self.inference.project.failures:
            return
        dropped: list[tuple[Module, Binding]] = []
        for usage in {usage.node: usage for usage in self.imports}.values():
            binding = _binding_of(usage)
            reason = self._import_doubt(usage.module, binding)
            if binding is None or reason is not None:
                self._left(usage.module, usage.span[0], reason or "this import needs the definition")
            else:
                dropped.append((usage.module, binding))
        if self.changes.unresolved:
            return
        for module, binding in dropped:
            self.changes.of(module).dropped.append(binding)
        for usage in self.declarations:
            if usage.node is not None:
                self.statements.append((usage.module, usage.module.bindings.statement_of(usage.node)))
        for module, statement in self.statements:
            start, end, text = removed_statement(module, statement)
            self.changes.of(module).replace((start, end), text)
            self.changes.note(
                module,
                module.source.start(statement),
                "resolved",
                "the definition, which nothing needs any more",
            )

    def _import_doubt(self, module: Module, binding: Binding | None) -> str | None:
        if binding is None or not removable_imports(module, [binding]):
            return "the name is imported here for others to see, so the definition stays"
        if named_elsewhere(self.inference.project, {(module.name, binding.name)}):
            return "another file takes the name from here, so the definition stays"
        return None


def _binding_of(usage: Usage) -> Binding | None:
    alias = usage.node
    if alias is None:
        return None
    scope = usage.module.bindings.scope_of(alias)
    for bindings in scope.bindings.values():
        for binding in bindings:
            if binding.node is alias:
                return binding
    return None


def _place(inference: Inference, target: Target) -> tuple[Module, Scope, str]:
    """Return where a target is defined. Raises ParameterError for what has no value or body of its own."""
    if isinstance(target, VariableTarget):
        return target.module, target.scope, target.name
    if isinstance(target, MemberTarget):
        definition = target.definition
        if target.name not in definition.scope.bindings:
            stores: Sequence[ast.AST] = list(inference.hierarchy.instance_stores(definition, target.name))
            line = getattr(stores[0], "lineno", 0) if stores else 0
            raise ParameterError(
                f"'{target.symbol}' is an attribute of instances (set at {definition.module.path}:{line}),"
                " which may have another value in each"
            )
        return definition.module, definition.scope, target.name
    raise ParameterError(
        f"'{target.symbol}' is a module, a parameter or from outside the tree; name a variable, function or method"
    )


__all__ = ["Doubt", "InlineSymbol"]
