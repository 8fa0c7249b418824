"""The private helpers of a symbol: what its module defines and nothing but the symbol, or another helper, uses."""

from __future__ import annotations

import ast

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.move_symbol.definition import Definition, find_definition
from overhaul.refactors.recipes.move_symbol.moved_names import global_uses
from overhaul.refactors.recipes.rename_symbol.usages import find_usages
from overhaul.refactors.symbols.target import VariableTarget


def with_helpers(inference: Inference, definition: Definition) -> list[Definition]:
    """Return the definition and those of its helpers, in the order of the file."""
    module = definition.module
    found = {definition.name: definition}
    grown = True
    while grown:
        grown = False
        for name in sorted(
            {name for name, _ in global_uses(module, list(found.values()), False)} - set(found)
        ):
            helper = _definition(module, name)
            if helper is not None and _is_used_only_in(inference, module, helper, [*found.values(), helper]):
                found[name] = helper
                grown = True
    return sorted(found.values(), key=lambda each: each.text)


def _definition(module: Module, name: str) -> Definition | None:
    bindings = module.scope.bindings.get(name, [])
    if not bindings or any(isinstance(each.node, ast.alias) for each in bindings):
        return None
    try:
        return find_definition(module, name)
    except ParameterError:
        return None


def _is_used_only_in(
    inference: Inference, module: Module, helper: Definition, definitions: list[Definition]
) -> bool:
    """Tell whether every use of a helper, proved or not, is in the lines that move."""
    target = VariableTarget(module, module.scope, helper.name, f"{module.name}.{helper.name}")
    usages = find_usages(inference, target)
    if usages.unresolved:
        return False
    for usage in usages.proved:
        if usage.module is not module:
            return False
        line = module.source.position(usage.span[0])[0]
        if not any(each.holds(line) for each in definitions):
            return False
    return True
