"""`try: from a import x` with `except ImportError: from b import x`, where one of the two is the old place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from overhaul.refactors.annotations import last_name
from overhaul.refactors.file_rewrite import Import
from overhaul.refactors.project import Module

_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
PathOf = Callable[[Import, ast.alias], str | None]


@dataclass(frozen=True, slots=True)
class Fallback:
    """A statement of which one branch imports from the new place what the other takes from the old one.

    `text` is the one import that remains; None where the branches do more than import the same names.
    """

    statement: ast.stmt
    text: str | None


def find_fallback(
    module: Module, statement: Import, renamed: Callable[[str], str], path_of: PathOf
) -> Fallback | None:
    """Return the `try` or `if` around an import whose other branch imports a name of it from the new place."""
    above = module.bindings.parents.get(statement)
    branch: ast.AST = statement
    if isinstance(above, ast.ExceptHandler):
        branch, above = above, module.bindings.parents.get(above)
    if not isinstance(above, ast.Try | ast.If):
        return None
    own, other = _branches(above, branch)
    if not own or not other:
        return None
    wanted = {
        (alias.asname or alias.name, renamed(path))
        for alias in statement.names
        if (path := path_of(statement, alias)) is not None
    }
    there = {
        (alias.asname or alias.name, path_of(each, alias))
        for each in other
        if isinstance(each, Import)
        for alias in each.names
    }
    if not wanted & there:
        return None
    is_same = isinstance(above, ast.Try) and _all_imports(own) and _all_imports(other) and _is_plain(above)
    kept = [each for each in other if isinstance(each, Import)]
    mine = {
        (alias.asname or alias.name, renamed(path))
        for each in own
        if isinstance(each, Import)
        for alias in each.names
        if (path := path_of(each, alias)) is not None
    }
    if not is_same or mine != there:
        return Fallback(above, None)
    indent = " " * above.col_offset
    lines = [module.source.slice(module.source.start(each), module.source.end(each)) for each in kept]
    return Fallback(above, f"\n{indent}".join(_dedented(line) for line in lines))


def _branches(above: ast.Try | ast.If, branch: ast.AST) -> tuple[Sequence[ast.stmt], Sequence[ast.stmt]]:
    """Return the branch that a statement is in and the other one; nothing where there are more."""
    if isinstance(above, ast.If):
        return (above.body, above.orelse) if branch in above.body else (above.orelse, above.body)
    if len(above.handlers) != 1 or not _catches_missing(above.handlers[0]):
        return (), ()
    handler = above.handlers[0]
    return (handler.body, above.body) if branch is handler else (above.body, handler.body)


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(last_name(each) in _ERRORS for each in caught)


def _all_imports(body: Sequence[ast.stmt]) -> bool:
    return all(isinstance(each, Import) for each in body)


def _is_plain(statement: ast.Try) -> bool:
    return not statement.orelse and not statement.finalbody


def _dedented(text: str) -> str:
    first, *others = text.splitlines()
    return "\n".join([first, *(line.removeprefix("    ") for line in others)])
