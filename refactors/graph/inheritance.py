"""The inheritance graph: every class of the tree with its bases, in the tree, outside it, or not to be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from overhaul.refactors.graph.calls import Node
from overhaul.refactors.graph.linker import Linker
from overhaul.refactors.graph.values import ClassAt
from overhaul.refactors.values import External


class BaseEdge(NamedTuple):
    """A class inherits from another of the tree."""

    derived: Node
    base: Node


class OtherBase(NamedTuple):
    """A base outside the tree by its qualified name, or with `reason` one that cannot be told, as written."""

    derived: Node
    base: str
    reason: str


@dataclass(frozen=True, slots=True)
class InheritanceGraph:
    """All classes, also those without a base."""

    classes: list[Node]
    edges: list[BaseEdge]
    others: list[OtherBase]


def read_inheritance(linker: Linker) -> InheritanceGraph:
    """Return the inheritance graph of the linker's files."""
    edges: list[BaseEdge] = []
    others: list[OtherBase] = []
    classes = linker.classes.read_all()
    for each in classes:
        derived = Node(each.path, each.qualified)
        for text, base in linker.classes.bases(each):
            if isinstance(base, ClassAt):
                edges.append(BaseEdge(derived, Node(base.path, base.qualified)))
            elif isinstance(base, External):
                others.append(OtherBase(derived, base.name, ""))
            else:
                others.append(OtherBase(derived, text, base.reason))
    return InheritanceGraph(
        sorted(Node(each.path, each.qualified) for each in classes), sorted(set(edges)), sorted(set(others))
    )
