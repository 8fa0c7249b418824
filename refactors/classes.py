"""Classes of the tree: what they inherit, what they define, and which classes inherit from them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from overhaul.refactors.project import Module, Project
from overhaul.refactors.standard_library import defines
from overhaul.refactors.values import ClassDefinition, ClassValue, External, class_of

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference

_ITEM = re.compile(r"[^\s,]+")
_WORD = re.compile(r"\w+")
# The bases of a class statement; a name before `as`; the right side of an assignment that is a name alone.
_BASES_OR_RENAMED = re.compile(
    r"^[ \t]*class\s+\w+[^\n(:]*\(([^:]*)|(\w+)[ \t]+as[ \t]|=[ \t]*([\w.]+)[ \t]*(?:#.*)?\r?$", re.MULTILINE
)


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
        self._descendants: dict[str, list[ClassDefinition]] = {}
        self._words: dict[str, frozenset[str]] = {}

    def ancestry(self, definition: ClassDefinition) -> Ancestry:
        """Return the class and everything that it inherits from."""
        if definition not in self._ancestries:
            self._ancestries[definition] = Ancestry((definition,), (), ())  # what a cycle sees
            pending = [(definition, self._bases(definition))]
            while pending:
                current, bases = pending[-1]
                above = next((each for each in bases[0] if each not in self._ancestries), None)
                if above is None:
                    self._ancestries[current] = self._climb(current, bases)
                    pending.pop()
                else:
                    self._ancestries[above] = Ancestry((above,), (), ())
                    pending.append((above, self._bases(above)))
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
        return any(each.name == name for each in class_strings(definition, "__slots__"))

    def instance_stores(self, definition: ClassDefinition, name: str) -> Iterator[ast.Attribute]:
        """Yield the `self.name` (or `cls.name`) that the class's own methods assign."""
        node = definition.node
        for attribute, scope in definition.module.bindings.attributes.get(name, ()):
            if isinstance(attribute.ctx, ast.Load) or not node.lineno <= attribute.lineno <= (
                node.end_lineno or 0
            ):
                continue
            receiver = attribute.value
            if not isinstance(receiver, ast.Name):
                continue
            for value in self._inference.self_values(definition.module, receiver, scope):
                if class_of(value) == definition:
                    yield attribute

    def descendants(self, definition: ClassDefinition) -> list[ClassDefinition]:
        """Return every class of the tree that inherits from a class, at any depth."""
        return self._below(definition.key, definition.name)

    def children_of_external(self, qualified: str) -> list[ClassDefinition]:
        """Return the classes of the tree that inherit from a class outside it, at any depth."""
        return self._below(f"::{qualified}", qualified.rpartition(".")[2])

    def _below(self, key: str, name: str) -> list[ClassDefinition]:
        """Search generation by generation: the tree is looked through once for each, not for each class."""
        if key in self._descendants:
            return self._descendants[key]
        found: dict[ClassDefinition, None] = {}
        keys, names = {key}, {name}
        while keys:
            children = [child for child in self._children(keys, names) if child not in found]
            found.update(dict.fromkeys(children))
            keys, names = {child.key for child in children}, {child.name for child in children}
        self._descendants[key] = list(found)
        return self._descendants[key]

    def _children(self, keys: set[str], names: set[str]) -> Iterator[ClassDefinition]:
        """Yield the classes with one of these among their bases, under its own name or another."""
        names, searched, seen = set(names), set[str](), set[ClassDefinition]()
        while names - searched:
            words = names - searched
            searched |= words
            for path in self._project.paths_containing(words):
                if not words & self._base_words(path):
                    continue
                module = self._project.module(path)
                if module is None:
                    continue
                names |= _other_names(module, words)
                for node, _ in module.bindings.classes:
                    child = self._project.class_definition(module, node)
                    if child not in seen and node.bases and keys & self._base_keys(child):
                        seen.add(child)
                        yield child

    def _base_words(self, path: str) -> frozenset[str]:
        """Return the words of a file that may name a base class, or a class that gets another name, unparsed."""
        if path not in self._words:
            try:
                content = self._project.tree.read(path)
            except OSError:
                content = b""
            text = content.decode("utf-8", "replace")
            places = [match.group(match.lastindex or 0) for match in _BASES_OR_RENAMED.finditer(text)]
            self._words[path] = frozenset(word for place in places for word in _WORD.findall(place))
        return self._words[path]

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

    def _climb(
        self, definition: ClassDefinition, bases: tuple[list[ClassDefinition], list[str], list[str]]
    ) -> Ancestry:
        """Order the bases depth first, a class that is reached twice at its last place, as Python nearly does."""
        classes, external, unknown = bases
        lists = [self._ancestries[base] for base in classes]
        order = [each for ancestry in lists for each in ancestry.classes if each != definition]
        last = {each: index for index, each in enumerate(order)}
        ordered = [each for index, each in enumerate(order) if last[each] == index]
        return Ancestry(
            (definition, *ordered),
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


@dataclass(frozen=True, slots=True)
class NameInString:
    """A name of a class's `__slots__` or `__match_args__`: its string and where in it the name begins."""

    name: str
    constant: ast.Constant
    start: int


def class_strings(definition: ClassDefinition, variable: str) -> list[NameInString]:
    """Return the names that a class's `__slots__` or `__match_args__` lists, also as `"a b".split()`."""
    found: list[NameInString] = []
    parents = definition.module.bindings.parents
    for use in definition.scope.uses.get(variable, ()):
        for node in ast.walk(definition.module.bindings.statement_of(use)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                above = parents.get(node)
                if isinstance(above, ast.Attribute) and above.attr == "split":
                    found += [
                        NameInString(word[0], node, word.start()) for word in _ITEM.finditer(node.value)
                    ]
                else:
                    found.append(NameInString(node.value, node, 0))
    return found


def borrowed_strings(definition: ClassDefinition, variable: str) -> list[ast.Constant]:
    """Return the strings of what `__slots__ = NAMES` names."""
    module = definition.module
    found: list[ast.Constant] = []
    for use in definition.scope.uses.get(variable, ()):
        value = getattr(module.bindings.statement_of(use), "value", None)
        for name in ast.walk(value) if value is not None else ():
            owner = definition.scope.lookup(name.id, name) if isinstance(name, ast.Name) else None
            for binding in (
                owner.bindings[name.id] if owner is not None and isinstance(name, ast.Name) else ()
            ):
                found += [
                    node
                    for node in ast.walk(module.bindings.statement_of(binding.node))
                    if isinstance(node, ast.Constant) and isinstance(node.value, str)
                ]
    return found
