"""Code inside strings: f-strings and string annotations, where positions of nodes are not to be relied on."""

from __future__ import annotations

import ast

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.doubt import Doubt


def string_around(bindings: ModuleBindings, node: ast.AST) -> tuple[ast.expr, Doubt] | None:
    """Return the outermost f-string or string annotation around a node, and why it stays as it is."""
    found: tuple[ast.expr, Doubt] | None = None
    current: ast.AST | None = node
    while current is not None and not isinstance(current, ast.stmt):
        if isinstance(current, ast.JoinedStr):
            found = current, Doubt("the call is inside an f-string")
        elif isinstance(current, ast.Constant):
            found = current, Doubt("the call is inside a string")
        current = bindings.parents.get(current)
    return found


def is_shown_by_name(bindings: ModuleBindings, use: ast.expr) -> bool:
    """Whether a name stands in `{x=}` of an f-string, which prints the name itself."""
    child: ast.AST = use
    above = bindings.parents.get(use)
    while above is not None and not isinstance(above, ast.JoinedStr | ast.stmt):
        child, above = above, bindings.parents.get(above)
    if not isinstance(above, ast.JoinedStr) or not isinstance(child, ast.expr):
        return False
    index = above.values.index(child)
    before = above.values[index - 1] if index else None
    return isinstance(before, ast.Constant) and str(before.value).rstrip().endswith("=")
