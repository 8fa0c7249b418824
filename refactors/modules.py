"""Which file an import means: paths and dotted module names over the files of one tree.

Source roots are found, not configured: parents of top-level packages, `src` and the like, a script's folder.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

CUSTOMARY_ROOTS = ("", "src", "lib", "python")
INITIALISERS = ("__init__.py", "__init__.pyi")


def is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def module_key(path: str) -> str:
    """Return what a module and the stub beside it share: the path without ending and `__init__`."""
    stem = path.rpartition(".")[0]
    return stem.removesuffix("/__init__") if stem != "__init__" else ""


def join(folder: str, name: str) -> str:
    """Return the path of `name` in a folder; the tree's top is the empty string."""
    return f"{folder}/{name}" if folder and name else folder or name


def parent(path: str) -> str:
    return path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Location:
    """Where a module is: its key, and its files (none for a namespace package)."""

    key: str
    paths: tuple[str, ...]

    @property
    def is_package(self) -> bool:
        return not self.paths or self.paths[0].rpartition("/")[2] in INITIALISERS


class ModuleTable:
    """The modules of one tree."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.files = frozenset(path for path in paths if is_python(path))
        self._located: dict[tuple[str, str], Location | None] = {}
        self._at: dict[str, Location | None] = {}
        self._root_of: dict[str, str] = {}

    @cached_property
    def packages(self) -> frozenset[str]:
        """Folders that have an `__init__` file."""
        return frozenset(parent(path) for path in self.files if path.rpartition("/")[2] in INITIALISERS)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Folders that hold Python files, at any depth."""
        found: set[str] = set()
        for path in self.files:
            folder = parent(path)
            while folder not in found:
                found.add(folder)
                folder = parent(folder)
        return frozenset(found)

    @cached_property
    def roots(self) -> Sequence[str]:
        """Folders from which absolute imports are looked up, the shortest first."""
        found = {root for root in CUSTOMARY_ROOTS if root in self.folders or not root}
        found |= {parent(package) for package in self.packages if package}
        return sorted(found - self.packages | {""}, key=lambda root: (root.count("/") + bool(root), root))

    def root_of(self, path: str) -> str:
        """Return the source root of a file: the folder above its outermost package."""
        folder = parent(path)
        if folder not in self._root_of:
            self._root_of[folder] = self._find_root(folder)
        return self._root_of[folder]

    def _find_root(self, folder: str) -> str:
        if folder in self.packages:
            while folder in self.packages and folder:
                folder = parent(folder)
        # Below a known root, a folder without __init__ is part of a namespace package.
        return max(
            (root for root in self.roots if root == folder or not root or folder.startswith(f"{root}/")),
            key=len,
        )

    def name(self, path: str) -> str:
        """Return the dotted name under which a file is imported from its source root."""
        key = module_key(path)
        root = self.root_of(path)
        return (key[len(root) + 1 :] if root else key).replace("/", ".")

    def at(self, key: str) -> Location | None:
        """Return the module or package at a path without ending, or None."""
        if key not in self._at:
            self._at[key] = self._look_at(key)
        return self._at[key]

    def submodule(self, package: Location, name: str) -> Location | None:
        """Return the module of that name in a package."""
        return self.at(join(package.key, name)) if package.is_package else None

    def locate(self, name: str, importer: str = "") -> Location | None:
        """Return the module that `import name` gives in the file `importer`; None if the tree has none."""
        top = name.partition(".")[0]
        folder = parent(importer)
        if (top, folder) not in self._located:
            self._located[top, folder] = self._look_up(top, folder)
        found = self._located[top, folder]
        if found is None or top == name:
            return found
        root = found.key[: -len(top)].rstrip("/")
        located = self.at(join(root, name.replace(".", "/")))
        if located is None:
            return self._elsewhere(name, folder)
        return located

    def relative(self, importer: str, level: int, name: str) -> Location | None:
        """Return the module of `from ..name import`, for the given number of dots."""
        folder = parent(importer)
        for _ in range(level - 1):
            if not folder:
                return None
            folder = parent(folder)
        return self.at(join(folder, name.replace(".", "/")))

    def candidates(self, name: str) -> list[Location]:
        """Return every module of the tree that has this dotted name from some source root."""
        found = (self.at(join(root, name.replace(".", "/"))) for root in self.roots)
        return list({location.key: location for location in found if location}.values())

    def submodules(self, location: Location) -> list[str]:
        """Return the names of the modules and packages directly in a package."""
        prefix = f"{location.key}/" if location.key else ""
        inside = (path[len(prefix) :] for path in self.files if path.startswith(prefix))
        return sorted({name.partition("/")[0].partition(".")[0] for name in inside} - {"__init__"})

    def _look_at(self, key: str) -> Location | None:
        package = tuple(path for name in INITIALISERS if (path := join(key, name)) in self.files)
        if package:
            return Location(key, package)
        module = tuple(path for ending in (".py", ".pyi") if (path := key + ending) in self.files)
        if module:
            return Location(key, module)
        return Location(key, ()) if key in self.folders and key else None

    def _look_up(self, top: str, folder: str) -> Location | None:
        namespace = None
        if top in sys.stdlib_module_names:
            # Only a package at the very top hides one of the standard library: a backport's own repository.
            found = next((found for root in CUSTOMARY_ROOTS if (found := self.at(join(root, top)))), None)
            return found if found is not None and found.paths else None
        for root in self._roots_from(folder):
            found = self.at(join(root, top))
            if found is not None and found.paths:
                return found
            namespace = namespace or found
        return namespace

    def _roots_from(self, folder: str) -> Sequence[str]:
        """Return the roots that an importer in a folder may use, those above it first."""
        own = folder
        while own in self.packages and own:
            own = parent(own)
        above = [own]
        while own:
            own = parent(own)
            above.append(own)
        known = set(self.roots)
        nearest = [root for index, root in enumerate(above) if index == 0 or root in known]
        return [*nearest, *(root for root in self.roots if root not in nearest)]

    def _elsewhere(self, name: str, folder: str) -> Location | None:
        """Look for a portion of a namespace package, or of a package of the same name, in the other roots."""
        for root in self._roots_from(folder):
            found = self.at(join(root, name.replace(".", "/")))
            if found is not None:
                return found
        return None
