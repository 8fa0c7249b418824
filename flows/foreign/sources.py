"""Recipes that other people wrote: a file of the user's own, or an installed package's. Nothing is imported.

The identity of a recipe is a hash over its files: the file itself, or every Python file of the package.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from urllib.parse import unquote, urlparse

from overhaul.refactors.errors import UnknownRecipe

GROUP = "overhaul.recipes"
LARGEST = 32 << 20
_FILE = re.compile(r"(?P<path>.+\.py)(?::(?P<name>[A-Za-z_]\w*))?")


@dataclass(frozen=True, eq=False)
class RecipeSource:
    """`files` are by paths below the folder that is to be importable; `path` is the file that holds the class.

    `class_name` is empty where the module defines one recipe alone. `is_installed` where the module can be imported.
    """

    word: str
    module: str
    class_name: str
    path: Path
    files: Mapping[str, bytes]
    is_installed: bool = False

    @cached_property
    def sha256(self) -> str:
        digest = hashlib.sha256(f"{self.module}:{self.class_name}".encode())
        for path, content in sorted(self.files.items()):
            digest.update(f"\0{path}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecipeSource) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)


def is_recipe_file(word: str) -> bool:
    """Whether a word is `path/to/recipe.py` or `path/to/recipe.py:Class`."""
    return _FILE.fullmatch(word) is not None


def absolute(word: str, folder: Path | None = None) -> str:
    """The word of a recipe's file from anywhere."""
    path, name = _parts(word)
    place = ((folder or Path()) / path.expanduser()).resolve()
    return f"{place}:{name}" if name else str(place)


def source_of_file(word: str) -> RecipeSource:
    """Read `path/to/recipe.py:Class`. Raises UnknownRecipe."""
    path, name = _parts(word)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnknownRecipe(f"the recipe {path} cannot be read: {error.strerror}.") from error
    module = path.stem if path.stem.isidentifier() else "recipe"
    return RecipeSource(word, module, name, path.resolve(), {f"{module}.py": content})


def entry_point_names() -> list[str]:
    """The ids of the recipes of installed packages, sorted."""
    return sorted(entry_points(group=GROUP).names)


def source_of_entry_point(name: str) -> RecipeSource:
    """Find the files of an installed recipe. Raises UnknownRecipe."""
    found = list(entry_points(group=GROUP, name=name))
    if len(found) != 1:
        packages = ", ".join(sorted(each.dist.name for each in found if each.dist)) or "no package"
        raise UnknownRecipe(
            f"the recipe '{name}' is of {packages}; it has to be of one. Uninstall the others."
        )
    entry: EntryPoint = found[0]
    if not entry.attr or "." in entry.attr or entry.dist is None:
        raise UnknownRecipe(f"the recipe '{name}' is named {entry.value!r}; it takes module:Class.")
    top = entry.module.partition(".")[0]
    for root in _roots(entry.dist):
        files = _package(root, top)
        stem = entry.module.replace(".", "/")
        path = next((each for each in (f"{stem}.py", f"{stem}/__init__.py") if each in files), None)
        if path:
            return RecipeSource(name, entry.module, entry.attr, root / path, files, is_installed=True)
    raise UnknownRecipe(
        f"the recipe '{name}' is to be in the module {entry.module} of {entry.dist.name}, which has no such file."
    )


def _parts(word: str) -> tuple[Path, str]:
    found = _FILE.fullmatch(word)
    if found is None:
        raise UnknownRecipe(f"{word} is no recipe's file such as path/to/recipe.py:Class.")
    return Path(found["path"]), found["name"] or ""


def _roots(dist: Distribution) -> list[Path]:
    """The folders in which a distribution's modules may be: where it is installed, or developed."""
    roots = [Path(str(dist.locate_file("")))]
    try:
        direct = json.loads(dist.read_text("direct_url.json") or "{}")
        if direct.get("dir_info", {}).get("editable"):
            project = Path(unquote(urlparse(direct["url"]).path))
            roots = [project / "src", project, *roots]
    except (ValueError, KeyError, AttributeError):
        pass
    return roots


def _package(root: Path, top: str) -> dict[str, bytes]:
    """Every Python file of a top-level package, or the module that it is."""
    places = [root / f"{top}.py"] if (root / f"{top}.py").is_file() else sorted((root / top).rglob("*.py"))
    files: dict[str, bytes] = {}
    for path in places:
        if path.is_file():
            files[path.relative_to(root).as_posix()] = path.read_bytes()
            if sum(map(len, files.values())) > LARGEST:
                raise UnknownRecipe(f"the package {top} has more than {LARGEST >> 20} MiB of Python.")
    return files
