"""The modules in which a recipe has found something, on the import graph: what uses them stands to the left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overhaul.flows.graph_views.view import EAGER, View, restricted
from overhaul.flows.views.shown import Shown, empty, together
from overhaul.flows.views.shown import table as table_of
from overhaul.flows.views.svg import element, picture, shortened, text, titled
from overhaul.refactors.recipe import Site

MOST_NODES = 48
WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 176.0, 34.0, 64.0, 12.0, 8.0


@dataclass(frozen=True, slots=True)
class Found:
    """How many sites a module has."""

    resolved: int = 0
    unresolved: int = 0

    def __str__(self) -> str:
        return f"{self.resolved} proved" + (f", {self.unresolved} not" if self.unresolved else "")


def import_graph(view: View, sites: Sequence[Site]) -> Shown:
    """Draw the modules with sites and those next to them, as many as can be read."""
    found = _by_node(view, sites)
    part, found, left = _chosen(view, found)
    if not part.nodes:
        return empty("No module of the import graph has a site.")
    places = _places(part)
    width = max(x for x, _ in places) + WIDTH + EDGE
    height = max(y for _, y in places) + HEIGHT + EDGE
    parts = [_edge(places[each.source], places[each.target], each.kind) for each in part.edges]
    parts += [_node(part.nodes[number].name, place, found.get(number)) for number, place in enumerate(places)]
    title = f"Import graph: {len(found)} modules with sites, {len(part.nodes) - len(found)} next to them"
    rows = [
        (part.nodes[number].name, each.resolved, each.unresolved) for number, each in sorted(found.items())
    ]
    listed = table_of(("module", "proved sites", "not proved"), rows, "Modules with sites")
    words = f" {left:,} modules are left out here." if left else ""
    said = f"A module stands to the left of what it imports.{words}"
    return together(
        Shown(picture("".join(parts), width, height, title), title),
        Shown(f'<p class="muted">{said}</p>', said),
        Shown(f"<details><summary>The same as a table</summary>{listed.html}</details>", listed.text),
    )


def _by_node(view: View, sites: Sequence[Site]) -> dict[int, Found]:
    nodes = {path: number for number, node in enumerate(view.nodes) for path in node.paths}
    found: dict[int, Found] = {}
    for site in sites:
        number = nodes.get(site.path)
        if number is not None:
            known = found.get(number, Found())
            is_proved = site.status == "resolved"
            found[number] = Found(known.resolved + is_proved, known.unresolved + (not is_proved))
    return found


def _chosen(view: View, found: Mapping[int, Found]) -> tuple[View, dict[int, Found], int]:
    """The modules with most sites, then as many of their neighbours as there is room for."""
    ordered = sorted(found, key=lambda number: (-found[number].resolved - found[number].unresolved, number))
    neighbours = {
        other
        for edge in view.edges
        for own, other in ((edge.source, edge.target), (edge.target, edge.source))
        if own in found and other not in found
    }
    wanted = [*ordered, *sorted(neighbours)]
    kept = sorted(wanted[:MOST_NODES])
    places = {number: place for place, number in enumerate(kept) if number in found}
    part = restricted(view, set(kept))
    return part, {place: found[number] for number, place in places.items()}, len(wanted) - len(kept)


def _places(view: View) -> list[tuple[float, float]]:
    """A column for each layer that is left, the highest first, with its modules one below the other."""
    columns = {
        layer: place for place, layer in enumerate(sorted({node.layer for node in view.nodes}, reverse=True))
    }
    depth = dict.fromkeys(columns, 0)
    places = []
    for node in view.nodes:
        column, row = columns[node.layer], depth[node.layer]
        depth[node.layer] += 1
        places.append((EDGE + column * (WIDTH + GAP_X), EDGE + row * (HEIGHT + GAP_Y)))
    tallest = max(depth.values(), default=1)
    return [
        (x, y + (tallest - depth[node.layer]) * (HEIGHT + GAP_Y) / 2)
        for (x, y), node in zip(places, view.nodes, strict=True)
    ]


def _edge(source: tuple[float, float], target: tuple[float, float], kind: str) -> str:
    css = "edge" if kind in EAGER else "edge loose"
    y1, y2 = source[1] + HEIGHT / 2, target[1] + HEIGHT / 2
    if source[0] == target[0]:  # of one layer: a cycle, or an import in a function
        x = source[0] + WIDTH
        return element("path", d=f"M{x} {y1}C{x + 36} {y1} {x + 36} {y2} {x} {y2}", class_=css)
    x1, x2 = (source[0] + WIDTH, target[0]) if source[0] < target[0] else (source[0], target[0] + WIDTH)
    bend = (x2 - x1) / 2
    return element("path", d=f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}", class_=css)


def _node(name: str, place: tuple[float, float], found: Found | None) -> str:
    x, y = place
    css = "node" if found is None else "node warn" if found.unresolved else "node good"
    words = f"{name}: {found or 'no site'}"
    box = element("rect", titled(words), x=x, y=y, width=WIDTH, height=HEIGHT, rx=5, class_=css)
    at = y + (15 if found else HEIGHT / 2 + 4)
    label = text(shortened(name, 26), x + 9, at, class_="label")
    return box + label + (text(str(found), x + 9, y + 28, class_="note") if found else "")
