"""Members that are keys: `Color["RED"]` of an enumeration, `user["name"]` and displays of a TypedDict."""

from __future__ import annotations

import ast

from overhaul.refactors.expected_types import destinations, expected_values
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.values import ClassDefinition, ClassValue, Instance, Values


class ItemKeys:
    """The keys of one member."""

    def __init__(self, inference: Inference, family: Family, findings: Findings) -> None:
        self.inference = inference
        self.family = family
        self.findings = findings

    def find_in(self, module: Module) -> None:
        """Rename `Color["RED"]` of an enumeration and `user["name"]` of a TypedDict."""
        for constant, _ in module.bindings.strings:
            if constant.value != self.findings.old:
                continue
            above = module.bindings.parents.get(constant)
            if isinstance(above, ast.Subscript) and above.slice is constant:
                for value in self.inference.values(module, above.value):
                    if self._has_items(value) and self.family.judge((value,), "").is_member:
                        self.findings.rename_string(module, constant, "key of the class")
            elif isinstance(above, ast.Call) and above.args and above.args[0] is constant:
                self._looked_up(module, constant, getattr(above.func, "value", None))
            elif isinstance(above, ast.Compare) and above.left is constant:
                self._looked_up(module, constant, above.comparators[0])
            elif isinstance(above, ast.MatchMapping):
                case = module.bindings.parents.get(above)
                self._looked_up(module, constant, getattr(module.bindings.parents.get(case), "subject", None))  # type: ignore[arg-type]
            elif isinstance(above, ast.Dict) and constant in above.keys:
                self._key(module, constant, above)

    def _looked_up(self, module: Module, constant: ast.Constant, mapping: ast.expr | None) -> None:
        """Rename the key in `user.get("name")` and `"name" in user`."""
        for value in self.inference.values(module, mapping) if mapping is not None else ():
            if (
                isinstance(value, Instance)
                and self._has_items(value)
                and self.family.judge((value,), "").is_member
            ):
                self.findings.rename_string(module, constant, "key of the class")

    def _has_items(self, value: object) -> bool:
        if isinstance(value, ClassValue):
            outside = self.inference.hierarchy.ancestry(value.definition).external
            return any(name.startswith("enum.") for name in outside)
        if isinstance(value, Instance) and isinstance(value.of, ClassDefinition):
            return self._is_typed_dict(value.of)
        return False

    def _is_typed_dict(self, definition: ClassDefinition) -> bool:
        return any(
            name.endswith(".TypedDict") for name in self.inference.hierarchy.ancestry(definition).external
        )

    def _key(self, module: Module, constant: ast.Constant, display: ast.Dict) -> None:
        """Rename the key of a display where a TypedDict is declared; report it if a variable takes it there."""
        expected = expected_values(self.inference, module, display)
        if expected and all(self._declares((value,)) for value in expected):
            self.findings.rename_string(module, constant, "key of the TypedDict that is declared here")
        elif any(map(self._declares, destinations(self.inference, module, display))):
            self.findings.leave_at(
                module,
                module.source.start(constant),
                "key of a dictionary that goes where a TypedDict is declared",
            )

    def _declares(self, values: Values) -> bool:
        return any(self._has_items(value) and self.family.judge((value,), "").is_member for value in values)
