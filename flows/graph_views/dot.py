"""A graph in the language of Graphviz: https://graphviz.org/doc/info/lang.html."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from overhaul.flows.graph_views.view import View
from overhaul.flows.plain_text import on_one_line

_STYLES = {"function": ' [style=dashed color="#8a8f98"]', "types": ' [style=dotted color="#8a8f98"]'}


def lines(view: View) -> Iterator[str]:
    """Yield a digraph: layers as ranks, each cycle in a box of its own."""
    yield f"digraph {_quoted(view.title)} {{"
    yield '  rankdir=BT; node [shape=box style=rounded fontname="sans-serif" fontsize=10]; edge [arrowsize=0.6];'
    identifiers = _identifiers(view)
    in_cycles: dict[int, list[int]] = defaultdict(list)
    for number, node in enumerate(view.nodes):
        if node.cycle < 0:
            yield f"  {identifiers[number]} [label={_quoted(node.name)}{_tooltip(view, number)}];"
        else:
            in_cycles[node.cycle].append(number)
    for cycle, members in sorted(in_cycles.items()):
        yield f'  subgraph cluster_{cycle} {{ label="cycle {cycle + 1}"; color="#c2571a"; fontsize=10;'
        for number in members:
            yield f"    {identifiers[number]} [label={_quoted(view.nodes[number].name)}{_tooltip(view, number)}];"
        yield "  }"
    for edge in view.edges:
        yield f"  {identifiers[edge.source]} -> {identifiers[edge.target]}{_STYLES.get(edge.kind, '')};"
    yield "}"


def _identifiers(view: View) -> list[str]:
    """Return a name for each node: its own, with its path if others have the same."""
    seen: dict[str, int] = defaultdict(int)
    for node in view.nodes:
        seen[node.name] += 1
    return [
        _quoted(node.name if seen[node.name] == 1 else f"{node.name} ({node.paths[0]})")
        for node in view.nodes
    ]


def _tooltip(view: View, number: int) -> str:
    node = view.nodes[number]
    return f" tooltip={_quoted(', '.join(node.paths[:3]))}" if node.paths else ""


def _quoted(text: str) -> str:
    """Return a quoted string: in it only the quote is special, and a backslash before it or in an escape of labels."""
    return '"' + on_one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
