"""Which modules importing one executes, and whether a new import would close a circle.

Only imports that run while a module is executed count: not those in functions, nor those for type checkers.
Packages above the importer itself are being executed already, so that they count only if something is taken from
their `__init__`.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Collection, Iterator, Set
from dataclasses import dataclass

from overhaul.refactors.annotations import is_for_types
from overhaul.refactors.import_needs import runs_later
from overhaul.refactors.modules import Location, parent
from overhaul.refactors.project import Exported, Module, Project
from overhaul.refactors.values import ModuleValue


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the modules are taken to be, as after a move: `place` gives a key's new one, `key` the old one back.

    `packages` are the new keys of the folders with an `__init__`.
    """

    packages: Collection[str]
    place: Callable[[str], str] = str
    key: Callable[[str], str] = str


class ImportGraph:
    """The modules of a tree by key, and what each of them imports; read when asked for.

    With a layout, importing a module executes the packages above its new place; all are named by their old keys.
    """

    def __init__(self, project: Project, layout: Layout | None = None) -> None:
        self.project = project
        self._layout = layout or Layout(project.table.packages)
        self._imports: dict[str, dict[str, int]] = {}

    def imports(self, key: str) -> Set[str]:
        """Return the keys of the modules that one imports when it is executed."""
        return self.lines(key).keys()

    def lines(self, key: str) -> dict[str, int]:
        """Return the same with the first line that imports each; 0 for one that was added."""
        if key not in self._imports:
            found: dict[str, int] = {}
            for module in self._modules(key):
                for line, imported in sorted(self._of_module(module)):
                    if imported != key:
                        found.setdefault(imported, line)
            self._imports[key] = found
        return self._imports[key]

    def takes_from(self, key: str, source: str) -> bool:
        """Tell whether a module takes a name out of another one when it is executed: that has to be complete then."""
        return any(each == source for each, _ in self.taken(key))

    def taken(self, key: str) -> Set[tuple[str, str]]:
        """Return what a module takes out of others when it is executed: the others' keys and the names."""
        return {
            (found.key, alias.name)
            for module in self._modules(key)
            for statement, scope in module.bindings.imports
            if isinstance(statement, ast.ImportFrom)
            and not runs_later(scope)
            and not is_for_types(module.bindings, statement)
            and isinstance(found := self.project.import_source(module, statement), Location)
            for alias in statement.names
        }

    def circle(self, key: str, imported: str) -> str | None:
        """Return the way from an imported module back to its importer, as names of modules; None if there is none."""
        way = self.path(imported, key)
        if way is None:
            return None
        table = self.project.table
        locations = [table.at(each) for each in way]
        return " -> ".join(table.name(each.paths[0]) for each in locations if each is not None)

    def _modules(self, key: str) -> list[Module]:
        location = self.project.table.at(key)
        modules = self.project.modules_at(location) if location is not None else []
        return [module for module in modules if module.path.endswith(".py")]

    def add(self, importer: str, imported: str) -> None:
        """Suppose that one module imports another as well."""
        self.lines(importer).setdefault(imported, 0)

    def path(self, start: str, goal: str) -> list[str] | None:
        """Return the shortest way of imports from one module to another, both included; None if there is none."""
        before: dict[str, str | None] = {start: None}
        pending = deque([start])
        while pending:
            current = pending.popleft()
            if current == goal:
                way: list[str] = []
                step: str | None = current
                while step is not None:
                    way.append(step)
                    step = before[step]
                return way[::-1]
            for each in sorted(self.imports(current)):
                if each not in before:
                    before[each] = current
                    pending.append(each)
        return None

    def _of_module(self, module: Module) -> Iterator[tuple[int, str]]:
        for statement, scope in module.bindings.imports:
            if runs_later(scope) or is_for_types(module.bindings, statement):
                continue
            if isinstance(statement, ast.Import):
                names = (self.project.absolute(module, alias.name) for alias in statement.names)
                found = [key for name in names for key in self._executed(module, name)]
            else:
                found = list(self._from(module, statement))
            yield from ((statement.lineno, key) for key in found)

    def _from(self, module: Module, statement: ast.ImportFrom) -> Iterator[str]:
        source = self.project.import_source(module, statement)
        if not isinstance(source, Location):
            return
        submodules = [self.project.submodule(source, alias.name) for alias in statement.names]
        names = [alias.name for alias in statement.names]
        is_taken = [
            found is None or not self._is_module(source, name)
            for name, found in zip(names, submodules, strict=True)
        ]
        yield from self._executed(module, source, takes=any(is_taken))
        for each in submodules:
            yield from self._executed(module, each)

    def _is_module(self, source: Location, name: str) -> bool:
        """Whether a package's name is its submodule, which it may have imported itself, and nothing else."""
        member = self.project.member(source, name)
        return isinstance(member, ModuleValue) or (
            isinstance(member, Exported)
            and all(
                isinstance(self.project.imported(member.module, each), ModuleValue)
                for each in member.bindings
            )
        )

    def _executed(self, module: Module, found: Location | str | None, takes: bool = True) -> Iterator[str]:
        """Yield a module and the packages above it that its import executes first."""
        if not isinstance(found, Location):
            return
        if takes and found.paths:
            yield found.key
        own, above = self._layout.place(module.key), parent(self._layout.place(found.key))
        while above and not f"{own}/".startswith(f"{above}/"):
            if above in self._layout.packages:
                yield self._layout.key(above)
            above = parent(above)
