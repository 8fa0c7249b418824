"""A file's imports, one fact for each name, with where they stand: in a function, for types only, conditional."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.annotations import is_branch_for_types
from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.facts.record import CONDITIONAL, FOR_TYPES, IN_FUNCTION, OFFERED, ImportFact


def import_facts(module: ModuleBindings) -> Iterator[ImportFact]:
    """Yield the imports in the order of their lines."""
    for statement, _ in sorted(module.imports, key=lambda each: (each[0].lineno, each[0].col_offset)):
        place = _place(module, statement)
        for alias in statement.names:
            flags = place | OFFERED if alias.asname == alias.name else place
            if isinstance(statement, ast.Import):
                bound = alias.asname or alias.name.partition(".")[0]
                yield ImportFact(alias.lineno, 0, alias.name, "", bound, flags)
            else:
                bound = "" if alias.name == "*" else alias.asname or alias.name
                yield ImportFact(
                    alias.lineno, statement.level, statement.module or "", alias.name, bound, flags
                )


def _place(module: ModuleBindings, statement: ast.stmt) -> int:
    flags = 0
    child: ast.AST = statement
    above = module.parents.get(child)
    while above is not None:
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            flags |= IN_FUNCTION
        elif isinstance(above, ast.If):
            flags |= FOR_TYPES if is_branch_for_types(above, child) else CONDITIONAL
        elif isinstance(above, ast.Try | ast.ExceptHandler | ast.For | ast.While | ast.Match):
            flags |= CONDITIONAL
        child, above = above, module.parents.get(above)
    return flags
