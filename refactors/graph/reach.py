"""Which tests a change can reach: those that import what changed, over any number of modules."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from overhaul.refactors.graph.repository import ImportGraph
from overhaul.refactors.public_names import is_test_path


def reached_tests(graph: ImportGraph, changed: Collection[str]) -> list[str]:
    """Return test files, the nearest to the changed ones first.

    Imports for types alone reach nothing. A conftest.py reaches all tests below its folder.
    """
    importers: dict[int, set[int]] = {}
    for edge in graph.edges:
        if edge.kind != "types":
            importers.setdefault(edge.target, set()).add(edge.source)
    places = {path: place for place, module in enumerate(graph.modules) for path in module.paths}
    tests = {path for path in places if _is_test(path)}
    wanted = set(changed)
    frontier = {place for path, place in places.items() if path in wanted}
    seen: set[int] = set()
    found: dict[str, None] = {}
    while frontier:
        seen |= frontier
        for path in sorted(path for place in frontier for path in graph.modules[place].paths):
            for each in _tests_at(path, tests):
                found.setdefault(each)
        frontier = {source for place in frontier for source in importers.get(place, ())} - seen
    return list(found)


def _tests_at(path: str, tests: Collection[str]) -> list[str]:
    if PurePosixPath(path).name == "conftest.py":
        folder = path.removesuffix("conftest.py")
        return sorted(each for each in tests if each.startswith(folder))
    return [path] if path in tests else []


def _is_test(path: str) -> bool:
    name = PurePosixPath(path).name
    if name in ("conftest.py", "__init__.py") or not name.endswith(".py"):
        return False
    return is_test_path(path) or name in ("tests.py", "test.py")
