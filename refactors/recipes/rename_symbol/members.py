"""Renames a method or attribute in all classes of its family, and wherever a receiver is proved to be of one."""

from __future__ import annotations

import ast
import builtins

from overhaul.refactors.annotations import last_name
from overhaul.refactors.classes import borrowed_strings, class_strings
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import pattern_keyword_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.declared_fields import DeclaredFields
from overhaul.refactors.recipes.rename_symbol.external_bases import refuse_external_override
from overhaul.refactors.recipes.rename_symbol.field_keywords import FieldKeywords
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.item_keys import ItemKeys
from overhaul.refactors.recipes.rename_symbol.other_classes import (
    report_borrowed_methods,
    report_registered,
)
from overhaul.refactors.recipes.rename_symbol.protocols import report_protocols
from overhaul.refactors.recipes.rename_symbol.self_documenting import note_self_documenting
from overhaul.refactors.recipes.rename_symbol.stand_ins import report_stand_ins
from overhaul.refactors.recipes.rename_symbol.taken import refuse_taken_member
from overhaul.refactors.recipes.rename_symbol.unproved_names import may_be_outer
from overhaul.refactors.scopes import Scope
from overhaul.refactors.standard_library import builtin_attributes, is_standard
from overhaul.refactors.symbols.family import Family, Verdict, is_private, mangled
from overhaul.refactors.symbols.uniqueness import is_unique
from overhaul.refactors.values import ClassDefinition, External


