"""What the bodies of the changed functions say against the change."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.change_signature.definitions import Definition
from overhaul.refactors.recipes.change_signature.report import Report
from overhaul.refactors.recipes.rename_symbol.taken import refuse_taken_in_scope
from overhaul.refactors.scopes import Scope

_NAMESPACES = frozenset({"locals", "vars", "eval", "exec"})


def refuse_taken_names(definitions: Iterable[Definition]) -> None:
    """Raise NameTaken if an added parameter has a name that the body binds, or uses for something else."""
    for definition in definitions:
        module = definition.function.module
        scope = module.bindings.scopes[definition.function.node]
        removed = {each.name for each in definition.change.removed}
        for added in definition.change.added:
            if added.name not in removed:
                refuse_taken_in_scope(module, scope, "", added.name)


def refuse_used(
    definitions: Iterable[Definition], gone: dict[str, list[tuple[int, int]]], report: Report
) -> None:
    """Raise ParameterError if a removed parameter is still used, outside the arguments that calls lose."""
    for definition in definitions:
        module = definition.function.module
        scope = module.bindings.scopes[definition.function.node]
        for removed in definition.change.removed:
            if any(added.name == removed.name for added in definition.change.added):
                continue
            use = _use(module, scope, removed.name, gone.get(module.path, ()))
            if use is not None:
                raise ParameterError(
                    f"'{removed.name}' of {definition.function.qualified} is still used at"
                    f" {module.path}:{use.lineno}. Remove that use first"
                )
            if removed.name in scope.bindings and len(scope.bindings[removed.name]) > 1:
                raise ParameterError(
                    f"'{removed.name}' of {definition.function.qualified} is assigned in its body, at"
                    f" {module.path}:{scope.bindings[removed.name][1].line}. Remove that first"
                )
            for name in _NAMESPACES:
                for node in scope.uses.get(name, ()):
                    if scope.lookup(name, node) is None:
                        report.note(module, node, f"{name}() may read '{removed.name}', which is removed")


def _use(module: Module, scope: Scope, name: str, gone: Sequence[tuple[int, int]]) -> ast.Name | None:
    for inner in scope.subtree():
        for node in inner.uses.get(name, ()):
            if inner.lookup(name, node) is not scope:
                continue
            start = module.source.start(node)
            if not any(low <= start < high for low, high in gone):
                return node
    return None
