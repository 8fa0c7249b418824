"""Classes of the tree: what they inherit, what they define, and which classes inherit from them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from overhaul.refactors.project import Module, Project
from overhaul.refactors.standard_library import defines
from overhaul.refactors.values import ClassDefinition, ClassValue, External, Instance

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference


@dataclass(frozen=True, slots=True)
class Ancestry:
    """A class and its bases, nearest first; bases outside the tree by name; and those that cannot be told."""

    classes: tuple[ClassDefinition, ...]
    external: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset([each.key for each in self.classes] + [f"::{name}" for name in self.external])


class Hierarchy:
    """Inheritance over the whole tree, worked out for the classes that are asked about."""

    def __init__(self, inference: Inference, project: Project) -> None:
        self._inference = inference
        self._project = project
        self._ancestries: dict[ClassDefinition, Ancestry] = {}
        self._children: dict[str, list[ClassDefinition]] = {}

    def ancestry(self, definition: ClassDefinition) -> Ancestry:
        """Return the class and everything that it inherits from."""
        if definition not in self._ancestries:
            self._ancestries[definition] = Ancestry((definition,), (), ())  # what a cycle sees
            self._ancestries[definition] = self._climb(definition)
        return self._ancestries[definition]

    def provider(self, definition: ClassDefinition, name: str) -> ClassDefinition | None:
        """Return the nearest class of the tree in a class's ancestry that defines an attribute."""
        return next((each for each in self.ancestry(definition).classes if self.defines(each, name)), None)

    def external_provider(self, definition: ClassDefinition, name: str) -> str | None:
        """Return the standard library's class in the ancestry that defines an attribute."""
        return next((each for each in self.ancestry(definition).external if defines(each, name)), None)

    def unreadable_bases(self, definition: ClassDefinition, name: str) -> list[str]:
        """Return the bases of which it cannot be told whether they define an attribute."""
        ancestry = self.ancestry(definition)
        outside = [each for each in ancestry.external if defines(each, name) is None]
        return [*outside, *ancestry.unknown]

    def defines(self, definition: ClassDefinition, name: str) -> bool:
        """Tell whether a class's own block or its own methods (`self.name = ...`) define an attribute."""
        if name in definition.scope.bindings:
            return True
        if any(True for _ in self.instance_stores(definition, name)):
            return True
        return any(constant.value == name for constant in class_strings(definition, "__slots__"))

    def instance_stores(self, definition: ClassDefinition, name: str) -> Iterator[ast.Attribute]:
        """Yield the `self.name` (or `cls.name`) that the class's own methods assign."""
        node = definition.node
        for attribute, scope in definition.module.bindings.attributes.get(name, ()):
            if isinstance(attribute.ctx, ast.Load) or not node.lineno <= attribute.lineno <= (node.end_lineno or 0):
                continue
            receiver = attribute.value
            if not isinstance(receiver, ast.Name):
                continue
            for value in self._inference.self_values(definition.module, receiver, scope):
                if isinstance(value, Instance | ClassValue):
                    owner = value.of if isinstance(value, Instance) else value.definition
                    if owner == definition:
                        yield attribute

    def descendants(self, definition: ClassDefinition) -> list[ClassDefinition]:
        """Return every class of the tree that inherits from a class, at any depth."""
        found: dict[ClassDefinition, None] = {}
        pending = [(definition.key, definition.name)]
        while pending:
            for child in self._direct_children(*pending.pop()):
                if child not in found:
                    found[child] = None
                    pending.append((child.key, child.name))
        return list(found)

    def children_of_external(self, qualified: str) -> list[ClassDefinition]:
        """Return the classes of the tree that inherit directly from a class outside it, and their descendants."""
        direct = self._direct_children(f"::{qualified}", qualified.rpartition(".")[2])
        return list(dict.fromkeys(each for child in direct for each in [child, *self.descendants(child)]))

    def _direct_children(self, key: str, name: str) -> list[ClassDefinition]:
        if key not in self._children:
            self._children[key] = list(self._find_children(key, name))
        return self._children[key]

    def _find_children(self, key: str, name: str) -> Iterator[ClassDefinition]:
        """Look for class statements that name the class among their bases, under its own name or another."""
        names, searched, seen = {name}, set[str](), set[ClassDefinition]()
        while names - searched:
            words = names - searched
            searched |= words
            for path in self._project.tree.containing(words, (".py", ".pyi")):
                if not self._may_inherit(path, words):
                    continue
                module = self._project.module(path)
                if module is None:
                    continue
                names |= _other_names(module, words)
                for node, _ in module.bindings.classes:
                    child = self._project.class_definition(module, node)
                    if child not in seen and node.bases and key in self._base_keys(child):
                        seen.add(child)
                        yield child

    def _may_inherit(self, path: str, words: set[str]) -> bool:
        """Tell by a look at the text whether a file may have a subclass or another name for the class."""
        try:
            content = self._project.tree.read(path)
        except OSError:
            return True
        pattern = "|".join(map(re.escape, words))
        as_base = rf"\bclass\b[^:=]*\([^:]*\b(?:{pattern})\b"
        renamed = rf"\b(?:{pattern})\s+as\s|=\s*(?:[\w.]+\.)?(?:{pattern})\s*(?:$|[#\n\r;])"
        return re.search(f"{as_base}|{renamed}".encode(), content, re.MULTILINE) is not None

    def _base_keys(self, definition: ClassDefinition) -> set[str]:
        classes, external, _ = self._bases(definition)
        return {each.key for each in classes} | {f"::{name}" for name in external}

    def _bases(self, definition: ClassDefinition) -> tuple[list[ClassDefinition], list[str], list[str]]:
        classes: list[ClassDefinition] = []
        external: list[str] = []
        unknown: list[str] = []
        for base in definition.node.bases:
            named = base.value if isinstance(base, ast.Subscript) else base
            for value in self._inference.values(definition.module, named):
                if isinstance(value, ClassValue):
                    classes.append(value.definition)
                elif isinstance(value, External):
                    external.append(value.name)
                else:
                    unknown.append(ast.unparse(base))
        return classes, external, unknown

    def _climb(self, definition: ClassDefinition) -> Ancestry:
        """Order the bases depth first, a class that is reached twice at its last place, as Python nearly does."""
        bases, external, unknown = self._bases(definition)
        lists = [self.ancestry(base) for base in bases]
        order = [each for ancestry in lists for each in ancestry.classes if each != definition]
        last = {each: index for index, each in enumerate(order)}
        classes = [each for index, each in enumerate(order) if last[each] == index]
        return Ancestry(
            (definition, *classes),
            tuple(dict.fromkeys([*external, *(name for each in lists for name in each.external)])),
            tuple(dict.fromkeys([*unknown, *(name for each in lists for name in each.unknown)])),
        )


def _other_names(module: Module, words: set[str]) -> set[str]:
    """Return what a module calls any of these classes: `import Base as B`, `B = Base`, `B = module.Base`."""
    found: set[str] = set()
    for statement, _ in module.bindings.imports:
        found |= {alias.asname for alias in statement.names if alias.asname and alias.name in words}
    for word in words:
        uses = [*module.bindings.names.get(word, ()), *module.bindings.attributes.get(word, ())]
        for node, _ in uses:
            above = module.bindings.parents.get(node)
            if isinstance(above, ast.Assign) and above.value is node:
                found |= {target.id for target in above.targets if isinstance(target, ast.Name)}
    return found


def class_strings(definition: ClassDefinition, variable: str) -> list[ast.Constant]:
    """Return the strings of a class's `__slots__` or `__match_args__`."""
    return [
        node
        for use in definition.scope.uses.get(variable, ())
        for node in ast.walk(definition.module.bindings.statement_of(use))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
