"""A graph as lines of text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import click

from overhaul.flows.command_line.output import plural
from overhaul.flows.graph_views.view import Edge, View
from overhaul.flows.plain_text import on_one_line

_SHOWN = 12  # unresolved imports, crossings and reasons; the rest is counted
_MARKS = {"function": " (in a function)", "types": " (for types only)"}


def lines(view: View) -> Iterator[str]:
    """Yield the graph layer by layer, its cycles, and what is not in it."""
    by_layer: dict[int, list[int]] = defaultdict(list)
    for number, node in enumerate(view.nodes):
        by_layer[node.layer].append(number)
    targets, sources = _neighbours(view)
    for layer in sorted(by_layer):
        yield click.style(f"layer {layer}", bold=True) + f"  ({plural(len(by_layer[layer]), _noun(view))})"
        for number in by_layer[layer]:
            node = view.nodes[number]
            uses, used = len(targets[number]), len(sources[number])
            cycle = click.style(f"  cycle {node.cycle + 1}", fg="yellow") if node.cycle >= 0 else ""
            owners = f"  {' '.join(map(on_one_line, node.owners))}" if node.owners else ""
            yield f"  {on_one_line(node.name)}  -> {uses}  <- {used}{cycle}{owners}"
    if view.cycles:
        yield ""
        yield from cycle_lines(view)


def cycle_lines(view: View) -> Iterator[str]:
    """Yield each cycle with the edges that make it, and the line of each."""
    inside: dict[int, list[Edge]] = defaultdict(list)
    for edge in view.edges:
        source, target = view.nodes[edge.source], view.nodes[edge.target]
        if source.cycle >= 0 and source.cycle == target.cycle and edge.kind not in _MARKS:
            inside[source.cycle].append(edge)
    for members in view.cycles:
        number = view.nodes[members[0]].cycle
        yield click.style(f"cycle {number + 1}", bold=True) + f"  ({plural(len(members), _noun(view))})"
        for edge in inside[number]:
            place = f"  {on_one_line(edge.path)}:{edge.line}" if edge.line else ""
            names = [on_one_line(view.nodes[each].name) for each in (edge.source, edge.target)]
            yield f"  {' -> '.join(names)}{place}"


def summary(view: View) -> Iterator[str]:
    """Yield the totals, and what could not be followed or understood."""
    layers = max((node.layer for node in view.nodes), default=-1) + 1
    yield (
        f"{plural(len(view.nodes), _noun(view))}, {plural(len(view.edges), 'edge')}, "
        f"{plural(layers, 'layer')}, {plural(len(view.cycles), 'cycle')}"
    )
    totals = view.totals
    if view.what == "imports":
        yield (
            f"imports: {totals['at_load']:,} when a module is loaded, {totals['in_functions']:,} in functions,"
            f" {totals['for_types']:,} for types only"
        )
    else:
        noun = "calls" if view.what == "calls" else "bases"
        yield (
            f"{noun}: {totals['proved']:,} proved, {totals['outside']:,} outside the tree,"
            f" {totals['unproved']:,} that cannot be told"
        )
        for reason, count in list(view.unproved.items())[:_SHOWN]:
            yield f"  {count:,}: {on_one_line(reason)}"
    yield from _left_out(view)


def _left_out(view: View) -> Iterator[str]:
    graph = view.imports
    if graph is None:
        return
    if view.what == "imports":
        for each in graph.unresolved[:_SHOWN]:
            yield f"unresolved: {on_one_line(each.path)}:{each.line}: {on_one_line(each.reason)}"
        if len(graph.unresolved) > _SHOWN:
            yield f"and {plural(len(graph.unresolved) - _SHOWN, 'other unresolved import')} (--json has all)"
        if graph.crossings:
            yield f"{plural(len(graph.crossings), 'import')} of private names from outside their package (--json)"
    for line, problem in graph.owners_problems:
        yield f"{on_one_line(graph.owners_file)}:{line}: {on_one_line(problem)}"
    for path, reason in [*graph.failures, *graph.unsupported]:
        yield f"not understood: {on_one_line(path)}: {on_one_line(reason)}"


def _neighbours(view: View) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    targets: dict[int, set[int]] = defaultdict(set)
    sources: dict[int, set[int]] = defaultdict(set)
    for edge in view.edges:
        targets[edge.source].add(edge.target)
        sources[edge.target].add(edge.source)
    return targets, sources


def _noun(view: View) -> str:
    if view.level != "symbol":
        return view.level
    return "class" if view.what == "inheritance" else "function"
