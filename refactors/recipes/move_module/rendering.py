"""How an import names a module from a certain file: relative as it was where that is possible, else absolute."""

from __future__ import annotations

from overhaul.refactors.modules import join, parent
from overhaul.refactors.project import Module
from overhaul.refactors.relocation.relocation import Relocation


def relative_name(relocation: Relocation, importer: str, key: str) -> str | None:
    """Return `..a.b` for a module as the file at a path (its old one) will name it after the move.

    `key` is where the module is afterwards. None if they share no package.
    """
    path = relocation.path_after(importer)
    root = relocation.after.root_of(path)
    folder = parent(path)
    if folder == root or not f"{key}/".startswith(f"{join(root, _first(root, folder))}/"):
        return None
    level, base = 1, folder
    while key != base and not key.startswith(f"{base}/"):
        base, level = parent(base), level + 1
    return "." * level + key[len(base) + 1 :].replace("/", ".")


def _first(root: str, folder: str) -> str:
    """Return the first part of a folder below a root."""
    return folder[len(root) :].lstrip("/").partition("/")[0]


def name_at(relocation: Relocation, key: str) -> str:
    """Return the absolute dotted name that a module has after the move; empty for a source root."""
    location = relocation.after.at(key)
    path = location.paths[0] if location is not None and location.paths else f"{key}/_.py"
    return relocation.after.name(path).removesuffix("._") if key not in relocation.after.roots else ""


def keeps_level(module: Module, relocation: Relocation) -> bool:
    """Tell whether the file's package is the same folder before and after."""
    return parent(relocation.path_after(module.path)) == parent(module.path)
