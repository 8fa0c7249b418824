"""One picture of a repository's graphs: nodes and edges at the chosen level, whatever they stand for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from overhaul.refactors.graph.components import components, layers
from overhaul.refactors.graph.repository import ImportGraph, RepositoryGraph, SymbolGraph

What = Literal["imports", "calls", "inheritance"]
Level = Literal["symbol", "module", "package"]
WHATS: tuple[What, ...] = get_args(What)
LEVELS: tuple[Level, ...] = get_args(Level)
# What the engine knows beyond a picture's edges: they hold when the module is loaded.
EAGER = ("module", "call", "inherits")


@dataclass(frozen=True, slots=True)
class Node:
    """A module, package, function or class. `layer` is 0 if its edges lead to nothing; `cycle` is -1 in none."""

    name: str
    paths: tuple[str, ...]
    layer: int = 0
    cycle: int = -1
    public: tuple[str, ...] = ()
    re_exports: tuple[tuple[str, str], ...] = ()
    owners: tuple[str, ...] = ()
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """From a node to one that it uses, by their places. `times` counts what a coarse edge stands for."""

    source: int
    target: int
    kind: str
    times: int = 1
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """A picture, with what could not be put into it: counts by reason, files, imports."""

    title: str
    what: What
    level: Level
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    cycles: Sequence[tuple[int, ...]]
    totals: Mapping[str, int]
    unproved: Mapping[str, int] = field(default_factory=dict)
    imports: ImportGraph | None = None


def make_view(graph: RepositoryGraph, title: str, what: What, level: Level | None = None) -> View:
    """Return the picture; without a level it is modules for imports and symbols for the others."""
    imports = graph.imports
    if what == "imports":
        chosen: Level = level or "module"
        view = _of_imports(imports, title)
    else:
        chosen = level or "symbol"
        view = _of_symbols(graph.calls if what == "calls" else graph.inheritance, imports, title, what)
        if chosen != "symbol":
            view = _grouped(view, _module_of(imports), "module")
            view = replace(view, nodes=_with_details(view.nodes, imports))
    if chosen == "package":
        view = _grouped(view, _package_of(imports), "package")
    return view


def _of_imports(imports: ImportGraph, title: str) -> View:
    kinds = Counter(edge.kind for edge in imports.edges)
    return View(
        title=title,
        what="imports",
        level="module",
        nodes=[
            Node(
                row.name,
                row.paths,
                row.layer,
                row.cycle,
                row.public_names,
                row.re_exports,
                row.owners,
                row.is_public,
            )
            for row in imports.modules
        ],
        edges=[Edge(each.source, each.target, each.kind, 1, each.path, each.line) for each in imports.edges],
        cycles=imports.cycles,
        totals={"modules": len(imports.modules), "imports": len(imports.edges), **_by_kind(kinds)},
        imports=imports,
    )


def _by_kind(kinds: Mapping[str, int]) -> dict[str, int]:
    names = {"module": "at_load", "function": "in_functions", "types": "for_types"}
    return {name: kinds.get(kind, 0) for kind, name in names.items()}


def _of_symbols(symbols: SymbolGraph, imports: ImportGraph, title: str, what: What) -> View:
    names = {path: row.name for row in imports.modules for path in row.paths}
    kind = "call" if what == "calls" else "inherits"
    nodes = [
        Node(f"{names.get(path, path)}.{name}" if name else names.get(path, path), (path,))
        for path, name in symbols.symbols
    ]
    edges = [
        Edge(each.source, each.target, kind, each.times, symbols.symbols[each.source][0], each.line)
        for each in symbols.edges
    ]
    view = View(title, what, "symbol", nodes, edges, (), symbols.totals, symbols.unproved, imports)
    return _arranged(view)


def _module_of(imports: ImportGraph) -> Callable[[Node], str]:
    keys = {path: row.name for row in imports.modules for path in row.paths}
    return lambda node: keys.get(node.paths[0], node.name)


def _package_of(imports: ImportGraph) -> Callable[[Node], str]:
    """Give a package itself for its `__init__`, and for a module the package that it is in."""
    packages = {
        row.name for row in imports.modules if row.paths[0].rpartition("/")[2].startswith("__init__.")
    }
    return lambda node: node.name if node.name in packages else node.name.rpartition(".")[0] or node.name


def _grouped(view: View, group: Callable[[Node], str], level: Level) -> View:
    """Return a coarser view: each group is a node, edges within one are left out."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, node in enumerate(view.nodes):
        members[group(node)].append(number)
    names = sorted(members)
    place = {number: at for at, name in enumerate(names) for number in members[name]}
    found: dict[tuple[int, int], Edge] = {}
    for edge in view.edges:
        source, target = place[edge.source], place[edge.target]
        if source == target:
            continue
        known = found.get((source, target))
        moved = replace(edge, source=source, target=target)
        if known is None:
            found[source, target] = moved
        else:
            kept = moved if moved.kind in EAGER and known.kind not in EAGER else known
            found[source, target] = replace(kept, times=known.times + edge.times)
    nodes = []
    for name in names:
        inside = [view.nodes[number] for number in members[name]]
        paths = tuple(dict.fromkeys(path for node in inside for path in node.paths))
        owners = tuple(dict.fromkeys(owner for node in inside for owner in node.owners))
        nodes.append(Node(name, paths, owners=owners, is_public=any(node.is_public for node in inside)))
    return _arranged(replace(view, level=level, nodes=nodes, edges=[found[key] for key in sorted(found)]))


