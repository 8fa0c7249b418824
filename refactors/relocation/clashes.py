"""Refuses a new place that is taken, or in which the module would hide another one."""

from __future__ import annotations

import ast
import sys

from overhaul.refactors.errors import NameTaken, ParameterError
from overhaul.refactors.modules import join, parent
from overhaul.refactors.project import Module
from overhaul.refactors.relocation.relocation import Relocation

_BOUND_TO_THEIR_NAME = {
    "__init__": "it is the package itself; name the package",
    "__main__": "`python -m` and zip applications find it by its name and place",
    "conftest": "pytest finds it by its name and applies it to the folder that it is in",
    "setup": "build tools find it by its name and place",
}


def refuse_fixed_name(leaf: str, is_package: bool) -> None:
    """Raise ParameterError for a module that others find by its name and place."""
    if leaf in _BOUND_TO_THEIR_NAME and not is_package:
        raise ParameterError(f"'{leaf}' must keep its name and place: {_BOUND_TO_THEIR_NAME[leaf]}.")


def refuse_taken_place(relocation: Relocation) -> None:
    """Raise NameTaken if a module, a file or an attribute of the package has the new name already."""
    project = relocation.project
    leaf = relocation.new_name.rpartition(".")[2]
    taken = project.table.at(relocation.new_key)
    if taken is not None:
        place = taken.paths[0] if taken.paths else taken.key
        raise NameTaken(
            f"'{relocation.new_name}' is taken at {place}:1: a module of that name is there. Choose another name"
        )
    _refuse_files(relocation)
    package = project.table.at(parent(relocation.new_key)) if parent(relocation.new_key) else None
    for module in project.modules_at(package) if package is not None else []:
        bindings = module.scope.bindings.get(leaf, ())
        is_own = leaf == relocation.leaf and all(
            relocation.is_reached(project.imported(module, each)) for each in bindings
        )
        if bindings and not is_own:
            raise NameTaken(
                f"'{leaf}' is taken at {module.path}:{bindings[0].line}: the package binds it. Choose another name"
            )
    if "." not in relocation.new_name:
        _refuse_hidden_top(relocation, leaf)


def _refuse_files(relocation: Relocation) -> None:
    """Refuse files at the new paths, also such that differ from them in case only, as some file systems see them."""
    staying = {path.lower(): path for path in relocation.project.tree.paths() if path not in relocation.moves}
    for new_path in relocation.moves.values():
        if new_path.lower() in staying:
            raise NameTaken(
                f"{new_path} cannot be made: {staying[new_path.lower()]} is there. Move that one first"
            )
    if not relocation.location.is_package:
        folder = f"{relocation.new_key}/".lower()
        found = next((path for path in staying if path.startswith(folder)), None)
        if found is not None and any(path.endswith(".py") for path in staying if path.startswith(folder)):
            raise NameTaken(f"'{relocation.new_name}' is taken: the folder of {staying[found]} has that name")


def _refuse_hidden_top(relocation: Relocation, leaf: str) -> None:
    """Refuse a name at the top of a source root that would hide a module from outside the tree."""
    if leaf in sys.stdlib_module_names:
        raise ParameterError(
            f"'{leaf}' would hide the module of that name in the standard library. Choose another name"
        )
    for module in relocation.project.containing([leaf]):
        for statement, _ in module.bindings.imports:
            if _imports_top(module, statement, leaf, relocation):
                raise NameTaken(
                    f"'{leaf}' is taken at {module.path}:{statement.lineno}: the tree imports another module of that"
                    " name. Choose another name"
                )


def _imports_top(
    module: Module, statement: ast.Import | ast.ImportFrom, name: str, relocation: Relocation
) -> bool:
    if isinstance(statement, ast.Import):
        written = [alias.name for alias in statement.names]
    else:
        written = [statement.module or ""] if not statement.level else []
    tops = {each.partition(".")[0] for each in written}
    return (
        name in tops
        and relocation.project.absolute(module, name) is not None
        and not _is_own(relocation, module, name)
    )


def _is_own(relocation: Relocation, module: Module, name: str) -> bool:
    found = relocation.project.absolute(module, name)
    return not isinstance(found, str) and found is not None and relocation.covers(found.key)


def refuse_missing_package(relocation: Relocation) -> None:
    """Raise ParameterError if the new package's folder has no Python file yet, or is the module itself."""
    if relocation.covers(parent(relocation.new_key)) and parent(relocation.new_key):
        raise ParameterError(f"'{relocation.old_name}' cannot be moved into itself.")
    folder = parent(relocation.new_key)
    if folder and folder not in relocation.project.table.folders:
        raise ParameterError(
            f"there is no package {folder}/ in the tree. Make {join(folder, '__init__.py')} first, then move the module"
        )
