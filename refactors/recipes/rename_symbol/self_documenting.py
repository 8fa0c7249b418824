"""f-strings that show the text of an expression: a rename changes what they print."""

from __future__ import annotations

import ast

from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings


def note_self_documenting(findings: Findings, module: Module, node: ast.expr) -> None:
    """Report a renamed expression whose own text is shown by an f-string's `=`."""
    above: ast.AST | None = node
    while above is not None and not isinstance(above, ast.FormattedValue):
        if isinstance(above, ast.stmt):
            return
        above = module.bindings.parents.get(above)
    string = module.bindings.parents.get(above) if above is not None else None
    if not isinstance(string, ast.JoinedStr) or above not in string.values:
        return
    index = string.values.index(above)
    before = string.values[index - 1] if index else None
    if isinstance(before, ast.Constant) and str(before.value).rstrip().endswith("="):
        text = str(before.value).rstrip()[:-1].rstrip()
        if text.endswith((ast.unparse(above.value), findings.old)):
            findings.note(module, node, "an f-string shows the name itself ({x=}), so what it prints changes")
