"""Unrelated classes whose objects are handed over where a class of the family is declared: test doubles, mostly."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.expected_types import destinations
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.text_search import any_of, paths_matching
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.values import ClassDefinition, ClassValue, Values, class_of


def report_stand_ins(inference: Inference, family: Family, findings: Findings) -> None:
    """Report the member in each class that stands in for one of the family."""
    if not _is_declared_anywhere(inference, family):
        return
    for definition in list(_same_named(inference, family)):
        place = _handed_over(inference, family, definition)
        if place is not None:
            bindings = definition.scope.bindings[family.name]
            why = f"{definition.name} is handed over at {place} where a class of the family is declared"
            findings.leave(definition.module, bindings[0].node, why)


def _is_declared_anywhere(inference: Inference, family: Family) -> bool:
    """Tell whether some annotation of the tree may name a class of the family; found by pattern, unparsed."""
    names = {definition.name for definition in family.definitions}
    pattern = rf"(?:->|:|\bcast\()[^\n#]*{any_of(names)}"
    return any(True for _ in paths_matching(inference.project, names, pattern))


def _same_named(inference: Inference, family: Family) -> Iterator[ClassDefinition]:
    for module in inference.project.containing([family.name]):
        for node, _ in module.bindings.classes:
            definition = inference.project.class_definition(module, node)
            if definition.key not in family.keys and family.name in definition.scope.bindings:
                yield definition


def _handed_over(inference: Inference, family: Family, definition: ClassDefinition) -> str | None:
    """Return the place at which an object of the class, or the class, goes where the family is declared."""
    for module in inference.project.containing([definition.name]):
        uses = [
            *module.bindings.names.get(definition.name, ()),
            *module.bindings.attributes.get(definition.name, ()),
        ]
        for use, _ in uses:
            if ClassValue(definition) in inference.values(module, use):
                made = module.bindings.parents.get(use)
                is_call = isinstance(made, ast.Call) and made.func is use
                if _reaches(inference, family, module, made if is_call else use):
                    return f"{module.path}:{use.lineno}"
    return None


def _reaches(inference: Inference, family: Family, module: Module, node: ast.AST | None) -> bool:
    return isinstance(node, ast.expr) and any(
        _is_of(family, expected) for expected in destinations(inference, module, node)
    )


def _is_of(family: Family, values: Values) -> bool:
    found = [class_of(value) for value in values]
    return any(each is not None and each.key in family.keys for each in found)
