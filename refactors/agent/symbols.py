"""What the graphs of a repository know of a name, as text for a model: its place, and who uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from overhaul.refactors.errors import did_you_mean
from overhaul.refactors.graph.repository import ImportGraph, RepositoryGraph, SymbolGraph

MOST_LINES = 60
MOST_MATCHES = 5


def describe_symbol(graph: RepositoryGraph, name: str) -> str:
    """Describe a module, function or class by its dotted name or the end of one.

    Raises ValueError, which names near ones, if nothing of the tree is called so.
    """
    imports, modules = graph.imports, graph.module_names()
    calls, classes = _Names(graph.calls, modules), _Names(graph.inheritance, modules)
    lines: list[str] = []
    for number in _matching([module.name for module in imports.modules], name):
        lines += _module(imports, number)
    for found, what, verb in ((calls, "function", "called"), (classes, "class", "inherited")):
        for number in _matching(found.names, name):
            lines += _symbol(found, number, what, verb)
    if not lines:
        known = [*calls.names, *classes.names]
        known += [module.name for module in imports.modules]
        raise ValueError(f"nothing here is called {name}.{did_you_mean(name, known)} Try the search tool.")
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"[{len(lines) - MOST_LINES} more lines; give the whole name]"]
    return "\n".join(lines)


def _matching(names: list[str], name: str) -> list[int]:
    """The places of a name, or of names that end in it."""
    whole = [number for number, each in enumerate(names) if each == name]
    return whole or [n for n, each in enumerate(names) if each.endswith(f".{name}")][:MOST_MATCHES]


def _module(imports: ImportGraph, number: int) -> Iterator[str]:
    module = imports.modules[number]
    yield f"module {module.name}: {', '.join(module.paths)}"
    if module.public_names:
        yield f"  offers {', '.join(module.public_names[:40])}"
    for edge in imports.edges:
        if edge.target == number:
            yield f"  imported by {imports.modules[edge.source].name} ({edge.path}:{edge.line})"
    for edge in imports.edges:
        if edge.source == number:
            yield f"  imports {imports.modules[edge.target].name} ({edge.path}:{edge.line})"


class _Names:
    """A graph with the whole dotted names of its symbols."""

    def __init__(self, graph: SymbolGraph, modules: Mapping[str, str]) -> None:
        self.graph = graph
        self.names = [f"{modules.get(path, path)}.{symbol}" for path, symbol in graph.symbols]

    def path(self, number: int) -> str:
        return self.graph.symbols[number][0]


def _symbol(found: _Names, number: int, what: str, verb: str) -> Iterator[str]:
    yield f"{what} {found.names[number]}: {found.path(number)}"
    for edge in found.graph.edges:
        if edge.target == number:
            often = f", {edge.times} times" if edge.times > 1 else ""
            yield f"  {verb} by {found.names[edge.source]} ({found.path(edge.source)}:{edge.line}){often}"
    for edge in found.graph.edges:
        if edge.source == number:
            yield f"  {'calls' if what == 'function' else 'inherits from'} {found.names[edge.target]}"
