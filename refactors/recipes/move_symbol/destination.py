"""The module that a symbol moves to: one of the tree, or a new file with the packages that are missing above it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.errors import AmbiguousName, ParameterError, SymbolNotFound
from overhaul.refactors.import_places import Place
from overhaul.refactors.modules import Location, ModuleTable, join, parent
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Failure
from overhaul.refactors.text import parse_source


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the symbol goes. `created` are the paths of files that do not exist yet, packages first."""

    place: Place
    location: Location | None
    created: tuple[str, ...] = ()

    def path(self, ending: str) -> str:
        """Return the path of the module's file with an ending, `.py` or `.pyi`."""
        is_package = self.location is not None and self.location.is_package
        return join(self.place.key, f"__init__{ending}") if is_package else self.place.key + ending


def find_destination(project: Project, origin: Module, name: str) -> Destination:
    """Return where a dotted module name leads, seen from the file that has the symbol. Raises ParameterError."""
    if not name or not all(part.isidentifier() for part in name.split(".")):
        raise ParameterError(f"'{name}' names no module. Write it as package.module")
    found = _existing(project, origin, name)
    if found is None:
        return _new(project, origin, name)
    if found.key == origin.key:
        raise ParameterError(f"'{origin.name}' has the symbol already; choose another module")
    if not found.paths:
        raise ParameterError(
            f"'{name}' is a folder without __init__ and cannot hold a symbol. Name a module in it: {name}.module"
        )
    if not any(path.endswith(".py") for path in found.paths) and origin.path.endswith(".py"):
        raise ParameterError(
            f"'{name}' has a stub only, {found.paths[0]}; the code needs a .py file to go to"
        )
    return Destination(Place(found.key, project.table.name(found.paths[0])), found)


def _existing(project: Project, origin: Module, name: str) -> Location | None:
    candidates = [each for each in project.table.candidates(name) if each.paths]
    seen = project.table.locate(name, origin.path)
    if seen is not None and (seen.paths or not candidates):
        return seen
    if len(candidates) > 1:
        places = " and ".join(sorted(each.paths[0] for each in candidates))
        raise AmbiguousName(f"'{name}' is ambiguous: it is in {places}")
    return candidates[0] if candidates else None


def _new(project: Project, origin: Module, name: str) -> Destination:
    """Return the place of a module that does not exist yet."""
    parts = name.split(".")
    root = project.table.root_of(origin.path)
    if len(parts) > 1:
        above = project.table.locate(parts[0], origin.path)
        if above is None:
            raise SymbolNotFound(
                f"there is no package '{parts[0]}' in the tree to make '{name}' in. Make it first, or name another"
            )
        root = above.key[: -len(parts[0])].rstrip("/")
    created: list[str] = []
    folder = root
    for part in parts[:-1]:
        folder = join(folder, part)
        if f"{folder}.py" in project.table.files:
            raise ParameterError(
                f"'{name}' cannot be made: {folder}.py is a module and not a package. Choose another place"
            )
        if folder not in project.table.folders and _wants_initialiser(project.table, folder, created):
            created.append(f"{folder}/__init__.py")
    taken = join(folder, f"{parts[-1]}.py")
    _refuse_files(project, [taken, *created])
    return Destination(Place(join(folder, parts[-1]), name), None, tuple(created))


def _refuse_files(project: Project, new: Collection[str]) -> None:
    """Refuse what is there but is no module, also such as some file systems take for it: other in case only."""
    there = {path.lower(): path for path in project.tree.paths()}
    there |= {link.path.lower(): link.path for link in project.tree.links()}
    for path in new:
        if path in there.values():
            raise ParameterError(
                f"{path} exists, but is no module that the analysis knows. Choose another name"
            )
        other = there.get(path.lower())
        if other is not None:
            raise ParameterError(f"{path} cannot be made: {other} differs in case only. Choose another name")


def _wants_initialiser(table: ModuleTable, folder: str, created: Collection[str]) -> bool:
    """Tell whether a new folder needs an `__init__` file: if it is in a package that has one, or beside others."""
    above = parent(folder)
    if above in table.packages or f"{above}/__init__.py" in created:
        return True
    beside = [each for each in table.folders if each and parent(each) == above]
    return bool(beside) and all(each in table.packages for each in beside)


def empty_module(destination: Destination, path: str) -> Module:
    """Return a module without a line, as which a new file is edited."""
    source = parse_source(path, b"")
    assert not isinstance(source, Failure)  # noqa: S101 - nothing is valid Python
    return Module(path, destination.place.key, destination.place.name, source, ModuleBindings(source))
