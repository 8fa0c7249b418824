"""Leaves a member alone that a base outside the tree defines: renaming an override would break it."""

from __future__ import annotations

import ast

from overhaul.refactors.annotations import last_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.symbols.family import Family


def refuse_external_override(inference: Inference, family: Family, findings: Findings) -> bool:
    """Report each definition that overrides a member of a class outside the tree; return whether there is one."""
    refused = False
    for definition in family.defining():
        outside = inference.hierarchy.external_provider(definition, family.name)
        if outside is None or outside in family.external or outside == "builtins.object":
            continue
        refused = True
        bindings = definition.scope.bindings.get(family.name)
        node = (
            bindings[0].node
            if bindings
            else next(inference.hierarchy.instance_stores(definition, family.name))
        )
        findings.leave(
            definition.module,
            node,
            f"overrides {outside}.{family.name}, which is outside the tree; nothing of this family is renamed",
        )
    return _refuse_by_super(inference, family, findings) or refused


def _refuse_by_super(inference: Inference, family: Family, findings: Findings) -> bool:
    """Report each `super().name` that only a base outside the tree can answer: so that base defines the name."""
    refused = False
    for module in {definition.module.path: definition.module for definition in family.definitions}.values():
        for attribute, _ in module.bindings.attributes.get(family.name, ()):
            receiver = attribute.value
            if not (isinstance(receiver, ast.Call) and last_name(receiver.func) == "super"):
                continue
            verdict = family.judge(inference.values(module, receiver), "super()")
            if verdict.is_member is None:
                refused = True
                findings.leave(module, attribute, f"{verdict.reason}; nothing of this family is renamed")
    return refused
