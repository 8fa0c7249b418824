"""Refuses a private new name where Python would mangle it: two underscores before a name inside a class."""

from __future__ import annotations

import ast

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.family import is_private
from overhaul.refactors.recipes.rename_symbol.findings import Findings


def refuse_mangled(findings: Findings, is_member: bool) -> None:
    """Raise ParameterError if Python would mangle a private new name at a place that is renamed.

    A member may become private if every use of it is in the one class that defines it.
    """
    if not is_private(findings.new):
        return
    seen: ast.ClassDef | None = None
    for path, splices in findings.splices.items():
        module = findings.project.module(path) if path.endswith((".py", ".pyi")) else None
        if module is None:
            continue
        for span in [span for span, text in splices.items() if text == findings.new]:
            line = module.source.position(span[0])[0]
            around = _class_around(module, line)
            if (around is not None) is not is_member or (seen is not None and around is not seen):
                raise ParameterError(
                    f"the new name '{findings.new}' is private to a class by its two underscores, but"
                    f" '{findings.old}' is used at {path}:{line}. Choose a name with one"
                )
            seen = around


def _class_around(module: Module, line: int) -> ast.ClassDef | None:
    around = [
        node for node, _ in module.bindings.classes if node.body[0].lineno <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno, default=None)
