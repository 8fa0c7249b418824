"""Unrelated classes whose objects are handed over where a class of the family is declared: test doubles, mostly."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from overhaul.refactors.expected_types import destinations
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.text_search import any_of, paths_matching
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.values import ClassDefinition, ClassValue, class_of


def report_stand_ins(inference: Inference, family: Family, findings: Findings) -> None:
    """Report the member in each class that stands in for one of the family, or for which one of the family does."""
    others = list(_same_named(inference, family))
    if others and _is_declared_anywhere(inference, family.definitions):
        for definition in others:
            for place, expected in _handed_over(inference, definition):
                if expected.key in family.keys:
                    why = (
                        f"{definition.name} is handed over at {place} where a class of the family is declared"
                    )
                    _leave(family, findings, definition, why)
                    break
    if others and _is_declared_anywhere(inference, others):
        for definition in family.defining():
            for place, expected in _handed_over(inference, definition):
                owner = inference.hierarchy.provider(expected, family.name)
                if owner is not None and owner.key not in family.keys:
                    why = f"{definition.name}, of the family, is handed over at {place} where this one is declared"
                    _leave(family, findings, owner, why)
    forwarders = [each for each in family.defining() if inference.hierarchy.provider(each, "__getattr__")]
    for definition in others if forwarders else ():
        why = f"{forwarders[0].name} has __getattr__, so that it may stand for {definition.name}"
        _leave(family, findings, definition, why)


def _leave(family: Family, findings: Findings, definition: ClassDefinition, why: str) -> None:
    for binding in definition.scope.bindings.get(family.name, ())[:1]:
        findings.leave(definition.module, binding.node, why)


def _is_declared_anywhere(inference: Inference, classes: Iterable[ClassDefinition]) -> bool:
    """Tell whether some annotation of the tree may name one of the classes; found by pattern, unparsed."""
    names = {definition.name for definition in classes}
    pattern = rf"(?:->|:|\bcast\()[^\n#]*{any_of(names)}"
    return any(True for _ in paths_matching(inference.project, names, pattern))


def _same_named(inference: Inference, family: Family) -> Iterator[ClassDefinition]:
    for module in inference.project.containing([family.name]):
        for node, _ in module.bindings.classes:
            definition = inference.project.class_definition(module, node)
            if definition.key not in family.keys and family.name in definition.scope.bindings:
                yield definition


def _handed_over(inference: Inference, definition: ClassDefinition) -> Iterator[tuple[str, ClassDefinition]]:
    """Yield where an object of the class or of a subclass, or the class, is handed over, and what is declared there."""
    classes = dict.fromkeys([definition, *inference.hierarchy.descendants(definition)])
    names = {each.name for each in classes}
    for module in inference.project.containing(names):
        for name in names:
            for use, _ in [*module.bindings.names.get(name, ()), *module.bindings.attributes.get(name, ())]:
                values = inference.values(module, use)
                if any(isinstance(value, ClassValue) and value.definition in classes for value in values):
                    made = module.bindings.parents.get(use)
                    is_call = isinstance(made, ast.Call) and made.func is use
                    for expected in _declared_for(inference, module, made if is_call else use):
                        if expected not in classes:
                            yield f"{module.path}:{use.lineno}", expected


def _declared_for(inference: Inference, module: Module, node: ast.AST | None) -> Iterator[ClassDefinition]:
    for values in destinations(inference, module, node) if isinstance(node, ast.expr) else ():
        for value in values:
            definition = class_of(value)
            if definition is not None:
                yield definition