def _arranged(view: View) -> View:
    """Work out the layers and cycles of a view's own edges."""
    eager: dict[int, list[int]] = defaultdict(list)
    for edge in view.edges:
        if edge.kind in EAGER and edge.source != edge.target:
            eager[edge.source].append(edge.target)
    ordered = components(range(len(view.nodes)), eager)
    layer = layers(ordered, eager)
    cycles = sorted(tuple(sorted(each)) for each in ordered if len(each) > 1)
    cycle = {node: number for number, each in enumerate(cycles) for node in each}
    nodes = [
        replace(node, layer=layer[number], cycle=cycle.get(number, -1))
        for number, node in enumerate(view.nodes)
    ]
    return replace(view, nodes=nodes, cycles=cycles)


def _with_details(nodes: Sequence[Node], imports: ImportGraph) -> list[Node]:
    rows = {row.name: row for row in imports.modules}
    return [
        replace(node, paths=row.paths, owners=row.owners, public=row.public_names, re_exports=row.re_exports)
        if (row := rows.get(node.name))
        else node
        for node in nodes
    ]


def around(view: View, path: str) -> View:
    """Return the part of a view that is a file's own nodes, what they use and what uses them."""
    own = {number for number, node in enumerate(view.nodes) if path in node.paths}
    kept = set(own)
    for edge in view.edges:
        if edge.source in own or edge.target in own:
            kept |= {edge.source, edge.target}
    return restricted(view, kept)


def below(view: View, folder: str) -> View:
    """Return the part of a view that is in a folder."""
    prefix = f"{folder}/"
    return restricted(
        view,
        {
            number
            for number, node in enumerate(view.nodes)
            if any(path.startswith(prefix) for path in node.paths)
        },
    )


def only_cycles(view: View) -> View:
    """Return the part of a view that is in cycles."""
    kept = {number for number, node in enumerate(view.nodes) if node.cycle >= 0}
    part = restricted(view, kept)
    return replace(
        part,
        edges=[edge for edge in part.edges if part.nodes[edge.source].cycle == part.nodes[edge.target].cycle],
    )


def restricted(view: View, kept: set[int]) -> View:
    """Return the part of a view with these nodes; their layers and cycles stay those of the whole."""
    order = sorted(kept)
    place = {number: at for at, number in enumerate(order)}
    return replace(
        view,
        nodes=[view.nodes[number] for number in order],
        edges=[
            replace(edge, source=place[edge.source], target=place[edge.target])
            for edge in view.edges
            if edge.source in kept and edge.target in kept
        ],
        cycles=[
            tuple(place[each] for each in cycle if each in kept) for cycle in view.cycles if kept & set(cycle)
        ],
    )
