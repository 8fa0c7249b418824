"""Variables of which only running the code tells what they mean: through `locals()`, or in a class's block."""

from __future__ import annotations

import ast

from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.scopes import Scope


def may_be_outer(module: Module, node: ast.Name, owner: Scope) -> bool:
    """Tell whether a name read in a class's block may not be bound there yet: then it is the outer one."""
    if owner.kind != "class" or not (isinstance(node.ctx, ast.Load) or _is_augmented(module, node)):
        return False
    body = getattr(owner.node, "body", [])
    return not any(
        isinstance(each.node, ast.alias) or module.bindings.statement_of(each.node) in body
        for each in owner.bindings[node.id]
        if each.place < (node.lineno, node.col_offset)
    )


def _is_augmented(module: Module, node: ast.Name) -> bool:
    """Tell whether a target is read as well: `a += 1` reads the outer `a` if the block has none yet."""
    statement = module.bindings.parents.get(node)
    return isinstance(statement, ast.AugAssign) and statement.target is node


def report_namespaces(findings: Findings, module: Module, scope: Scope) -> None:
    """Report `locals()` and its like in a function, which give the variable by its name."""
    for inner in scope.subtree():
        for name in ("locals", "vars", "eval", "exec"):
            for use in inner.uses.get(name, ()):
                call = module.bindings.parents.get(use)
                takes_other = name == "vars" and isinstance(call, ast.Call) and call.args
                if inner.lookup(name, use) is None and not takes_other:
                    findings.leave_at(
                        module, module.source.start(use), f"{name}() may give '{findings.old}' by its name"
                    )
