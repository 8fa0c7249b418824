"""Cycles and layers of a graph, by Tarjan's algorithm; no recursion, so that a long chain is no problem.

R. Tarjan, "Depth-First Search and Linear Graph Algorithms", SIAM Journal on Computing 1 (1972).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(nodes: Iterable[Node], edges: Mapping[Node, Collection[Node]]) -> list[tuple[Node, ...]]:
    """Return the strongly connected components, those that an edge leads to first.

    The nodes of a component are in the order in which `nodes` names them; nodes that only edges name come last.
    The result depends on the order of `nodes` and of each collection of edges and on nothing else.
    """
    search: _Search[Node] = _Search(edges)
    named = dict.fromkeys(nodes)
    for node in named:
        search.visit(node)
    rank = {node: number for number, node in enumerate(dict.fromkeys([*named, *search.index]))}
    return [tuple(sorted(component, key=rank.__getitem__)) for component in search.found]


class _Search(Generic[Node]):
    def __init__(self, edges: Mapping[Node, Collection[Node]]) -> None:
        self._edges = edges
        self.index: dict[Node, int] = {}
        self._low: dict[Node, int] = {}
        self._open: dict[Node, None] = {}
        self.found: list[list[Node]] = []

    def visit(self, start: Node) -> None:
        if start in self.index:
            return
        path: list[tuple[Node, Iterator[Node]]] = [self._enter(start)]
        while path:
            node, rest = path[-1]
            for target in rest:
                if target not in self.index:
                    path.append(self._enter(target))
                    break
                if target in self._open:
                    self._low[node] = min(self._low[node], self.index[target])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    self._low[above] = min(self._low[above], self._low[node])
                self._leave(node)

    def _enter(self, node: Node) -> tuple[Node, Iterator[Node]]:
        self.index[node] = self._low[node] = len(self.index)
        self._open[node] = None
        return node, iter(self._edges.get(node, ()))

    def _leave(self, node: Node) -> None:
        if self._low[node] == self.index[node]:
            component: list[Node] = []
            while not component or component[-1] != node:
                component.append(self._open.popitem()[0])
            self.found.append(component)


def layers(ordered: Sequence[Collection[Node]], edges: Mapping[Node, Collection[Node]]) -> dict[Node, int]:
    """Return each node's layer: 0 if it leads to no other component, else one above the highest that it leads to.

    `ordered` are the components as `components` returns them.
    """
    found: dict[Node, int] = {}
    for component in ordered:
        inside = set(component)
        below = [found[t] for node in component for t in edges.get(node, ()) if t not in inside]
        found.update(dict.fromkeys(component, max(below, default=-1) + 1))
    return found
