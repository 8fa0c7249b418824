"""The graphs of a whole repository, kept in the index under the identity of all its files.

A second look at the same files loads the result; after a change the records of the other files are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from overhaul.refactors.facts.record import code_version, facts_version
from overhaul.refactors.graph.rows import Rows
from overhaul.refactors.identity import Identities, identify
from overhaul.refactors.index import Index
from overhaul.refactors.sealing import seal, unseal
from overhaul.refactors.source import Tree

if TYPE_CHECKING:
    from overhaul.refactors.graph.assembly import Assembly

Watcher = Callable[[str, int | None, int | None], None]

SUFFIXES = (".py", ".pyi", ".ipynb")
UNSUPPORTED = {".pyx": "Cython", ".pxd": "Cython", ".pxi": "Cython"}
_KIND = "graph"
_KEPT = 60  # results; three for each state of a tree, some 2 MB together for 3,000 modules
_PLACES = frozenset({".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"})


class ModuleRow(NamedTuple):
    """A module: its dotted name, the paths of its source and stub, where it stands, what it offers, who owns it.

    `layer` counts from 0, the modules that import none of the tree; `cycle` is a place in `cycles`, -1 in none.
    `re_exports` are (name, what it is there). `is_sure` is False if `__all__` is computed or a star import adds names.
    """

    key: str
    name: str
    paths: tuple[str, ...]
    layer: int
    cycle: int
    is_public: bool
    public_names: tuple[str, ...]
    re_exports: tuple[tuple[str, str], ...]
    is_sure: bool
    owners: tuple[str, ...]


class Edge(NamedTuple):
    """A module imports another, by their places in `modules`; `kind` is module, function or types."""

    source: int
    target: int
    kind: str
    path: str
    line: int


class Unresolved(NamedTuple):
    """An import of something that the tree should have and has not."""

    path: str
    line: int
    text: str
    reason: str


class Crossing(NamedTuple):
    """An import of something private from outside the package that it is private to."""

    path: str
    line: int
    name: str


@dataclass(frozen=True, slots=True)
class ImportGraph:
    """Modules by name, their imports, and what is not in the picture.

    `outside` counts the modules that import each package from outside the tree; `failures` and `unsupported` are
    (path, reason).
    """

    modules: Sequence[ModuleRow]
    edges: Sequence[Edge]
    cycles: list[tuple[int, ...]]
    outside: dict[str, int]
    unresolved: Sequence[Unresolved]
    crossings: Sequence[Crossing]
    failures: list[tuple[str, str]]
    unsupported: list[tuple[str, str]]
    owners_file: str
    owners_problems: list[tuple[int, str]]


class SymbolEdge(NamedTuple):
    """One function calls another, or a class inherits from one, by their places in `symbols`.

    `line` is the first call's, `times` counts them.
    """

    source: int
    target: int
    line: int
    times: int


@dataclass(frozen=True, slots=True)
class SymbolGraph:
    """Functions and the calls between them, or classes and their bases; `symbols` are (path, qualified name).

    `totals` counts what gave edges and what did not; `unproved` says why, with how often.
    """

    symbols: list[tuple[str, str]]
    edges: Sequence[SymbolEdge]
    totals: dict[str, int]
    unproved: dict[str, int]
    others: list[tuple[int, str, str]]


_ROWS: dict[str, Any] = {
    "modules": ModuleRow,
    "unresolved": Unresolved,
    "crossings": Crossing,
}


class RepositoryGraph:
    """The graphs of one tree, each loaded or built when asked for. `files_read` counts files, 0 if all was known."""

    def __init__(self, tree: Tree, index: Index | None = None, watcher: Watcher | None = None) -> None:
        self._tree = tree
        self._index = index
        self._watcher = watcher
        self.files_read = 0

    @cached_property
    def identities(self) -> Identities:
        return identify(self._tree, SUFFIXES + tuple(UNSUPPORTED), _PLACES)

    @cached_property
    def imports(self) -> ImportGraph:
        found: ImportGraph = self._known_or_built("imports", ImportGraph, Edge)
        return found

    @cached_property
    def calls(self) -> SymbolGraph:
        found: SymbolGraph = self._known_or_built("calls", SymbolGraph, SymbolEdge)
        return found

    @cached_property
    def inheritance(self) -> SymbolGraph:
        found: SymbolGraph = self._known_or_built("inheritance", SymbolGraph, SymbolEdge)
        return found

    def module_names(self) -> Mapping[str, str]:
        """Return the dotted name of every file."""
        return {path: row.name for row in self.imports.modules for path in row.paths}

    def _known_or_built(self, part: str, kind: Any, edge: Any) -> Any:
        key = f"{self.identities.key}:{part}"
        record = self._index.load(_KIND, graph_version(), [key]).get(key) if self._index else None
        document = unseal(record) if record else None
        if document is not None:
            return _from_document(document, kind, edge)
        graphs = {"imports": self._assembly.imports()} if part == "imports" else self._assembly.symbols()
        self._keep(graphs)
        return graphs[part]

    def _keep(self, graphs: Mapping[str, Any]) -> None:
        if self._index is not None and self._assembly.is_stable:
            records = {
                f"{self.identities.key}:{part}": seal(_to_document(graph)) for part, graph in graphs.items()
            }
            self._index.store(_KIND, graph_version(), records, keep=_KEPT)

    @cached_property
    def _assembly(self) -> Assembly:
        from overhaul.refactors.graph.assembly import Assembly

        assembly = Assembly(self._tree, self.identities, self._index, self._watcher)
        self.files_read = assembly.files_read
        return assembly


def _to_document(graph: Any) -> list[Any]:
    return [_plain(getattr(graph, each.name)) for each in fields(graph)]


def _plain(value: Any) -> Any:
    return (
        [tuple(row) if isinstance(row, tuple) else row for row in value] if isinstance(value, list) else value
    )


def _from_document(document: list[Any], kind: Any, edge: Any) -> Any:
    values = []
    for each, value in zip(fields(kind), document, strict=True):
        row = edge if each.name == "edges" else _ROWS.get(each.name)
        values.append(Rows(row._make, value) if row is not None else value)
    return kind(*values)


@cache
def graph_version() -> str:
    """Return the version of the graphs that are built now: of the facts, and of the code that puts them together."""
    folder = Path(__file__).parent
    own = [f"graph/{path.name}" for path in sorted(folder.glob("*.py"))]
    return code_version([*own, "modules.py", "standard_library.py", "public_names.py"]) + facts_version()


def import_dependencies(graph: ImportGraph) -> dict[str, list[str]]:
    """Return for each file the files that it imports when it is loaded, as `make_batches` takes them."""
    found: dict[str, list[str]] = {}
    for edge in graph.edges:
        if edge.kind == "module":
            for path in graph.modules[edge.source].paths:
                found.setdefault(path, []).extend(graph.modules[edge.target].paths)
    return found
