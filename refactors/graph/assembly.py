"""Puts the graphs of a repository together from the facts of its files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from overhaul.refactors.facts.record import FileFacts
from overhaul.refactors.facts.store import TreeFacts, read_facts
from overhaul.refactors.graph.calls import Node, read_calls
from overhaul.refactors.graph.components import components, layers
from overhaul.refactors.graph.imports import MODULE_LEVEL, ImportEdge, ImportReader, node_key
from overhaul.refactors.graph.inheritance import read_inheritance
from overhaul.refactors.graph.linker import Linker
from overhaul.refactors.graph.owners import Owners
from overhaul.refactors.graph.public_api import crossings, public_names
from overhaul.refactors.graph.repository import (
    UNSUPPORTED,
    Crossing,
    Edge,
    ImportGraph,
    ModuleRow,
    SymbolEdge,
    SymbolGraph,
    Unresolved,
    Watcher,
)
from overhaul.refactors.identity import Identities
from overhaul.refactors.index import Index
from overhaul.refactors.links import Link
from overhaul.refactors.modules import ModuleTable, is_python
from overhaul.refactors.public_names import is_public_module
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused


class Assembly:
    """The facts of one tree, and the graphs made of them when asked for."""

    def __init__(
        self, tree: Tree, identities: Identities, index: Index | None, watcher: Watcher | None
    ) -> None:
        self._tree = tree
        self._watcher = watcher
        self._links = identities.links
        with collector_paused():
            self._facts = read_facts(tree, identities, index, watcher)
            self._table = ModuleTable(tree.paths())

    @property
    def files_read(self) -> int:
        return self._facts.read

    @property
    def is_stable(self) -> bool:
        """Whether the facts are of the contents that the identities name."""
        return self._facts.is_stable

    def imports(self) -> ImportGraph:
        """Return the import graph."""
        with collector_paused():
            return _import_graph(self._tree, self._table, self._facts, self._links)

    def symbols(self) -> dict[str, SymbolGraph]:
        """Return the call graph and the inheritance graph by name: each needs most of what the other needs."""
        if self._watcher is not None:
            self._watcher("following classes and calls", None, None)
        with collector_paused():
            linker = Linker(self._table, self._facts.files)
            return {"inheritance": _inheritance(linker), "calls": _calls(linker)}


def _import_graph(tree: Tree, table: ModuleTable, facts: TreeFacts, links: Sequence[Link]) -> ImportGraph:
    reader = ImportReader(table, facts.files)
    edges = reader.edges
    rows = _modules(tree, table, facts.files, edges)
    places = {row.key: number for number, row in enumerate(rows)}
    cycles: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row.cycle >= 0:
            cycles[row.cycle].append(number)
    owners = Owners.of_tree(tree)
    return ImportGraph(
        modules=rows,
        edges=sorted(
            Edge(places[edge.source], places[edge.target], edge.kind, edge.path, edge.line) for edge in edges
        ),
        cycles=[tuple(members) for _, members in sorted(cycles.items())],
        outside=dict(sorted(reader.outside.items(), key=lambda item: (-item[1], item[0]))),
        unresolved=[Unresolved(*each) for each in sorted(set(reader.unresolved))],
        crossings=[Crossing(*each) for each in sorted(crossings(table, facts.files))],
        failures=[(path, each.error) for path, each in facts.files.items() if each.error],
        unsupported=sorted([*_unsupported(tree.paths()), *_behind_links(links)]),
        owners_file=owners.place,
        owners_problems=owners.problems,
    )


def _unsupported(paths: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (path, f"{UNSUPPORTED[ending]} is not supported")
        for path in paths
        if (ending := path[path.rfind(".") :]) in UNSUPPORTED
    ]


def _behind_links(links: Sequence[Link]) -> list[tuple[str, str]]:
    return [(link.path, f"{link.describes}, is not followed") for link in links if is_python(link.path)]


def _modules(
    tree: Tree, table: ModuleTable, files: Mapping[str, FileFacts], edges: Sequence[ImportEdge]
) -> list[ModuleRow]:
    paths: dict[str, list[str]] = defaultdict(list)
    for path in files:
        paths[node_key(path)].append(path)
    # The source before its stub, and a package before a module of the same name, as Python and ModuleTable have it.
    for each in paths.values():
        each.sort(
            key=lambda path: (path.endswith(".pyi"), not path.rpartition("/")[2].startswith("__init__."))
        )
    eager: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        if edge.kind == MODULE_LEVEL:
            eager[edge.source].append(edge.target)
    ordered = components(sorted(paths), eager)
    layer = layers(ordered, eager)
    cycle = {
        key: number
        for number, members in enumerate(each for each in ordered if len(each) > 1)
        for key in members
    }
    owners = Owners.of_tree(tree)
    names = {key: table.name(each[0]) if is_python(each[0]) else each[0] for key, each in paths.items()}
    return [
        _row(key, names[key] or key, paths[key], layer[key], cycle.get(key, -1), files, owners)
        for key in sorted(paths, key=lambda key: (names[key], key))
    ]


def _row(
    key: str,
    name: str,
    paths: Sequence[str],
    layer: int,
    cycle: int,
    files: Mapping[str, FileFacts],
    owners: Owners,
) -> ModuleRow:
    public, is_sure = public_names(paths[0], files[paths[0]])
    return ModuleRow(
        key=key,
        name=name,
        paths=tuple(paths),
        layer=layer,
        cycle=cycle,
        is_public=is_public_module(paths[0]),
        public_names=tuple(each.name for each in public),
        re_exports=tuple((each.name, each.origin) for each in public if each.origin),
        is_sure=is_sure and not files[paths[0]].error,
        owners=owners.of(paths[0]),
    )


def _inheritance(linker: Linker) -> SymbolGraph:
    found = read_inheritance(linker)
    places = {node: number for number, node in enumerate(found.classes)}
    untold = [each for each in found.others if each.reason]
    return SymbolGraph(
        symbols=[(node.path, node.qualified) for node in found.classes],
        edges=[SymbolEdge(places[edge.derived], places[edge.base], 0, 1) for edge in found.edges],
        totals={
            "proved": len(found.edges),
            "outside": len(found.others) - len(untold),
            "unproved": len(untold),
        },
        unproved=dict(Counter(each.reason for each in untold).most_common()),
        others=[(places[each.derived], each.base, each.reason) for each in found.others],
    )


def _calls(linker: Linker) -> SymbolGraph:
    found = read_calls(linker)
    nodes: list[Node] = sorted({node for edge in found.edges for node in (edge.caller, edge.callee)})
    places = {node: number for number, node in enumerate(nodes)}
    return SymbolGraph(
        symbols=[(node.path, node.qualified) for node in nodes],
        edges=[
            SymbolEdge(places[edge.caller], places[edge.callee], edge.line, edge.calls)
            for edge in found.edges
        ],
        totals={
            "proved": found.proved,
            "outside": found.outside,
            "unproved": sum(found.unproved.values()),
        },
        unproved=found.unproved,
        others=[],
    )
