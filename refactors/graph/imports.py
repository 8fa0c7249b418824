"""The import graph: modules of a tree, and which of them a module imports, when, and from which line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from overhaul.refactors.facts.record import FOR_TYPES, IN_FUNCTION, FileFacts, ImportFact
from overhaul.refactors.modules import CUSTOMARY_ROOTS, Location, ModuleTable, is_python, module_key, parent

# When an import runs: with its module, when a function is called, never.
MODULE_LEVEL, DEFERRED, TYPES_ONLY = "module", "function", "types"
_STRENGTH = {MODULE_LEVEL: 0, DEFERRED: 1, TYPES_ONLY: 2}


class ImportEdge(NamedTuple):
    """A module imports another; `kind` and the place are those of the earliest of its imports that bind it most.

    `source` and `target` are keys: the paths of the modules without their endings.
    """

    source: str
    target: str
    kind: str
    path: str
    line: int


class UnresolvedImport(NamedTuple):
    """An import of something that the tree should have and has not."""

    path: str
    line: int
    text: str
    reason: str


class ImportReader:
    """Follows the imports of files; what is found is in the attributes."""

    def __init__(self, table: ModuleTable, files: Mapping[str, FileFacts]) -> None:
        self._table = table
        self._files = files
        self._edges: dict[tuple[str, str], ImportEdge] = {}
        self.unresolved: list[UnresolvedImport] = []
        # How many modules import each package from outside the tree.
        self.outside: Counter[str] = Counter()
        for path, facts in files.items():
            self._follow(path, facts)

    @property
    def edges(self) -> list[ImportEdge]:
        return sorted(self._edges.values())

    def _follow(self, path: str, facts: FileFacts) -> None:
        key = node_key(path)
        outside: set[str] = set()
        for fact in facts.imports:
            for target in self._targets(path, fact, outside):
                if target != key:
                    self._add(ImportEdge(key, target, _kind(fact), path, fact.line))
        self.outside.update(outside)

    def _add(self, edge: ImportEdge) -> None:
        known = self._edges.get((edge.source, edge.target))
        if known is None or _STRENGTH[edge.kind] < _STRENGTH[known.kind]:
            self._edges[edge.source, edge.target] = edge

    def _targets(self, path: str, fact: ImportFact, outside: set[str]) -> Iterator[str]:
        location = import_location(self._table, path, fact)
        top = fact.module.partition(".")[0]
        if self._is_elsewhere(path, fact, location):
            outside.add(top)
        elif location is None:
            if fact.level or self._table.locate(top, path) is not None:
                text = "." * fact.level + fact.module
                self.unresolved.append(
                    UnresolvedImport(path, fact.line, text, f"the tree has no module '{text}'")
                )
            else:
                outside.add(top)
        elif fact.name in ("", "*"):
            if location.paths:
                yield location.key
        else:
            yield from self._named(path, fact, location)

    def _named(self, path: str, fact: ImportFact, location: Location) -> Iterator[str]:
        """Yield the module that `from location import name` reads: the package, or its submodule."""
        submodule = self._table.submodule(location, fact.name)
        is_own = location.key == module_key(path)
        if submodule is not None and (is_own or not self.binds(location, fact.name)):
            if submodule.paths:
                yield submodule.key
            return
        if location.paths:
            yield location.key
        if not self.may_have(location, fact.name):
            text = f"{'.' * fact.level}{fact.module}"
            self.unresolved.append(
                UnresolvedImport(path, fact.line, f"{text}: {fact.name}", f"'{text}' has no '{fact.name}'")
            )

    def _is_elsewhere(self, path: str, fact: ImportFact, location: Location | None) -> bool:
        """Tell whether an import means a package outside the tree, of which another root has a namesake.

        `from sphinx import addnodes` in docs/ is not about tests/sphinx, which has no such name.
        """
        top = None if fact.level else self._table.locate(fact.module.partition(".")[0], path)
        if top is None or _is_above(parent(top.key), path):
            return False
        if location is None:
            return True
        return fact.name not in ("", "*") and not self.may_have(location, fact.name)

    def binds(self, location: Location, name: str) -> bool:
        """Tell whether a module's files bind the name themselves."""
        return any(name in self._files[path].names for path in location.paths if path in self._files)

    def may_have(self, location: Location, name: str, visited: frozenset[str] = frozenset()) -> bool:
        """Tell whether a module has a name, or may have it by means that cannot be followed."""
        if self.binds(location, name) or name in ("__path__", "__file__", "__name__", "__doc__"):
            return True
        if self.binds(location, "__getattr__") or location.key in visited:
            return True
        for path in location.paths:
            facts = self._files.get(path)
            if facts is None or facts.error:
                return True
            for fact in facts.imports:
                if fact.name == "*":
                    source = import_location(self._table, path, fact)
                    if source is None or self.may_have(source, name, visited | {location.key}):
                        return True
        return self._table.submodule(location, name) is not None


def import_location(table: ModuleTable, path: str, fact: ImportFact) -> Location | None:
    """Return the module of the tree that an import statement names; None if there is none."""
    if fact.level:
        return table.relative(path, fact.level, fact.module)
    return table.locate(fact.module, path)


def node_key(path: str) -> str:
    """Return the key of a file's module; a notebook is a module of its own."""
    return module_key(path) if is_python(path) else path


def _is_above(folder: str, path: str) -> bool:
    return not folder or folder in CUSTOMARY_ROOTS or path.startswith(f"{folder}/")


def _kind(fact: ImportFact) -> str:
    if fact.flags & FOR_TYPES:
        return TYPES_ONLY
    return DEFERRED if fact.flags & IN_FUNCTION else MODULE_LEVEL
