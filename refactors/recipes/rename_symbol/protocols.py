"""Protocols that classes satisfy without inheriting from them: their members and the classes' are one by name only."""

from __future__ import annotations

import ast

from overhaul.refactors.inference import Inference
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.values import ClassDefinition, External


def report_protocols(inference: Inference, family: Family, findings: Findings) -> None:
    """Report same-named methods of classes that may satisfy a protocol of the family, or be one for it."""
    has_protocol = any(is_protocol(inference, each) for each in family.definitions)
    for module in inference.project.parsed:
        for node, _ in module.bindings.classes:
            definition = inference.project.class_definition(module, node)
            if definition.key in family.keys or findings.old not in definition.scope.bindings:
                continue
            member = definition.scope.bindings[findings.old][0].node
            if has_protocol:
                findings.leave(module, member, "may satisfy the protocol without inheriting from it")
            elif is_protocol(inference, definition) and _satisfies(inference, family, definition):
                findings.leave(module, member, f"protocol {definition.name} that the class satisfies")


def _satisfies(inference: Inference, family: Family, protocol: ClassDefinition) -> bool:
    hierarchy = inference.hierarchy
    members = [name for name in protocol.scope.bindings if not name.startswith("__")]
    return any(all(hierarchy.provider(each, name) for name in members) for each in family.defining())


def is_protocol(inference: Inference, definition: ClassDefinition) -> bool:
    return any(
        isinstance(value, External) and value.name.rpartition(".")[2] == "Protocol"
        for base in definition.node.bases
        for value in inference.values(
            definition.module, base.value if isinstance(base, ast.Subscript) else base
        )
    )