class MemberRename:
    """One member of a family of classes."""

    def __init__(
        self, inference: Inference, family: Family, findings: Findings, unknown_receivers: str
    ) -> None:
        self.inference = inference
        self.project = inference.project
        self.family = family
        self.findings = findings
        self.old, self.new = findings.old, findings.new
        self.unknown_receivers = unknown_receivers
        self.fields = FieldKeywords(inference, family, findings)
        self.keys = ItemKeys(inference, family, findings)
        self._unique: bool | None = None

    def find(self) -> None:
        """Find every site in the tree."""
        if refuse_external_override(self.inference, self.family, self.findings):
            return
        refuse_taken_member(self.inference, self.family, self.new)
        for definition in self.family.definitions:
            self._definitions(definition)
        for module in self.project.containing(self._words()):
            self.find_in(module)
        report_protocols(self.inference, self.family, self.findings)
        report_stand_ins(self.inference, self.family, self.findings)
        report_borrowed_methods(self.inference, self.family, self.findings)
        report_registered(self.inference, self.family, self.findings)
        DeclaredFields(self.inference, self.family, self.findings).find()

    def _words(self) -> set[str]:
        if not is_private(self.old):
            return {self.old}
        return {self.old, *(mangled(each.name, self.old) for each in self.family.definitions)}

    def find_in(self, module: Module) -> None:
        """Find the uses in one file."""
        for attribute, scope in module.bindings.attributes.get(self.old, ()):
            if not is_private(self.old) or self._is_in_own_class(module, scope):
                self._attribute(module, attribute)
        if is_private(self.old):
            self._mangled_uses(module)
        self.fields.find_in(module)
        for pattern, _ in module.bindings.class_patterns:
            self._pattern(module, pattern)
        self.keys.find_in(module)

    def _definitions(self, definition: ClassDefinition) -> None:
        module, scope = definition.module, definition.scope
        reason = self._definition_reason(definition)
        for binding in scope.bindings.get(self.old, ()):
            if isinstance(binding.node, ast.alias):
                self.findings.leave(module, binding.node, "the attribute is an import in the class's block")
            elif not isinstance(binding.node, ast.Name):
                self.findings.rename(module, binding.node, reason)
        for inner in scope.subtree():
            for use in inner.uses.get(self.old, ()):
                owner = inner.lookup(self.old, use)
                if owner is not scope:
                    if (
                        inner is scope
                        and scope.parent is not None
                        and scope.parent.lookup(self.old) is not owner
                    ):
                        why = "the module's name, which a function around the class hides once the class has none"
                        self.findings.leave(module, use, why)
                    continue
                if inner is scope and may_be_outer(module, use, scope) and _has_outer(scope, use):
                    self.findings.leave(module, use, "the class's block may mean a name from outside it here")
                else:
                    self.findings.rename(
                        module, use, reason if isinstance(use.ctx, ast.Store) else "use in the class's block"
                    )
        for variable in ("__slots__", "__match_args__"):
            for item in class_strings(definition, variable):
                if item.name == self.old:
                    self.findings.rename_string(module, item.constant, f"name in {variable}", item.start)
            for constant in borrowed_strings(definition, variable):
                if self.old in str(constant.value).split():
                    self.findings.leave_at(
                        module, module.source.start(constant), f"name in what {variable} is taken from"
                    )

    def _definition_reason(self, definition: ClassDefinition) -> str:
        unreadable = self.inference.hierarchy.unreadable_bases(definition, self.old)
        first = next(iter(self.family.definitions), None)
        reason = (
            "definition" if definition == first else f"definition in {definition.name}, of the same family"
        )
        if unreadable:
            reason += f"; whether the base {unreadable[0]}, outside the tree, defines it too is not known"
        return reason

    def _is_in_own_class(self, module: Module, scope: Scope) -> bool:
        owner = module.bindings.enclosing_class(scope)
        if owner is None or not isinstance(owner.node, ast.ClassDef):
            return False
        return self.project.class_definition(module, owner.node).key in self.family.keys

    def _attribute(self, module: Module, node: ast.Attribute) -> None:
        verdict = self.verdict(module, node.value)
        if verdict.is_member:
            self.findings.rename(module, node, verdict.reason)
            note_self_documenting(self.findings, module, node)
        elif verdict.is_member is None:
            self._unknown(module, node, verdict)

    def verdict(self, module: Module, receiver: ast.expr) -> Verdict:
        """Tell whether a receiver is of the family."""
        verdict = self.family.judge(self.inference.values(module, receiver), _shown(receiver))
        if verdict.is_member is False and self._is_held_outside(module, receiver):
            why = "an attribute of an object outside the tree, which may hold any object"
            return Verdict(None, f"receiver '{_shown(receiver)}' has no known type: {why}")
        return verdict

    def _is_held_outside(self, module: Module, receiver: ast.expr) -> bool:
        """Tell whether a receiver is `g.user` of `from flask import g`: by its lower case no class or constant."""
        if not isinstance(receiver, ast.Attribute) or not receiver.attr.islower():
            return False
        values = self.inference.values(module, receiver)
        if not values or not all(
            isinstance(each, External) and not is_standard(each.name) for each in values
        ):
            return False
        root: ast.expr = receiver
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or not root.id.islower():
            return False
        owner = module.bindings.scope_of(root).lookup(root.id, root)
        bindings = owner.bindings[root.id] if owner is not None else []
        return any(isinstance(module.bindings.parents.get(each.node), ast.ImportFrom) for each in bindings)

    def _unknown(self, module: Module, node: ast.Attribute, verdict: Verdict) -> None:
        if self.unknown_receivers == "unique" and "no known type" in verdict.reason and self.is_unique():
            self.findings.rename(module, node, f"nothing else in the tree has this name; {verdict.reason}")
        else:
            self.findings.leave(module, node, verdict.reason)

    def is_unique(self) -> bool:
        """Tell whether nothing else in the tree, and no builtin type, has an attribute of the name."""
        if self._unique is None:
            self._unique = self.old not in builtin_attributes() and is_unique(self.project, self.family)
        return self._unique

    def _mangled_uses(self, module: Module) -> None:
        for definition in self.family.definitions:
            written = mangled(definition.name, self.old)
            for attribute, _ in module.bindings.attributes.get(written, ()):
                if self.verdict(module, attribute.value).is_member:
                    end = module.source.end(attribute)
                    new = mangled(definition.name, self.new) if is_private(self.new) else self.new
                    size = len(written.encode(module.source.encoding))
                    self.findings.replace(module, (end - size, end), new, "mangled name", attribute)
                else:
                    self.findings.leave(module, attribute, "mangled name on an unknown receiver")
            for constant, _ in module.bindings.strings:
                if constant.value == written:
                    self.findings.leave_at(module, module.source.start(constant), "mangled name in a string")

    def _pattern(self, module: Module, pattern: ast.MatchClass) -> None:
        if self.old not in pattern.kwd_attrs:
            return
        span = pattern_keyword_span(module.source, pattern, pattern.kwd_attrs.index(self.old))
        verdict = self.verdict(module, pattern.cls)
        if last_name(pattern.cls) == "object":  # matches whatever has the attribute
            verdict = Verdict(None, "object() matches any class")
        if verdict.is_member and span is not None:
            self.findings.replace(module, span, self.new, f"class pattern; {verdict.reason}", pattern)
        elif verdict.is_member is not False:
            self.findings.leave(module, pattern, f"class pattern; {verdict.reason}")


def _has_outer(scope: Scope, use: ast.Name) -> bool:
    """Tell whether a name that a class's block binds has a meaning around it too; `x += 1` alone supposes one."""
    if isinstance(use.ctx, ast.Store) or hasattr(builtins, use.id):
        return True
    return scope.parent is not None and scope.parent.lookup(use.id) is not None


def _shown(receiver: ast.expr) -> str:
    text = ast.unparse(receiver)
    return text if len(text) <= 40 else f"{text[:37]}..."
