"""Classes that change together: TestCases, what they inherit, and what inherits from that."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from overhaul.refactors.inference import Inference
from overhaul.refactors.public_names import is_public_module
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import HARMLESS_BASES, TEST_CASES
from overhaul.refactors.scopes import FunctionNode, Scope
from overhaul.refactors.values import ClassDefinition, ClassValue, External


@dataclass(slots=True, eq=False)
class _Group:
    members: dict[ClassDefinition, None] = field(default_factory=dict)


@dataclass(eq=False)
class Family:
    """Classes of the tree that are connected by inheritance, at least one of them a TestCase."""

    inference: Inference
    members: Sequence[ClassDefinition]
    _orders: dict[ClassDefinition, list[ClassDefinition | None] | None] = field(default_factory=dict)

    def outside(self, member: ClassDefinition) -> list[str]:
        """Return the bases of a class, at any height, that are neither of the tree nor TestCase."""
        ancestry = self.inference.hierarchy.ancestry(member)
        known = {*TEST_CASES, *HARMLESS_BASES, "builtins.object"}
        return [*(each for each in ancestry.external if each not in known), *ancestry.unknown]

    def is_test_case(self, member: ClassDefinition) -> bool:
        """Tell whether a class inherits from TestCase."""
        return bool(set(TEST_CASES) & set(self.inference.hierarchy.ancestry(member).external))

    @cached_property
    def defined(self) -> frozenset[str]:
        """The names that the classes' blocks bind."""
        return frozenset(name for member in self.members for name in member.scope.bindings)

    def definitions(self, name: str) -> Iterator[tuple[ClassDefinition, ast.AST]]:
        """Yield the definitions of a name in the classes' blocks."""
        for member in self.members:
            for binding in member.scope.bindings.get(name, ()):
                yield member, binding.node

    def order(self, member: ClassDefinition) -> list[ClassDefinition] | None:
        """Return the classes in which an attribute is looked up, in order; None if Python would refuse them."""
        order = self._whole_order(member)
        return None if order is None else [each for each in order if each is not None]

    def hidden(self, member: ClassDefinition) -> list[ClassDefinition]:
        """Return the classes that an attribute is looked up in only after TestCase."""
        order = self._whole_order(member) or []
        return [each for each in order[order.index(None) :] if each is not None] if None in order else []

    def _whole_order(self, member: ClassDefinition) -> list[ClassDefinition | None] | None:
        if member not in self._orders:
            self._orders[member] = _linearised(self, member, ())
        return self._orders[member]

    def bases(self, member: ClassDefinition) -> list[ClassDefinition | None]:
        """Return the direct bases: classes of the tree, and None for TestCase."""
        found: list[ClassDefinition | None] = []
        for base in member.node.bases:
            for value in self.inference.values(member.module, base):
                if isinstance(value, ClassValue):
                    found.append(value.definition)
                elif isinstance(value, External) and value.name in TEST_CASES:
                    found.append(None)
        return found


def is_offered(path: str) -> bool:
    """Tell whether a file is a module for a project's users, who may inherit from its classes, and not of its tests."""
    stem = path.rpartition("/")[2].removesuffix(".py")
    return is_public_module(path) and not re.search(r"(?:^|_)tests?(?:_|$)", stem)


def methods_of(member: ClassDefinition) -> Iterator[FunctionNode]:
    """Yield the functions that a class's block defines directly."""
    for statement in member.node.body:
        if isinstance(statement, FunctionNode):
            yield statement


def receiver_scope(member: ClassDefinition, method: FunctionNode) -> tuple[str, Scope] | None:
    """Return the name of a method's first parameter, and the scope that binds it; None for a static method."""
    positional = [*method.args.posonlyargs, *method.args.args]
    is_static = any(
        isinstance(each, ast.Name) and each.id == "staticmethod" for each in method.decorator_list
    )
    if not positional or is_static:
        return None
    return positional[0].arg, member.module.bindings.scopes[method]


def find_families(inference: Inference) -> list[Family]:
    """Return the families of the tree, in order of their first classes."""
    hierarchy = inference.hierarchy
    groups: dict[ClassDefinition, _Group] = {}
    cases = [each for name in TEST_CASES for each in hierarchy.children_of_external(name)]
    for case in dict.fromkeys(cases):
        ancestors = hierarchy.ancestry(case).classes
        mixins = [each for each in ancestors if not set(TEST_CASES) & set(hierarchy.ancestry(each).external)]
        beside = [below for mixin in mixins for below in hierarchy.descendants(mixin)]
        joined = _Group()
        for member in [*ancestors, *beside]:
            joined.members[member] = None
            if member in groups:
                joined.members.update(groups[member].members)
        for member in joined.members:
            groups[member] = joined
    families = [Family(inference, _sorted(group.members)) for group in dict.fromkeys(groups.values())]
    return sorted(families, key=lambda family: _place(family.members[0]))


def base_kinds(family: Family, member: ClassDefinition, base: ast.expr) -> list[str]:
    """Return what a base of a class may be: names of classes outside the tree, and `tree` for one of it."""
    values = family.inference.values(member.module, base)
    return [
        value.name if isinstance(value, External) else "tree" if isinstance(value, ClassValue) else ""
        for value in values
    ]


def _sorted(members: dict[ClassDefinition, None]) -> list[ClassDefinition]:
    return sorted(members, key=_place)


def _place(member: ClassDefinition) -> tuple[str, int]:
    return member.module.path, member.node.lineno


def _linearised(
    family: Family, member: ClassDefinition, below: tuple[ClassDefinition, ...]
) -> list[ClassDefinition | None] | None:
    """Return Python's C3 order of a class and its bases."""
    if member in below:
        return None
    bases = family.bases(member)
    lists: list[list[ClassDefinition | None]] = []
    for base in bases:
        order = [None] if base is None else _linearised(family, base, (*below, member))
        if order is None:
            return None
        lists.append(list(order))
    lists.append(list(bases))
    result: list[ClassDefinition | None] = [member]
    while any(lists):
        heads = [each[0] for each in lists if each]
        tails = [each for some in lists for each in some[1:]]
        fitting = [each for each in heads if each not in tails]
        if not fitting:
            return None
        result.append(fitting[0])
        lists = [[each for each in some if each is not fitting[0]] for some in lists]
    return result
