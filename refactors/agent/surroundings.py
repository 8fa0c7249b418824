"""What the places that a recipe left over have to do with, for a model: definitions, callers and tests, by the graphs.

Bounded, the most used first, and the same bytes for the same files: it stands at the beginning of the conversation,
which providers cache.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from overhaul.refactors.graph.repository import RepositoryGraph, SymbolEdge
from overhaul.refactors.public_names import is_test_path
from overhaul.refactors.recipe import Site

MOST_CHARACTERS = 12_000
MOST_LINES, LONGEST_LINE = 40, 200
MOST_NAMED = 6
DEEPEST = 4

Read = Callable[[str], bytes]
Place = tuple[str, str]  # a path and the qualified name in it
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def surroundings(graph: RepositoryGraph, sites: Sequence[Site], read: Read) -> str:
    """Describe what the sites are about and what they stand in; "" if the graphs know nothing of it.

    `read` gives a file as the graphs have it.
    """
    code = _Code(graph, read)
    about = Counter(place for site in sites if (place := code.named(site.symbol)))
    within = Counter(place for site in sites if (place := code.around(site.path, site.line)))
    blocks: list[str] = []
    left = MOST_CHARACTERS
    for place in sorted({*about, *within}, key=lambda each: (-about[each], -within[each], each)):
        block = "\n".join(code.described(place, within[place]))
        if len(block) > left:
            block = "\n".join(code.described(place, within[place], with_text=False))
        if len(block) <= left:
            blocks.append(block)
            left -= len(block)
    if not blocks:
        return ""
    if more := len({*about, *within}) - len(blocks):
        blocks.append(f"[{more} more definitions hold such places; ask the symbols tool]")
    return "\n\n".join(["What they have to do with, before the recipe's edits:", *blocks])


@dataclass
class _Code:
    """The graphs beside the text of the files."""

    graph: RepositoryGraph
    read: Read
    _parsed: dict[str, dict[str, _Definition]] = field(default_factory=dict)
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        calls = self.graph.calls
        self.modules = self.graph.module_names()
        self.paths = {
            name: path for path, name in sorted(self.modules.items(), reverse=True) if path.endswith(".py")
        }
        self.numbers: Mapping[Place, int] = {place: number for number, place in enumerate(calls.symbols)}
        self.callers: dict[int, list[SymbolEdge]] = {}
        for edge in calls.edges:
            self.callers.setdefault(edge.target, []).append(edge)

    def named(self, symbol: str) -> Place | None:
        """Where a dotted name is defined in this repository."""
        module, rest = symbol, ""
        while module and module not in self.paths:
            module, _, last = module.rpartition(".")
            rest = f"{last}.{rest}" if rest else last
        place = (self.paths.get(module, ""), rest)
        return place if module and rest and rest in self.definitions(place[0]) else None

    def around(self, path: str, line: int) -> Place | None:
        """The innermost function or class in which a line stands."""
        holding = [
            (node.lineno, name)
            for name, node in self.definitions(path).items()
            if node.lineno <= line <= (node.end_lineno or node.lineno)
        ]
        return (path, max(holding)[1]) if holding else None

    def definitions(self, path: str) -> dict[str, _Definition]:
        """The functions and classes of a file by their qualified names; none of one that does not parse."""
        if path not in self._parsed:
            self._parsed[path] = {}
            if path.endswith((".py", ".pyi")):
                content = self.read(path)
                self._lines[path] = content.decode(errors="replace").splitlines()
                with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                    self._parsed[path] = dict(_definitions(ast.parse(content), ""))
        return self._parsed[path]

    def described(self, place: Place, sites: int, *, with_text: bool = True) -> Iterator[str]:
        path, name = place
        node = self.definitions(path)[name]
        first, last = min([node.lineno, *(each.lineno for each in node.decorator_list)]), node.end_lineno or 0
        held = f", holds {sites} of them" if sites else ""
        yield f"{self.name(place)} ({path}:{first}{held})"
        if with_text:
            shown = self._lines[path][first - 1 : min(last, first - 1 + MOST_LINES)]
            yield from (f"{number:>5} {text[:LONGEST_LINE]}" for number, text in enumerate(shown, first))
            if last - first + 1 > MOST_LINES:
                yield f"      [{last - first + 1 - MOST_LINES} more lines]"
        number = self.numbers.get(place)
        if number is None:
            return
        edges = self.callers.get(number, ())
        symbols = self.graph.calls.symbols
        callers = sorted(edges, key=lambda edge: (-edge.times, symbols[edge.source], edge.line))
        users = [edge for edge in callers if not is_test_path(symbols[edge.source][0])]
        yield from _listed(
            "called by", [f"{self.name(symbols[e.source])} ({symbols[e.source][0]}:{e.line})" for e in users]
        )
        yield from _listed("tested by", [f"{self.name(test)} ({test[0]})" for test in self.tests(number)])

    def tests(self, number: int) -> list[Place]:
        """The tests that come to a function by calls, the nearest first."""
        symbols, seen, found = self.graph.calls.symbols, {number}, []
        level = [number]
        for _ in range(DEEPEST):
            above = sorted({edge.source for each in level for edge in self.callers.get(each, ())} - seen)
            seen |= set(above)
            found += sorted(symbols[each] for each in above if is_test_path(symbols[each][0]))
            level = [each for each in above if not is_test_path(symbols[each][0])]
        return found

    def name(self, place: Place) -> str:
        return f"{self.modules.get(place[0], place[0])}.{place[1]}"


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, _Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Definition):
            yield f"{prefix}{child.name}", child
            inner = "." if isinstance(child, ast.ClassDef) else ".<locals>."
            yield from _definitions(child, f"{prefix}{child.name}{inner}")
        else:
            yield from _definitions(child, prefix)


def _listed(verb: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        yield f"  {verb} {', '.join(names[:MOST_NAMED])}{more}"
