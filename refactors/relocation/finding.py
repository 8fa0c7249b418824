"""Finds the module that a user names, by its dotted name or its path, and the folder that it shall go to."""

from __future__ import annotations

import re

from overhaul.refactors.errors import AmbiguousName, ParameterError, SymbolNotFound, did_you_mean
from overhaul.refactors.modules import Location, is_python, module_key
from overhaul.refactors.project import Project


def find_module(project: Project, text: str) -> Location:
    """Return the module of `package.module`, `src/package/module.py` or `src/package/`.

    Raises SymbolNotFound, or ParameterError if several source roots have the name.
    """
    table = project.table
    if "/" in text or is_python(text):
        path = text.removeprefix("./").rstrip("/")
        found = table.at(module_key(path) if is_python(path) else path)
        if found is None or (is_python(path) and path not in table.files):
            raise SymbolNotFound(f"there is no module at '{text}'. Paths are relative to the tree's top")
        return found
    _check_dotted(text, "module")
    candidates = _preferred(table.candidates(text))
    if len(candidates) > 1:
        places = " and ".join(sorted(each.paths[0] if each.paths else f"{each.key}/" for each in candidates))
        raise AmbiguousName(f"'{text}' is ambiguous: it is at {places}. Name it by its path")
    if not candidates:
        names = _module_names(project)
        raise SymbolNotFound(
            f"there is no module '{text}' in the tree.{did_you_mean(text, names)}"
            " Name it as package.module or as package/module.py"
        )
    return candidates[0]


def find_folder(project: Project, text: str) -> str:
    """Return the folder of a package by its dotted name, or one named as such: `src/`, or `./` for the top.

    Raises ParameterError if there is none, if the name is that of a module, or if several roots have it.
    """
    table = project.table
    if "/" in text or text == ".":
        folder = re.sub(r"^(?:\./+|\.$)+", "", text).rstrip("/")
        if folder and folder not in table.folders:
            raise ParameterError(
                f"'{text}' is no folder with Python files in the tree. Make the package first, or choose another folder"
            )
        return folder
    _check_dotted(text, "package")
    candidates = _preferred(table.candidates(text))
    packages = [each.key for each in candidates if each.is_package]
    if len(packages) > 1:
        raise AmbiguousName(
            f"'{text}' is ambiguous: it is at {' and '.join(sorted(packages))}. Write it as a folder: {packages[0]}/"
        )
    if candidates and not packages:
        raise ParameterError(f"'{text}' is a module; a module can be moved into a package only.")
    if not packages:
        raise ParameterError(
            f"there is no package '{text}' in the tree.{did_you_mean(text, _module_names(project))} Make it first:"
            f" a folder with an __init__.py. For the top of a source root write its folder: src/ or ./"
        )
    return packages[0]


def _preferred(candidates: list[Location]) -> list[Location]:
    """Return those with files of their own, if there are any: a mere folder may only happen to have the name."""
    return [each for each in candidates if each.paths] or candidates


def _module_names(project: Project) -> list[str]:
    return sorted({project.table.name(path) for path in project.table.files})


def _check_dotted(text: str, what: str) -> None:
    if not all(part.isidentifier() for part in text.split(".")):
        raise ParameterError(f"'{text}' names no {what}. Write package.name, or its path from the tree's top")
