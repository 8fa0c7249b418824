"""Fields that a class declares for a library (an ORM's columns, a form's fields): code names them in its own ways.

`User.objects.filter(name="x", group__name="y")`, `order_by("-name")`, `list_display = ["name"]`: reported.
"""

from __future__ import annotations

import ast
import re

from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.text_search import all_modules_matching
from overhaul.refactors.standard_library import is_standard
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.values import ClassDefinition, ClassValue, External, Instance, Unknown, Value, Values


class DeclaredFields:
    """Names of a declared field in keywords and strings, where no rule proves what they mean."""

    def __init__(self, inference: Inference, family: Family, findings: Findings) -> None:
        self.inference = inference
        self.family = family
        self.findings = findings
        name = re.escape(findings.old)
        self._lookup = re.compile(rf"[-+]?(?:\w+?__)?{name}(?:__\w+)?")

    def find(self) -> None:
        """Look through the tree if the family's member is such a field."""
        fields = [each for each in self.family.definitions if self._is_field(each)]
        if not fields:
            return
        for definition in fields:
            for binding in definition.scope.bindings[self.findings.old]:
                self.findings.note(
                    definition.module,
                    binding.node,
                    "a declared field: a library or descriptor may take its name from the attribute (a column, a key)",
                )
        name = re.escape(self.findings.old)
        pattern = rf"(?<![^\W_]){name}(?![^\W_])"  # also between underscores, as in a lookup: group__name
        for module in all_modules_matching(self.inference.project, pattern):
            self._find_in(module)

    def _is_field(self, definition: ClassDefinition) -> bool:
        """Tell whether a class's block gives the member the result of a call that something else looks at."""
        for binding in definition.scope.bindings.get(self.findings.old, ()):
            statement = definition.module.bindings.parents.get(binding.node)
            value = getattr(statement, "value", None)
            if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(value, ast.Call):
                values = self.inference.values(definition.module, value)
                if any(map(self._is_named, values)) or self._is_watched(definition):
                    return True
        return False

    def _is_named(self, value: Value) -> bool:
        """Tell whether an object is told its attribute's name."""
        own = value.of if isinstance(value, Instance) else None
        return isinstance(own, ClassDefinition) and any(
            self.inference.hierarchy.provider(own, name) for name in ("__set_name__", "contribute_to_class")
        )

    def _is_watched(self, definition: ClassDefinition) -> bool:
        """Tell whether something outside, or a metaclass, sees what the class's block declares."""
        hierarchy = self.inference.hierarchy
        ancestry = hierarchy.ancestry(definition)
        if ancestry.unknown or not all(map(is_standard, ancestry.external)):
            return True
        has_metaclass = any(
            keyword.arg == "metaclass" for each in ancestry.classes for keyword in each.node.keywords
        )
        return has_metaclass or hierarchy.provider(definition, "__init_subclass__") is not None

    def _find_in(self, module: Module) -> None:
        for name, keywords in module.bindings.keywords.items():
            if self._lookup.fullmatch(name):
                for keyword, _ in keywords:
                    call = module.bindings.parents[keyword]
                    if isinstance(call, ast.Call) and self._may_look_up(module, call, name):
                        self.findings.leave_at(
                            module, module.source.start(keyword), "keyword that may name the declared field"
                        )
        for constant, _ in module.bindings.strings:
            text = str(constant.value)
            if self._lookup.fullmatch(text) and self._is_listed(module, constant):
                self.findings.leave_at(
                    module, module.source.start(constant), "string that may name the declared field"
                )

    def _may_look_up(self, module: Module, call: ast.Call, name: str) -> bool:
        values = self.inference.values(module, call.func)
        if name != self.findings.old:
            return not all(self._is_builtin(value) for value in values)
        return any(self._is_of_family(value) or isinstance(value, Unknown) for value in values) or any(
            self._is_of_family(value)
            for argument in call.args
            for value in self.inference.values(module, argument)
        )

    def _is_listed(self, module: Module, constant: ast.Constant) -> bool:
        """Tell whether a string is an argument of a call outside what is known, or in a list of a class's block."""
        parents = module.bindings.parents
        node: ast.AST = constant
        above = parents.get(node)
        while isinstance(above, ast.List | ast.Tuple | ast.Set | ast.Dict):
            node, above = above, parents.get(above)
        above = parents.get(above) if isinstance(above, ast.keyword) else above
        if isinstance(above, ast.Call):
            return self._is_outside(self.inference.values(module, above.func))
        is_list = node is not constant and isinstance(above, ast.Assign | ast.AnnAssign)
        return is_list and module.bindings.scope_of(node).kind == "class"

    def _is_outside(self, values: Values) -> bool:
        return any(
            isinstance(value, Unknown) or (isinstance(value, External) and not self._is_builtin(value))
            for value in values
        )

    @staticmethod
    def _is_builtin(value: Value) -> bool:
        return isinstance(value, External) and is_standard(value.name)

    def _is_of_family(self, value: Value) -> bool:
        return isinstance(value, ClassValue) and value.definition.key in self.family.keys
