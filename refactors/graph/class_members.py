"""Classes of the tree: the order in which their bases are looked through (C3), and what an attribute leads to.

https://docs.python.org/3/howto/mro.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from overhaul.refactors.facts.record import ClassFact
from overhaul.refactors.graph.values import ClassAt, InstanceOf, SuperOf, Values
from overhaul.refactors.standard_library import defines
from overhaul.refactors.values import External, Unknown, union

if TYPE_CHECKING:
    from overhaul.refactors.graph.linker import Linker

Ancestor: TypeAlias = ClassAt | External | Unknown
_OBJECT = External("builtins.object")


class ClassMembers:
    """Inheritance over the whole tree, worked out for the classes that are asked about."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        self._by_name: dict[str, dict[str, list[ClassFact]]] = {}
        self._ancestries: dict[ClassAt, tuple[Ancestor, ...]] = {}
        self._bases: dict[ClassAt, tuple[tuple[str, Ancestor], ...]] = {}
        self._children: dict[ClassAt, list[ClassAt]] = defaultdict(list)

    def read_all(self) -> list[ClassAt]:
        """Work out the bases of every class, so that `descendants` knows them; return the classes."""
        classes = [
            ClassAt(path, fact.qualified)
            for path, facts in self._linker.files.items()
            for fact in facts.classes
        ]
        for each in dict.fromkeys(classes):
            for _, base in self.bases(each):
                if isinstance(base, ClassAt):
                    self._children[base].append(each)
        return list(dict.fromkeys(classes))

    def descendants(self, owner: ClassAt) -> list[ClassAt]:
        """Return the classes that inherit from a class, at any depth; none before `read_all`."""
        found: dict[ClassAt, None] = {}
        waiting = [owner]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child not in found:
                    found[child] = None
                    waiting.append(child)
        return list(found)

    def bases(self, owner: ClassAt) -> tuple[tuple[str, Ancestor], ...]:
        """Return the bases of a class: the text as written, and what it denotes."""
        if owner not in self._bases:
            self._bases[owner] = ()  # what a cycle sees
            self._bases[owner] = tuple(
                (text, base)
                for fact in self._facts(owner)
                for text, number in fact.bases
                for base in self._denoted(owner, number)
            )
        return self._bases[owner]

    def _facts(self, owner: ClassAt) -> Sequence[ClassFact]:
        if owner.path not in self._by_name:
            found: dict[str, list[ClassFact]] = defaultdict(list)
            for fact in self._linker.files[owner.path].classes:
                found[fact.qualified].append(fact)
            self._by_name[owner.path] = found
        return self._by_name[owner.path].get(owner.qualified, ())

    def _denoted(self, owner: ClassAt, number: int) -> Sequence[Ancestor]:
        values = self._linker.values(owner.path, number)
        return [
            value if isinstance(value, ClassAt | External | Unknown) else Unknown("a base that is no class")
            for value in values
        ] or [Unknown("a base that cannot be told")]

    def ancestry(self, owner: ClassAt) -> tuple[Ancestor, ...]:
        """Return the class and its bases in the order in which Python looks through them, `object` last."""
        if owner not in self._ancestries:
            self._ancestries[owner] = (owner, _OBJECT)  # what a cycle sees
            lines = [list(self._line(base)) for _, base in self.bases(owner)]
            direct = [base for _, base in self.bases(owner)]
            merged = _merge([*lines, list(dict.fromkeys(direct))])
            self._ancestries[owner] = (owner, *(each for each in merged if each != _OBJECT), _OBJECT)
        return self._ancestries[owner]

    def _line(self, base: Ancestor) -> tuple[Ancestor, ...]:
        return self.ancestry(base) if isinstance(base, ClassAt) else (base,)

    def member(self, value: ClassAt | InstanceOf | SuperOf, name: str) -> Values:
        """Return what an attribute of a class, an instance or `super()` may be."""
        owner = value if isinstance(value, ClassAt) else value.of
        is_instance = not isinstance(value, ClassAt)
        if name == "__class__" and isinstance(value, InstanceOf):
            return (owner,)
        order = self.ancestry(owner)
        for each in order[1:] if isinstance(value, SuperOf) else order:
            if isinstance(each, Unknown):
                return (Unknown(f"inherited from {each.reason}"),)
            if isinstance(each, External):
                has = defines(each.name, name)
                if has is None:
                    return (Unknown("perhaps inherited from a class outside the tree"),)
                if has:
                    return (External(f"{each.name}.{name}"),)
                continue
            definitions = self._linker.definitions(each.path)
            if f"{each.qualified}.{name}" in definitions:
                return self._found(owner, each, name, is_instance)
            if is_instance and f"{each.qualified}.__getattr__" in definitions:
                return (Unknown("an attribute that __getattr__ may make"),)
        return (Unknown("an attribute that its class does not define"),)

    def _found(self, owner: ClassAt, each: ClassAt, name: str, is_instance: bool) -> Values:
        """Return what a class defines under a name; for a variable, also what subclasses and other code give it."""
        qualified = f"{each.qualified}.{name}"
        found = self._linker.defined(each.path, qualified, owner, is_instance)
        kinds = {row.kind for row in self._linker.definitions(each.path)[qualified]}
        if not kinds & {"variable", "attribute"}:
            return found
        setters = self._linker.modules.set_from_outside.get(name, ())
        if any(
            setter in (owner, each) or owner in self.ancestry(setter)
            for setter in setters
            if isinstance(setter, ClassAt)
        ):
            return (Unknown("an attribute that other code sets"),)
        below = [
            self._linker.defined(child.path, f"{child.qualified}.{name}", child, is_instance)
            for child in self.descendants(owner)
            if f"{child.qualified}.{name}" in self._linker.definitions(child.path)
        ]
        return union(found, *below)


def _merge(lines: list[list[Ancestor]]) -> list[Ancestor]:
    """Merge the orders of the bases by C3; where Python would refuse them, go on with the first."""
    merged: list[Ancestor] = []
    lines = [line for line in lines if line]
    while lines:
        heads = [line[0] for line in lines]
        chosen = next((head for head in heads if not any(head in line[1:] for line in lines)), heads[0])
        merged.append(chosen)
        lines = [rest for line in lines if (rest := [each for each in line if each != chosen])]
    return merged
