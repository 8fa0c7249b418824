"""Renames parameters as rename-symbol does: in bodies, keywords, `**` dictionaries and docstrings."""

from __future__ import annotations

from overhaul.refactors.inference import Inference
from overhaul.refactors.recipes.change_signature.definitions import Definitions
from overhaul.refactors.recipes.rename_symbol.arguments import ArgumentRename
from overhaul.refactors.recipes.rename_symbol.documents import ParameterFields
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.symbols.target import ParameterTarget


def rename_parameters(inference: Inference, definitions: Definitions) -> list[Findings]:
    """Return what each renamed parameter's rename finds. Raises NameTaken."""
    found = []
    for old, new in definitions.primary.renamed.items():
        functions = tuple(
            each.function for each in definitions.by_node.values() if each.change.renamed.get(old) == new
        )
        findings = Findings(inference.project, definitions.function.symbol, old, new)
        rename = ArgumentRename(inference, ParameterTarget(functions, old, findings.symbol), findings)
        rename.find()
        fields = ParameterFields(findings, edit=True)
        for function in rename.functions:
            fields.find(function.module, function.node)
            if function.owner is not None and function.node.name in ("__init__", "__new__"):
                fields.find(function.module, function.owner.node)
        found.append(findings)
    return found
