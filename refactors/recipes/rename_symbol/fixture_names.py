"""Renames a pytest fixture where tests ask for it: by a parameter's name, or in `usefixtures`."""

from __future__ import annotations

import ast

from overhaul.refactors.annotations import last_name
from overhaul.refactors.fixtures import fixture_of, is_fixture
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.variables import VariableRename
from overhaul.refactors.symbols.target import VariableTarget
from overhaul.refactors.values import FunctionDefinition


def fixture_definition(inference: Inference, target: VariableTarget) -> FunctionDefinition | None:
    """Return the fixture that a target is, if pytest knows it by its function's name."""
    node = target.scope.bindings[target.name][-1].node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_fixture(node):
        return inference.project.function_definition(target.module, node)
    return None


class FixtureRename:
    """The parameters that ask for one fixture."""

    def __init__(self, inference: Inference, fixture: FunctionDefinition, findings: Findings) -> None:
        self.inference = inference
        self.fixture = fixture
        self.findings = findings

    def find(self) -> None:
        """Find every request in the tree."""
        old = self.findings.old
        for module in self.inference.project.containing([old]):
            for node, _ in module.bindings.functions:
                asks = any(argument.arg == old for argument in [*node.args.args, *node.args.kwonlyargs])
                if asks and fixture_of(self.inference, module, node, old) == self.fixture:
                    scope = module.bindings.scopes[node]
                    target = VariableTarget(module, scope, old, self.findings.symbol)
                    VariableRename(self.inference, target, self.findings).find()
            self._strings(module)

    def _strings(self, module: Module) -> None:
        for constant, _ in module.bindings.strings:
            above = module.bindings.parents.get(constant)
            if constant.value != self.findings.old or not isinstance(above, ast.Call):
                continue
            if last_name(above.func) in ("usefixtures", "getfixturevalue"):
                span = string_span(module.source, constant, 0, len(self.findings.old))
                if span is not None:
                    self.findings.replace(
                        module, span, self.findings.new, "fixture asked for by its name", constant
                    )
