"""Where a type is written, which says whether it is evaluated, and by whom it may be looked at."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.annotations import last_name
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile, decorator_list
from overhaul.refactors.scopes import FunctionNode

Kind = Literal["annotation", "alias", "argument", "test", "base", "value", "comment"]
_TYPES_FIRST = frozenset({"typing.cast", "typing_extensions.cast", "typing.assert_type"})
_TYPE_MAKERS = frozenset({"typing.TypeVar", "typing.NewType", "typing_extensions.TypeVar"})
_PLAIN_DECORATORS = frozenset(
    {"abstractmethod", "cached_property", "classmethod", "contextmanager", "getter", "overload", "override"}
    | {"property", "setter", "staticmethod", "wraps"}
)


@dataclass(frozen=True, slots=True)
class Position:
    """A type's place. `is_evaluated` if running the code evaluates it; `may_be_read` if something may do so later."""

    kind: Kind
    is_evaluated: bool
    may_be_read: bool = False
    in_string: bool = False


def position_of(file: ModernFile, node: ast.expr) -> Position:
    """Return where a type, or a part of one, is written."""
    child, in_string = _outermost(file, node)
    above = file.parent(child)
    if above is None:
        return Position("comment", is_evaluated=False)
    annotated = _annotated(child, above)
    if annotated:
        return _annotation(file, above, in_string)
    if in_string:
        return Position("value", is_evaluated=True, in_string=True)
    return Position(_kind(file, child, above), is_evaluated=not file.is_stub)


def _outermost(file: ModernFile, node: ast.expr) -> tuple[ast.expr, bool]:
    """Return the whole type that an expression is part of, and whether it is text in a string."""
    child: ast.expr = node
    in_string = False
    while True:
        above = file.parent(child)
        if isinstance(above, ast.Constant):
            in_string = True
        elif isinstance(above, ast.Subscript):
            if child is above.slice and last_name(above.value) in ("Annotated", "Literal"):
                return child, in_string  # a first part of Annotated is a tuple's, and ends below
        elif isinstance(above, ast.Tuple):
            outer = file.parent(above)
            if not isinstance(outer, ast.Subscript):
                return child, in_string
            if last_name(outer.value) == "Literal" or (
                last_name(outer.value) == "Annotated" and child is not above.elts[0]
            ):
                return child, in_string
            child = above
            above = outer
        elif not (
            isinstance(above, ast.List | ast.Starred)
            or (isinstance(above, ast.BinOp) and isinstance(above.op, ast.BitOr))
        ):
            return child, in_string
        assert isinstance(above, ast.expr)  # noqa: S101 - all of these are
        child = above


def _annotated(child: ast.expr, above: ast.AST) -> bool:
    return (
        (isinstance(above, ast.arg | ast.AnnAssign) and above.annotation is child)
        or (isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef) and above.returns is child)
    )  # fmt: skip


def _annotation(file: ModernFile, above: ast.AST, in_string: bool) -> Position:
    if file.is_stub:
        return Position("annotation", is_evaluated=False, in_string=in_string)
    if isinstance(above, ast.AnnAssign):
        scope = file.scope(above)
        if scope.kind == "function" and isinstance(above.target, ast.Name):
            return Position("annotation", is_evaluated=False, in_string=in_string)
        owner = scope.node if isinstance(scope.node, ast.ClassDef) else None
        may_be_read = owner is None or bool(owner.bases or owner.keywords or owner.decorator_list)
    else:
        function = file.parent(above) if isinstance(above, ast.arg) else above
        may_be_read = not isinstance(function, FunctionNode) or bool(
            set(decorator_list(function)) - _PLAIN_DECORATORS
        )
    is_text = in_string or file.has_future_annotations
    may_be_read = may_be_read or file.options.reads_annotations
    return Position("annotation", not is_text, may_be_read, in_string)


def _kind(file: ModernFile, child: ast.expr, above: ast.AST) -> Kind:
    match above:
        case ast.ClassDef():
            return "base" if child in above.bases else "value"
        case ast.Assign(targets=[ast.Name()]):
            return "alias" if file.scope(above).kind in ("module", "class") else "value"
        case ast.AnnAssign():
            return "alias" if last_name(above.annotation) == "TypeAlias" else "value"
        case ast.Call(func=function):
            name = file.meaning(function)
            if name in _TYPES_FIRST and child is (above.args[-1] if name.endswith("type") else above.args[0]):
                return "argument"
            if name in _TYPE_MAKERS:
                return "argument"
            if name in ("builtins.isinstance", "builtins.issubclass") and child in above.args[1:]:
                return "test"
        case ast.keyword(arg="bound"):
            call = file.parent(above)
            if isinstance(call, ast.Call) and file.meaning(call.func) in _TYPE_MAKERS:
                return "argument"
    return "value"


RUNTIME_USES = {
    "base": "a base class: without typing.Generic among its own bases the class is another",
    "value": "used when the program runs, where the object is another one",
    "comment": "a type comment",
    "test": "a test of a type",
}
