"""The classes that must rename a member together: those that inherit it, override it or provide it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from overhaul.refactors.inference import Inference
from overhaul.refactors.standard_library import bases_of, defines
from overhaul.refactors.values import (
    BuiltinMethod,
    ClassDefinition,
    ClassValue,
    External,
    FunctionValue,
    Instance,
    ModuleValue,
    Super,
    Unknown,
    Value,
    Values,
    class_of,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether `receiver.name` is a member of the family: True, False, or None with the reason."""

    is_member: bool | None
    reason: str


@dataclass(slots=True)
class Family:
    """Classes by key. `external` are library classes whose member is renamed in the library itself."""

    inference: Inference
    name: str
    definitions: dict[ClassDefinition, None] = field(default_factory=dict)
    external: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    ancestor_keys: set[str] = field(default_factory=set)
    outside_bases: set[str] = field(default_factory=set)

    @classmethod
    def around(cls, inference: Inference, definition: ClassDefinition, name: str) -> Family:
        """Return the family of a class's member: over its bases that define it, and over all subclasses of those."""
        family = cls(inference, name)
        if is_private(name):
            family._add(definition)
            return family
        family._grow([definition, *_twins(inference, definition)])
        return family

    @classmethod
    def of_external(cls, inference: Inference, qualified: str, name: str) -> Family:
        """Return the family of a member that a class outside the tree defines."""
        family = cls(inference, name, external={qualified})
        family._grow(inference.hierarchy.children_of_external(qualified))
        return family

    def _add(self, definition: ClassDefinition) -> None:
        self.definitions[definition] = None
        self.keys.add(definition.key)

    def _grow(self, classes: Iterable[ClassDefinition]) -> None:
        hierarchy = self.inference.hierarchy
        pending, covered = list(classes), set[ClassDefinition]()
        while pending:
            definition = pending.pop()
            if definition in self.definitions:
                continue
            self._add(definition)
            ancestors = hierarchy.ancestry(definition).classes[1:]
            pending += [each for each in ancestors if hierarchy.defines(each, self.name)]
            if definition not in covered:  # what inherits from a subclass inherits from the class
                below = hierarchy.descendants(definition)
                covered.update(below)
                pending += below
        for definition in self.definitions:
            ancestry = hierarchy.ancestry(definition)
            self.ancestor_keys |= {each.key for each in ancestry.classes}
            self.outside_bases |= {base for name in ancestry.external for base in bases_of(name)}
        self.ancestor_keys -= self.keys

    def defining(self) -> list[ClassDefinition]:
        """Return the classes whose own block or methods define the member."""
        return [each for each in self.definitions if self.inference.hierarchy.defines(each, self.name)]

    def judge(self, values: Values, text: str) -> Verdict:
        """Tell whether the member of a receiver with these values is the family's."""
        verdicts = [self._judge_one(value, text) for value in values]
        if not verdicts:
            return Verdict(None, f"receiver '{text}' has no known type: only None is assigned to it")
        answers = {verdict.is_member for verdict in verdicts}
        if len(answers) == 1:
            return verdicts[0]
        if None in answers:
            return next(verdict for verdict in verdicts if verdict.is_member is None)
        return Verdict(None, f"receiver '{text}' may be of the class or of an unrelated one")

    def _judge_one(self, value: Value, text: str) -> Verdict:
        if isinstance(value, Unknown):
            return Verdict(None, f"receiver '{text}' has no known type: {value.reason}")
        if isinstance(value, External):
            return Verdict(value.name in self.external, f"receiver '{text}' is {value.name}")
        if isinstance(value, ModuleValue | FunctionValue | BuiltinMethod):
            return Verdict(False, f"receiver '{text}' is a module or function")
        if isinstance(value, Instance) and isinstance(value.of, str):
            if value.of in self.outside_bases - self.external and defines(value.of, self.name) is not True:
                why = "a base that does not define it but whose subclass does"
                return Verdict(None, f"receiver '{text}' is of {value.of}, {why}")
            return Verdict(value.of in self.external, f"receiver '{text}' is of {value.of}")
        definition = class_of(value)
        if definition is None:
            return Verdict(None, f"receiver '{text}' has no known type")
        if isinstance(value, Super):
            return self._judge_super(definition)
        return self._judge_class(definition, text, isinstance(value, ClassValue))

    def _judge_super(self, definition: ClassDefinition) -> Verdict:
        bases = self.inference.hierarchy.ancestry(definition)
        if definition.key in self.keys:
            outside = self.inference.hierarchy.unreadable_bases(definition, self.name)
            above = any(self.inference.hierarchy.defines(each, self.name) for each in bases.classes[1:])
            if outside and not above and not self.external & set(bases.external):
                return Verdict(
                    None, f"super() in {definition.name} may mean the base {outside[0]} outside the tree"
                )
            return Verdict(True, f"super() in {definition.name}")
        return Verdict(bool(bases.keys & self.keys), f"super() in {definition.name}")

    def _judge_class(self, definition: ClassDefinition, text: str, is_class: bool) -> Verdict:
        hierarchy = self.inference.hierarchy
        ancestry = hierarchy.ancestry(definition)
        what = (
            f"'{text}' is the class {definition.qualified}"
            if is_class
            else f"'{text}' is of {definition.qualified}"
        )
        if definition.key in self.keys or ancestry.keys & (
            self.keys | {f"::{name}" for name in self.external}
        ):
            if is_private(self.name) and definition.key not in self.keys:
                return Verdict(False, f"{what}, whose name is private to the class")
            return Verdict(True, f"receiver {what}")
        if hierarchy.provider(definition, self.name) or hierarchy.external_provider(definition, self.name):
            return Verdict(False, f"receiver {what}")
        if hierarchy.provider(definition, "__getattr__") or hierarchy.provider(
            definition, "__getattribute__"
        ):
            return Verdict(None, f"receiver {what}, which has __getattr__")
        if definition.key in self.ancestor_keys:
            return Verdict(None, f"receiver {what}, a base that does not define it but whose subclass does")
        if ancestry.unknown:
            return Verdict(None, f"receiver {what}, whose base {ancestry.unknown[0]} cannot be told")
        return Verdict(False, f"receiver {what}")


def _twins(inference: Inference, definition: ClassDefinition) -> list[ClassDefinition]:
    """Return the other definitions of a class: in the stub beside it, or in another branch."""
    location = inference.project.table.at(definition.module.key)
    modules = inference.project.modules_at(location) if location is not None else []
    found = [
        inference.project.class_definition(module, node)
        for module in modules
        for node, _ in module.bindings.classes
        if node.name == definition.name
    ]
    for module in modules:
        for binding in module.scope.bindings.get(definition.name, ()):
            if isinstance(binding.node, ast.Name):  # made by a call
                values = inference.binding_values(module, binding)
                found += [value.definition for value in values if isinstance(value, ClassValue)]
    return [each for each in found if each.key == definition.key]


def is_private(name: str) -> bool:
    """Tell whether Python mangles a name in a class."""
    return name.startswith("__") and not name.endswith("__")


def mangled(class_name: str, name: str) -> str:
    """Return the name that Python makes of a private one in a class."""
    return f"_{class_name.lstrip('_')}{name}"
