"""Which qualified name an expression means, followed through imports, aliases and re-exports of the tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from overhaul.refactors.imports import dotted_names, imported_name
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Exported, Module, Project
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.values import External, ModuleValue

# A module of the tree, the qualified name of anything else, or None for what cannot be told.
Meaning: TypeAlias = Location | str | None
_LONGEST_CHAIN = 20


def meanings(project: Project, module: Module, expression: ast.expr, scope: Scope) -> Sequence[str | None]:
    """Return the qualified names that a name or dotted name in a scope may mean, one for each way it is bound.

    A re-exported function has the name under which it is defined; a builtin's begins with `builtins.`. None
    stands for what no import or definition tells: a parameter, a variable. Other expressions have no meaning.
    """
    chain = dotted_names(expression)
    if chain is None:
        return ()
    first, attributes = chain[0], [node.attr for node in chain[1:] if isinstance(node, ast.Attribute)]
    if not isinstance(first, ast.Name):
        return ()
    owner = scope.lookup(first.id, first)
    if owner is None:
        return (".".join(["builtins", first.id, *attributes]),)
    found = (_bound(project, module, binding, 0) for binding in owner.bindings[first.id])
    return [_name(project, _follow(project, meaning, attributes)) for meaning in found]


def defined_name(project: Project, qualified: str) -> str:
    """Return the name under which something is defined that the tree may only re-export under this name."""
    top, *rest = qualified.split(".")
    location = project.table.locate(top)
    if location is None:
        return qualified
    return _name(project, _follow(project, location, rest)) or qualified


def module_part(project: Project, qualified: str) -> str | None:
    """Return the longest beginning of a qualified name that is a module of the tree."""
    parts = qualified.split(".")
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        if project.table.locate(name) is not None:
            return name
    return None


def _bound(project: Project, module: Module, binding: Binding, depth: int) -> Meaning:
    node = binding.node
    if depth > _LONGEST_CHAIN:
        return None
    if isinstance(node, ast.alias):
        found = project.imported(module, binding)
        if found is None:
            return imported_name(module.bindings, binding, module.name, module.is_package)
        return _meaning(project, found, depth)
    if (
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and binding.scope is module.scope
    ):
        return f"{module.name}.{node.name}" if module.name else node.name
    return None


def _meaning(project: Project, found: ModuleValue | External | Exported, depth: int) -> Meaning:
    if isinstance(found, ModuleValue):
        return found.location
    if isinstance(found, External):
        return found.name
    return _agreed(_bound(project, found.module, each, depth + 1) for each in found.bindings)


def _agreed(meanings: Iterable[Meaning]) -> Meaning:
    first, *others = meanings
    return first if all(other == first for other in others) else None


def _follow(project: Project, meaning: Meaning, attributes: Sequence[str]) -> Meaning:
    for attribute in attributes:
        if isinstance(meaning, Location):
            found = project.member(meaning, attribute)
            if found is None:
                meaning = f"{_name(project, meaning)}.{attribute}"
            else:
                meaning = _meaning(project, found, 0)
        elif meaning is not None:
            meaning = f"{meaning}.{attribute}"
    return meaning


def _name(project: Project, meaning: Meaning) -> str | None:
    if isinstance(meaning, Location):
        return project.table.name(meaning.paths[0]) if meaning.paths else meaning.key.replace("/", ".")
    return meaning
