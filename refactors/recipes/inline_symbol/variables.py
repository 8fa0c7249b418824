"""A variable or constant that is assigned once: each use becomes its value."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from overhaul.refactors.control_flow import FlowGraph
from overhaul.refactors.data_flow import nodes_where_it_holds
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.fitting import expression_span, fitted
from overhaul.refactors.import_needs import runs_later
from overhaul.refactors.indentation import indent_of
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.inline_symbol.edits import Changes
from overhaul.refactors.recipes.inline_symbol.evaluation import evaluated_before
from overhaul.refactors.recipes.inline_symbol.meaning import MovedCode
from overhaul.refactors.recipes.inline_symbol.patches import may_be_set
from overhaul.refactors.recipes.inline_symbol.purity import (
    Purity,
    is_bound_once,
    is_module,
    outer_names,
    purity,
)
from overhaul.refactors.recipes.inline_symbol.rendering import rendered
from overhaul.refactors.recipes.rename_symbol.findings import Usage
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.suppression import may_suppress


@dataclass(frozen=True, slots=True)
class Definition:
    """The one assignment of a variable."""

    module: Module
    scope: Scope
    name: str
    target: ast.Name
    statement: ast.Assign | ast.AnnAssign
    value: ast.expr


def definition_of(module: Module, scope: Scope, name: str, bindings: list[Binding]) -> Definition:
    """Return the assignment of a variable. Raises ParameterError if there is not exactly one."""
    places = ", ".join(str(binding.line) for binding in bindings)
    if len(bindings) != 1:
        raise ParameterError(f"'{name}' is bound more than once in {module.path}: at the lines {places}")
    node = bindings[0].node
    statement = module.bindings.parents.get(node)
    value = getattr(statement, "value", None)
    is_single = (isinstance(statement, ast.Assign) and statement.targets == [node]) or isinstance(
        statement, ast.AnnAssign
    )
    if not is_single or not isinstance(node, ast.Name) or value is None:
        raise ParameterError(
            f"'{name}' at {module.path}:{places} is not bound by a plain 'name = value'; nothing can stand in its place"
        )
    if bindings[0].scope is not scope:
        raise ParameterError(f"'{name}' is bound by an inner function, at {module.path}:{places}")
    if any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(value)):
        raise ParameterError(f"the value of '{name}' at {module.path}:{places} uses the name itself")
    if any(isinstance(each, ast.NamedExpr | ast.Yield | ast.YieldFrom) for each in ast.walk(value)):
        raise ParameterError(f"the value of '{name}' at {module.path}:{places} binds a name or yields")
    assert isinstance(statement, ast.Assign | ast.AnnAssign)  # noqa: S101 - is_single
    return Definition(module, scope, name, node, statement, value)


class VariableInlining:
    """Judges the uses of one variable."""

    def __init__(
        self, inference: Inference, definition: Definition, changes: Changes, uses: int, keep: bool
    ) -> None:
        self.inference = inference
        self.definition = definition
        self.changes = changes
        self.uses = uses
        self.keep = keep
        self.purity: Purity = purity(inference, definition.module, definition.value)
        self.code = MovedCode(inference.project, definition.module, (definition.value,))

    def replace(self, usage: Usage) -> bool:
        """Put the value in the place of a use, or report why not."""
        module, node = usage.module, usage.node
        assert isinstance(node, ast.Name | ast.Attribute)  # noqa: S101 - the caller picks those
        span = expression_span(module, node, usage.span)
        if span is None:
            outcome: str | Doubt = Doubt("the use is in a string whose positions are not known")
        else:
            outcome = self._text(module, node, span)
        if isinstance(outcome, Doubt) or span is None:
            reason = outcome.reason if isinstance(outcome, Doubt) else ""
            self.changes.note(module, usage.span[0], "unresolved", reason)
            return False
        self.changes.of(module).replace(span, outcome)
        self.changes.note(module, span[0], "resolved", f"{usage.reason}: replaced by the value")
        return True

    def _text(self, module: Module, node: ast.Name | ast.Attribute, span: tuple[int, int]) -> str | Doubt:
        doubt = self._receiver_doubt(module, node) or self._timing_doubt(module, node)
        if doubt is None and self._compares_identity(module, node):
            doubt = Doubt("'is' compares the object itself, and each evaluation may give another")
        if doubt is not None:
            return doubt
        if _is_in_type_comment(module, node):
            return Doubt("the use is in a type comment")
        scope = module.bindings.scope_of(node)
        renaming = self.code.at(module, scope, node.lineno)
        if isinstance(renaming, Doubt):
            return renaming
        indent = indent_of(module.source, module.bindings.statement_of(node).lineno)
        value = rendered(self.definition.module, self.definition.value, renaming.names, indent)
        if isinstance(value, Doubt):
            return value
        text = fitted(module, node, span, value)
        if not isinstance(text, Doubt):
            self.changes.need(module, renaming.imports, node)
            self.changes.of(module).kept |= renaming.kept
        return text

    def _receiver_doubt(self, module: Module, node: ast.Name | ast.Attribute) -> Doubt | None:
        if isinstance(node, ast.Attribute) and purity(self.inference, module, node.value) == "acting":
            return Doubt("the receiver would no longer be evaluated, and may have side effects")
        return None

    def _compares_identity(self, module: Module, node: ast.expr) -> bool:
        above = module.bindings.parents.get(node)
        compares = isinstance(above, ast.Compare) and any(
            isinstance(each, ast.Is | ast.IsNot) for each in above.ops
        )
        value = self.definition.value
        is_single = isinstance(value, ast.Constant) and value.value in (None, True, False, ...)
        return (
            compares and self.uses > 1 and not is_single and not isinstance(value, ast.Name | ast.Attribute)
        )

    def _timing_doubt(self, module: Module, node: ast.Name | ast.Attribute) -> Doubt | None:
        """Tell what stands against evaluating the value where the use is."""
        definition = self.definition
        if self.purity in ("reading", "acting"):
            return self._move_doubt(module, node)
        scope = module.bindings.scope_of(node)
        for name, owner in outer_names(definition.module, definition.value):
            if owner is None or owner is definition.scope:
                continue
            if not is_bound_once(definition.module, owner, name.id) and owner.kind != "comprehension":
                return Doubt(f"'{name.id}' may have been bound anew by then")
            if owner.parent is None and may_be_set(self.inference.project, name.id):
                return Doubt(f"'{name.id}' may be set from outside, by its name or by a string")
        if definition.scope.kind == "function":
            return self._local_doubt(node, scope)
        return self._global_doubt(module, node, scope)

    def _global_doubt(self, module: Module, node: ast.expr, scope: Scope) -> Doubt | None:
        definition = self.definition
        if definition.module.bindings.parents.get(definition.statement) is not definition.scope.node:
            return Doubt("the definition is made under a condition")
        for name, owner in outer_names(definition.module, definition.value):
            if owner is not definition.scope:
                continue
            if not is_bound_once(definition.module, owner, name.id):
                return Doubt(f"'{name.id}' may have been bound anew by then")
            if owner.parent is None and may_be_set(self.inference.project, name.id):
                return Doubt(f"'{name.id}' may be set from outside, by its name or by a string")
        is_earlier = (node.lineno, node.col_offset) < (definition.target.lineno, definition.target.col_offset)
        if module is definition.module and is_earlier and not runs_later(scope):
            return Doubt("the use comes before the definition")
        return None

    def _local_doubt(self, node: ast.expr, scope: Scope) -> Doubt | None:
        definition = self.definition
        own = {
            name.id
            for name, owner in outer_names(definition.module, definition.value)
            if owner is definition.scope
        }
        if node not in self._holding and not self._is_deferred(scope):
            return Doubt("on some way to the use, the variable or a name in its value is bound otherwise")
        if self._is_deferred(scope):
            for name in sorted(own):
                if not is_bound_once(definition.module, definition.scope, name):
                    return Doubt(f"'{name}' may have been bound anew when the inner function runs")
            if own and not is_bound_once(definition.module, definition.scope, definition.name):
                return Doubt("the variable is bound in a loop, and an inner function uses it")
        return None

    def _is_deferred(self, scope: Scope) -> bool:
        """Tell whether code of a scope may run later than the code around it."""
        current: Scope | None = scope
        while current is not None and current is not self.definition.scope:
            if current.kind in ("function", "class") or isinstance(current.node, ast.GeneratorExp):
                return True
            current = current.parent
        return False

    @cached_property
    def _holding(self) -> set[ast.AST]:
        definition = self.definition
        graph = FlowGraph(
            definition.module.bindings,
            definition.scope,
            swallows=lambda item: may_suppress(self.inference, definition.module, item),
        )
        own = {
            name.id
            for name, owner in outer_names(definition.module, definition.value)
            if owner is definition.scope
        }
        return nodes_where_it_holds(graph, definition.target, own)

    def _move_doubt(self, module: Module, node: ast.Name | ast.Attribute) -> Doubt | None:
        """Tell what stands against evaluating the value once, but later: in the next statement."""
        definition = self.definition
        what = "the value may have effects or depend on what happens in between"
        if self.uses != 1 or self.keep:
            return Doubt(f"{what}, and it would be evaluated more than once")
        if module is not definition.module or definition.scope.kind == "class":
            return Doubt(f"{what}, and the use is elsewhere")
        statement = module.bindings.statement_of(node)
        if _next_statement(module, definition.statement) is not statement:
            return Doubt(f"{what}, and the use is not in the next statement")
        before = evaluated_before(module.bindings, statement, node)
        if isinstance(before, Doubt):
            return Doubt(f"{what}, and {before.reason}")
        for each in before:
            if not self._may_come_first(each):
                return Doubt(f"{what}, and '{ast.unparse(each)}' would be evaluated before it")
        return None

    def _may_come_first(self, node: ast.expr) -> bool:
        """Tell whether evaluating another expression before the value, and not after it, changes nothing."""
        module = self.definition.module
        kind = purity(self.inference, module, node)
        if kind == "constant" or (self.purity == "reading" and kind != "acting"):
            return True
        if is_module(self.inference, module, node):
            return True
        if not isinstance(node, ast.Name):
            return kind == "stable" and all(
                self._may_come_first(each)
                for each in ast.iter_child_nodes(node)
                if isinstance(each, ast.expr)
            )
        owner = module.bindings.scope_of(node).lookup(node.id)
        if owner is None or owner.kind == "comprehension":
            return True
        if owner.kind == "module" or owner is not self.definition.scope:
            return is_bound_once(module, owner, node.id)
        return all(each.scope is owner for each in owner.bindings.get(node.id, []))


def _next_statement(module: Module, statement: ast.stmt) -> ast.stmt | None:
    above = module.bindings.parents[statement]
    for name in ("body", "orelse", "finalbody"):
        block = getattr(above, name, [])
        if isinstance(block, list) and statement in block:
            rest = [each for each in block[block.index(statement) + 1 :] if not isinstance(each, ast.Pass)]
            return rest[0] if rest else None
    return None


def _is_in_type_comment(module: Module, node: ast.AST) -> bool:
    current: ast.AST | None = node
    while current is not None:
        if current in module.bindings.comment_scopes:
            return True
        current = module.bindings.parents.get(current)
    return False
