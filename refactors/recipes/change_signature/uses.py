"""All that may use the function: calls, and the function as a value, under its own and other names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.change_signature.definitions import Definitions
from overhaul.refactors.recipes.rename_symbol.usages import find_usages
from overhaul.refactors.symbols.target import MemberTarget, Target, VariableTarget
from overhaul.refactors.values import ClassDefinition


@dataclass(slots=True)
class Uses:
    """Names and attributes that are proved to be the function or class, by file; and what else may be.

    `calls` are calls whose function has another form: `cls()`, `super().__init__()`, an instance that is called.
    """

    references: dict[ast.expr, Module] = field(default_factory=dict)
    calls: dict[ast.Call, Module] = field(default_factory=dict)
    unresolved: dict[Site, None] = field(default_factory=dict)


def find_uses(inference: Inference, definitions: Definitions) -> Uses:
    """Return every use in the tree."""
    uses = Uses()
    function = definitions.function
    pending: list[Target] = [function.target]
    words = {function.name if function.kind == "function" else ""}
    if function.kind == "constructor":
        heirs = [each for owner in definitions.owners for each in _heirs(inference, owner, function.name)]
        pending += [_target_of(inference, each) for each in dict.fromkeys(heirs)]
        words = {each.name for each in [*definitions.owners, *heirs]}
    seen: set[object] = set()
    while pending:
        target = pending.pop()
        key = _key(target)
        if key in seen:
            continue
        seen.add(key)
        pending += _take(inference, target, uses)
    if function.kind == "constructor":
        _constructor_calls(inference, words, uses)
    elif function.name == "__call__":
        _all_calls(inference, uses)
    return uses


def _key(target: Target) -> object:
    if isinstance(target, VariableTarget):
        return target.scope, target.name
    return (target.definition, target.name) if isinstance(target, MemberTarget) else target


def _take(inference: Inference, target: Target, uses: Uses) -> Iterator[Target]:
    """Sort the uses of one name, and yield the variables that are just another name for it."""
    found = find_usages(inference, target)
    uses.unresolved.update(dict.fromkeys(found.unresolved))
    for usage in found.proved:
        node = usage.node
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        if node in uses.references:
            continue
        uses.references[node] = usage.module
        alias = alias_of(usage.module, node)
        if alias is not None:
            yield alias


def alias_of(module: Module, node: ast.expr) -> VariableTarget | None:
    """Return the variable of `g = f`, if nothing else gives it a value."""
    statement = module.bindings.parents.get(node)
    if not isinstance(statement, ast.Assign) or statement.value is not node or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Name):
        return None
    scope = module.bindings.scope_of(target)
    owner = scope.lookup(target.id, target) or scope
    if owner.kind == "class" or len(owner.bindings.get(target.id, ())) != 1:
        return None
    return VariableTarget(module, owner, target.id, f"{module.name}.{target.id}")


def _heirs(inference: Inference, owner: ClassDefinition, name: str) -> list[ClassDefinition]:
    """Return the subclasses that inherit the constructor."""
    descendants = inference.hierarchy.descendants(owner)
    return [
        each
        for each in descendants
        if (found := inference.hierarchy.provider(each, name)) is not None and found.key == owner.key
    ]


def _target_of(inference: Inference, definition: ClassDefinition) -> Target:
    scope = definition.scope.parent
    while scope is not None and scope.kind == "type parameters":
        scope = scope.parent
    if scope is not None and isinstance(scope.node, ast.ClassDef):
        outer = inference.project.class_definition(definition.module, scope.node)
        return MemberTarget(outer, definition.name, definition.qualified)
    return VariableTarget(
        definition.module, scope or definition.module.scope, definition.name, definition.qualified
    )


def _constructor_calls(inference: Inference, words: set[str], uses: Uses) -> None:
    """Find the calls in files that name the class: `super().__init__()`, `cls()`, `type(self)()`, `kind: type[C]`."""
    for module in inference.project.containing(words):
        uses.calls.update(dict.fromkeys(_calls(module), module))


def _all_calls(inference: Inference, uses: Uses) -> None:
    for path in inference.project.table.files:
        module = inference.project.module(path)
        if module is not None:
            uses.calls.update(dict.fromkeys(_calls(module), module))


def _calls(module: Module) -> list[ast.Call]:
    return [node for node in module.bindings.parents if isinstance(node, ast.Call)]
