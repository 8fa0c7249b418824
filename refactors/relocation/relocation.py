"""Where a module or package is, where it goes, and how names and paths below it change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from overhaul.refactors.modules import Location, ModuleTable, parent
from overhaul.refactors.project import Exported, Project
from overhaul.refactors.values import External, ModuleValue

_LONGEST_CHAIN = 20


def location_name(table: ModuleTable, location: Location) -> str:
    """Return the dotted name of a module from its source root, also of a namespace package."""
    if location.paths:
        return table.name(location.paths[0])
    return table.name(f"{location.key}/_.py").removesuffix("._")


@dataclass(frozen=True)
class Relocation:
    """One module, or a package with all that is in its folder. Keys are paths without ending (see `Location`).

    `moves` gives the new path of every file that moves, data files among them.
    """

    project: Project = field(repr=False)
    location: Location
    old_name: str
    new_name: str
    new_key: str
    moves: Mapping[str, str]

    @property
    def old_key(self) -> str:
        return self.location.key

    @property
    def leaf(self) -> str:
        return self.old_name.rpartition(".")[2]

    @property
    def old_parent(self) -> str:
        """The dotted name of the package that it leaves; empty at the top."""
        return self.old_name.rpartition(".")[0]

    @property
    def new_parent(self) -> str:
        return self.new_name.rpartition(".")[0]

    @cached_property
    def after(self) -> ModuleTable:
        """The modules of the tree when the files have moved."""
        return ModuleTable(self.moves.get(path, path) for path in self.project.tree.paths())

    def covers(self, key: str) -> bool:
        """Tell whether a module is the one that moves, or in it."""
        return key == self.old_key or (self.location.is_package and key.startswith(f"{self.old_key}/"))

    def key_after(self, key: str) -> str:
        """Return where a module is afterwards."""
        return self.new_key + key[len(self.old_key) :] if self.covers(key) else key

    def key_before(self, key: str) -> str:
        """Return where a module was, by where it is afterwards."""
        if key == self.new_key or key.startswith(f"{self.new_key}/"):
            return self.old_key + key[len(self.new_key) :]
        return key

    def path_after(self, path: str) -> str:
        return self.moves.get(path, path)

    def written_after(self, written: str, key: str) -> str:
        """Return the new dotted name of a module in it that the code names so, from whatever root."""
        root = key[: len(key) - len(written)]
        own_root = self.old_key[: len(self.old_key) - len(self.old_name)]
        new_key = self.key_after(key)
        is_path = key.endswith(written.replace(".", "/"))
        if is_path and root != own_root and new_key.startswith(root):
            return new_key[len(root) :].replace("/", ".")
        return self.name_after(key)

    def name_after(self, key: str) -> str:
        """Return the new dotted name of a module in it."""
        return self.new_name + key[len(self.old_key) :].replace("/", ".")

    def is_reached(self, found: ModuleValue | External | Exported | None, depth: int = 0) -> bool:
        """Tell whether what an import or attribute leads to is the module itself, through whatever re-exports."""
        if isinstance(found, ModuleValue):
            return found.location.key == self.old_key
        if not isinstance(found, Exported) or depth > _LONGEST_CHAIN:
            return False
        return all(
            self.is_reached(self.project.imported(found.module, binding), depth + 1)
            for binding in found.bindings
        )

    @cached_property
    def is_bound_by_parent(self) -> bool:
        """Tell whether the package that it leaves imports it by name, so that its attribute stays."""
        package = self.project.table.at(parent(self.old_key)) if parent(self.old_key) else None
        modules = self.project.modules_at(package) if package is not None else []
        return any(self.leaf in module.scope.bindings for module in modules)


def moved_files(project: Project, location: Location, new_key: str) -> dict[str, str]:
    """Return the new path of each file of a module (its stub too), or of all files of a package's folder."""
    if not location.is_package:
        return {path: new_key + path[len(location.key) :] for path in location.paths}
    inside = [path for path in project.tree.paths() if path.startswith(f"{location.key}/")]
    return {path: new_key + path[len(location.key) :] for path in inside}
