"""Refuses a private new name where Python would mangle it: two underscores before a name inside a class."""

from __future__ import annotations

import ast

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.symbols.family import is_private


def refuse_mangled(findings: Findings) -> None:
    """Raise ParameterError if Python would make different names of a private new one at the places renamed.

    It takes the name of the class around a place into it, so that all must be in one class, or outside of any.
    """
    if not is_private(findings.new):
        return
    seen: list[ast.ClassDef | None] = []
    for path, splices in findings.splices.items():
        module = findings.project.module(path) if path.endswith((".py", ".pyi")) else None
        if module is None:
            continue
        for span in [span for span, text in splices.items() if text == findings.new]:
            line = module.source.position(span[0])[0]
            around = _class_around(module, line)
            if seen and around is not seen[0]:
                raise ParameterError(
                    f"the new name '{findings.new}' is private to a class by its two underscores, but"
                    f" '{findings.old}' is used at {path}:{line} too. Choose a name with one"
                )
            seen.append(around)


def _class_around(module: Module, line: int) -> ast.ClassDef | None:
    around = [
        node for node, _ in module.bindings.classes if node.body[0].lineno <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno, default=None)
