"""What code elsewhere gives an attribute: `state.current = B()`, and what a subclass sets in a base's place."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from overhaul.refactors.assignments import assigned_values
from overhaul.refactors.modules import is_python
from overhaul.refactors.values import (
    ClassDefinition,
    Instance,
    ModuleValue,
    Super,
    Unknown,
    Values,
    class_of,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module

# `x.name = value`, also annotated; what a method sets on `self` is found by the class it is in.
_STORE = re.compile(rb"(?<!\bself)\.[ \t]*([\w\x80-\xff]+)[ \t]*(?::[^=\n]*)?=(?!=)")


class OutsideStores:
    """The assignments to attributes in all of a tree, found by pattern in one pass and parsed where asked for."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._project = inference.project

    def of_module(self, key: str, name: str) -> Values:
        """Return what other files assign to a module's variable."""
        return union(
            *(
                self._values(module, store)
                for module, store in self._stores(name)
                if any(
                    isinstance(value, ModuleValue) and value.location.key == key
                    for value in self._inference.values(module, store.value)
                )
            )
        )

    def of_class(self, definition: ClassDefinition, owner: ClassDefinition, name: str) -> Values:
        """Return what is assigned to an attribute of `owner` from outside, or by subclasses of `definition`.

        Where it is not known on what the attribute is set, only a known value counts: it shows that another
        class may be meant, and what is not known at all shows nothing.
        """
        found: list[Values] = []
        for module, store in self._stores(name):
            related = [
                self._is_related(value, owner) for value in self._inference.values(module, store.value)
            ]
            if True in related:
                found.append(self._values(module, store))
            elif None in related:
                known = [each for each in self._values(module, store) if isinstance(each, Instance)]
                found.append(tuple(each for each in known if isinstance(each.of, ClassDefinition)))
        hierarchy = self._inference.hierarchy
        for each in hierarchy.descendants(definition):
            found += [
                self._inference.binding_values(each.module, binding)
                for binding in each.scope.bindings.get(name, ())
                if isinstance(binding.node, ast.Name)
            ]
            found += [self._values(each.module, store) for store in hierarchy.instance_stores(each, name)]
        return union(*found)

    def _is_related(self, value: object, owner: ClassDefinition) -> bool | None:
        """Tell whether a value is of a class, of a subclass or of a base; None if it is not known."""
        if isinstance(value, Unknown):
            return None
        definition = class_of(value)
        if definition is None or isinstance(value, Super):
            return False
        ancestry = self._inference.hierarchy.ancestry
        return owner in ancestry(definition).classes or definition in ancestry(owner).classes

    def _values(self, module: Module, store: ast.Attribute) -> Values:
        return self._inference.guarded(store, lambda: assigned_values(self._inference, module, store))

    def _stores(self, name: str) -> Iterator[tuple[Module, ast.Attribute]]:
        for path in self._paths.get(name.encode(), ()):
            module = self._project.module(path)
            for attribute, _ in module.bindings.attributes.get(name, ()) if module is not None else ():
                is_own = isinstance(attribute.value, ast.Name) and attribute.value.id == "self"
                if isinstance(attribute.ctx, ast.Store) and not is_own and module is not None:
                    yield module, attribute

    @cached_property
    def _paths(self) -> Mapping[bytes, Collection[str]]:
        found: dict[bytes, dict[str, None]] = defaultdict(dict)
        for path in self._project.tree.paths():
            if is_python(path):
                try:
                    content = self._project.tree.read(path)
                except OSError:
                    continue
                for name in _STORE.findall(content):
                    found[name][path] = None
        return found
