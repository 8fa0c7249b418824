"""The call graph as far as it can be proved: edges between functions, and a count of the calls that gave none.

An edge leads to the definition that the receiver's class has; its overrides in subclasses are found through the
inheritance graph. A class that is called leads to its `__init__`, or to the class if the tree defines none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from overhaul.refactors.graph.linker import Linker
from overhaul.refactors.graph.values import ClassAt, FunctionAt, InstanceOf, OutsideInstance, Value
from overhaul.refactors.values import External, Unknown


class Node(NamedTuple):
    """A function, class or (with "" as its name) a module's own code."""

    path: str
    qualified: str


class CallEdge(NamedTuple):
    """One function calls another: the first line that does, and how many calls there are (`calls`)."""

    caller: Node
    callee: Node
    line: int
    calls: int


@dataclass(frozen=True, slots=True)
class CallGraph:
    """`unproved` counts calls by the reason why it cannot be told what they reach."""

    edges: list[CallEdge]
    proved: int
    outside: int
    unproved: dict[str, int]


def read_calls(linker: Linker) -> CallGraph:
    """Return the call graph of the linker's files."""
    found: dict[tuple[Node, Node], list[int]] = {}
    counts: Counter[str] = Counter()
    unproved: Counter[str] = Counter()
    for path, facts in linker.files.items():
        targets: dict[int, list[Node] | str] = {}
        for call in facts.calls:
            if call.callee not in targets:
                targets[call.callee] = _targets(linker, path, call.callee)
            reached = targets[call.callee]
            if isinstance(reached, str):
                unproved[reached] += 1
                continue
            counts["proved" if reached else "outside"] += 1
            for target in reached:
                found.setdefault((Node(path, call.caller), target), []).append(call.line)
    edges = [CallEdge(caller, callee, min(lines), len(lines)) for (caller, callee), lines in found.items()]
    return CallGraph(sorted(edges), counts["proved"], counts["outside"], dict(unproved.most_common()))


def _targets(linker: Linker, path: str, callee: int) -> list[Node] | str:
    """Return the functions of the tree that a call reaches, or why that cannot be told."""
    values = linker.values(path, callee)
    if not values:
        return "a value of which only None is known"
    nodes: list[Node] = []
    for value in values:
        for each in _called(linker, value):
            if isinstance(each, str):
                return each
            nodes.append(each)
    return list(dict.fromkeys(nodes))


def _called(linker: Linker, value: Value) -> Iterator[Node | str]:
    if isinstance(value, FunctionAt):
        yield Node(value.path, value.qualified)
    elif isinstance(value, ClassAt):
        yield from _constructor(linker, value)
    elif isinstance(value, InstanceOf):
        for each in linker.member(value, "__call__"):
            if isinstance(each, FunctionAt):
                yield Node(each.path, each.qualified)
            elif not isinstance(each, External):
                yield each.reason if isinstance(each, Unknown) else "a call of an object"
    elif isinstance(value, Unknown):
        yield value.reason
    elif isinstance(value, OutsideInstance):
        yield "a call of an object from outside the tree"
    elif not isinstance(value, External):
        yield "a call of something that is no function"


def _constructor(linker: Linker, value: ClassAt) -> Iterator[Node]:
    for each in linker.member(InstanceOf(value), "__init__"):
        yield (
            Node(each.path, each.qualified)
            if isinstance(each, FunctionAt)
            else Node(value.path, value.qualified)
        )
