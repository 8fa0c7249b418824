"""Leaves a member alone that a base outside the tree defines: renaming an override would break it."""

from __future__ import annotations

from overhaul.refactors.inference import Inference
from overhaul.refactors.recipes.rename_symbol.family import Family
from overhaul.refactors.recipes.rename_symbol.findings import Findings


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
    return refused
