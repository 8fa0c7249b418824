"""Whether a use in a class block comes before the block binds its name: then the name is the module's."""

from __future__ import annotations

import ast
import sys
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from overhaul.refactors.scopes import Binding

# A line (from 1) and a column (from 0, in bytes of UTF-8), as `ast` gives them.
_Place: TypeAlias = tuple[int, int]
_NEVER: _Place = (sys.maxsize, 0)
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")


def precedes_bindings(use: ast.Name, bindings: Sequence[Binding], block: Sequence[ast.stmt]) -> bool:
    """Tell whether a use in a class block is evaluated before any of the name's bindings there takes effect.

    In `x = x`, `x: x = 1`, `for x in x:`, `def x(a=x) -> x:` and `class x(x):` the second `x` is, though it stands
    behind the first. A field without a value, `x: x`, binds nothing.
    """
    if not isinstance(use.ctx, ast.Load):
        return False
    place = _place(use)
    return not any(
        binding.place < place and _takes_effect(binding.node, block) <= place for binding in bindings
    )


def _takes_effect(node: ast.AST, block: Sequence[ast.stmt]) -> _Place:
    """Return the place from which on a binding is seen."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
        return _place(node.body[0])
    if not isinstance(node, ast.Name):
        return _place(node)
    statement, following = _statement_at(_place(node), block)
    match statement:
        case ast.AnnAssign(value=None) if statement.target is node:
            return _NEVER
        case ast.AnnAssign() | ast.AugAssign() if statement.target is node:
            return following
        case ast.Assign() if _holds(statement.targets, node):
            return following
        case ast.For() if _holds([statement.target], node):
            return _place(statement.body[0])
    walruses = (each for each in ast.walk(statement) if isinstance(each, ast.NamedExpr))
    return next((_end(each) for each in walruses if each.target is node), _place(node))


def _statement_at(place: _Place, block: Sequence[ast.stmt]) -> tuple[ast.stmt, _Place]:
    """Return the innermost statement of a block that a place is in, and where the next one may begin.

    A type comment behind the statement is read with it.
    """
    index = bisect_right(block, place, key=_beginning) - 1
    statement = block[index]
    for inner in _blocks_in(statement):
        if _beginning(inner[0]) <= place <= _end(inner[-1]):
            return _statement_at(place, inner)
    following = block[index + 1 : index + 2]
    return statement, _beginning(following[0]) if following else (_end(statement)[0] + 1, 0)


def _blocks_in(node: ast.AST) -> list[list[ast.stmt]]:
    """Return the blocks of a compound statement."""
    found: list[list[ast.stmt]] = []
    for name in _BLOCKS:
        parts = getattr(node, name, None) or []
        if name in ("handlers", "cases"):
            found += [part.body for part in parts]
        elif parts:
            found.append(parts)
    return found


def _holds(targets: Sequence[ast.expr], node: ast.Name) -> bool:
    return any(each is node for target in targets for each in ast.walk(target))


def _place(node: ast.AST) -> _Place:
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0)


def _beginning(statement: ast.stmt) -> _Place:
    """Where a statement begins: a decorated one with its first decorator, which `ast` places before it."""
    decorators = getattr(statement, "decorator_list", None)
    return _place(decorators[0]) if decorators else _place(statement)


def _end(node: ast.AST) -> _Place:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)
