"""Renames a dataclass's or named tuple's field where a call gives it by keyword: its constructor's, `replace`."""

from __future__ import annotations

import ast

from overhaul.refactors.annotations import last_name
from overhaul.refactors.functional_classes import RECORDS
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.values import ClassDefinition, ClassValue, External, Unknown, Values

_DECORATORS = frozenset({"dataclass", "define", "frozen", "attrs", "attrib", "s", "dataclass_transform"})
_BASES = RECORDS | {"pydantic.BaseModel"}


class FieldKeywords:
    """The keywords that may be a field of a family of classes."""

    def __init__(self, inference: Inference, family: Family, findings: Findings) -> None:
        self.inference = inference
        self.family = family
        self.findings = findings

    def find_in(self, module: Module) -> None:
        """Find the keywords in one file, also as keys of what is unpacked into a constructor."""
        for keyword, _ in module.bindings.keywords.get(self.findings.old, ()):
            call = module.bindings.parents[keyword]
            if isinstance(call, ast.Call):
                self._keyword(module, keyword, call)
        for call in module.bindings.star_calls:
            if self._constructs(self.inference.values(module, call.func)):
                for keyword in call.keywords:
                    if keyword.arg is None:
                        self._unpacked(module, keyword.value)

    def _keyword(self, module: Module, keyword: ast.keyword, call: ast.Call) -> None:
        if last_name(call.func) in ("replace", "_replace", "evolve"):
            receiver = call.args[0] if call.args else getattr(call.func, "value", None)
            values = self.inference.values(module, receiver) if receiver is not None else ()
            if values and self.family.judge(values, "").is_member:
                self.findings.rename(module, keyword, "field of the replaced object")
            return
        values = self.inference.values(module, call.func)
        if call.args and any(
            isinstance(value, External) and value.name == "functools.partial" for value in values
        ):
            values = self.inference.values(module, call.args[0])
        shown = ast.unparse(call.func)
        constructs = self._constructs(values)
        if constructs:
            self.findings.rename(module, keyword, f"field in the constructor of {shown}")
        elif constructs is None:
            self.findings.leave(
                module, keyword, f"keyword in a call of '{shown}', which may be another class"
            )
        elif any(isinstance(each, ClassValue) and self._may_make_fields(each.definition) for each in values):
            self.findings.leave(
                module, keyword, f"a decorator may make a constructor of the fields of {shown}"
            )
        elif self._is_unknown_function(call, values):
            self.findings.leave(module, keyword, f"keyword in a call of '{shown}', which is not known")

    def _is_unknown_function(self, call: ast.Call, values: Values) -> bool:
        """Tell whether a variable is called that may hold any class, one with the field too."""
        if not isinstance(call.func, ast.Name) or not any(isinstance(value, Unknown) for value in values):
            return False
        return any(self._makes_fields(each) for each in self.family.definitions)

    def _constructs(self, values: Values) -> bool | None:
        """Tell whether values are classes whose constructor takes the field; None if only some are."""
        answers = {isinstance(each, ClassValue) and self._makes_fields(each.definition) for each in values}
        return answers.pop() if len(answers) == 1 else None if answers else False

    def _unpacked(self, module: Module, mapping: ast.expr) -> None:
        old = self.findings.old
        if not isinstance(mapping, ast.Dict):
            self.findings.leave(
                module, mapping, f"**{ast.unparse(mapping)} of a proved constructor may hold the key '{old}'"
            )
            return
        for key in mapping.keys:
            if isinstance(key, ast.Constant) and key.value == old:
                span = string_span(module.source, key, 0, len(old))
                if span is None:
                    self.findings.leave(module, key, "key of the fields, not written as it is")
                else:
                    self.findings.replace(module, span, self.findings.new, "key of the fields", key)

    def _makes_fields(self, definition: ClassDefinition) -> bool:
        """Tell whether a class of the family has a constructor made of its fields."""
        if not self.family.judge((ClassValue(definition),), "").is_member:
            return False
        hierarchy = self.inference.hierarchy
        for each in hierarchy.ancestry(definition).classes:
            decorators = each.node.decorator_list
            names = {last_name(item.func if isinstance(item, ast.Call) else item) for item in decorators}
            if names & _DECORATORS:
                return hierarchy.provider(definition, "__init__") is None
        return bool(_BASES & set(hierarchy.ancestry(definition).external))

    def _may_make_fields(self, definition: ClassDefinition) -> bool:
        """Tell whether a class of the family has a decorator that may give it a constructor, and no other one."""
        if not self.family.judge((ClassValue(definition),), "").is_member:
            return False
        hierarchy = self.inference.hierarchy
        is_decorated = any(each.node.decorator_list for each in hierarchy.ancestry(definition).classes)
        return is_decorated and hierarchy.provider(definition, "__init__") is None
