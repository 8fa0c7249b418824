"""What kind of value an expression gives for certain: literals, and builtins whose results are known."""

from __future__ import annotations

import ast

from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile

_TEXT_CALLS = frozenset({"ascii", "bin", "chr", "hex", "input", "oct", "repr"})
_INTEGER_CALLS = frozenset({"hash", "id", "int", "len", "ord"})
_TEXT_METHODS = frozenset(
    {
        "capitalize",
        "center",
        "format",
        "join",
        "ljust",
        "lower",
        "replace",
        "rjust",
        "strip",
        "title",
        "upper",
    }
)


def is_plain_text(file: ModernFile, node: ast.expr) -> bool:
    """Tell whether a value is of str, int or float itself, which show the same by `str` and `format`."""
    match node:
        case ast.Constant(value=value):
            return value is None or isinstance(value, str | int | float)
        case ast.JoinedStr() | ast.Compare(ops=[ast.Is() | ast.IsNot() | ast.In() | ast.NotIn()]):
            return True
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in {*_TEXT_CALLS, *_INTEGER_CALLS, "float"} and file.is_builtin(name, node)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr=method)):
            return method in _TEXT_METHODS
        case ast.Attribute(attr="__name__" | "__qualname__" | "__module__"):
            return True
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str())):
            return True
    return False


def is_integer(file: ModernFile, node: ast.expr) -> bool:
    """Tell whether a value is an int for certain."""
    match node:
        case ast.Constant(value=value):
            return type(value) is int
        case ast.Call(func=ast.Name(id=name)):
            return name in _INTEGER_CALLS and file.is_builtin(name, node)
        case ast.BinOp(
            op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod(), left=left, right=right
        ):
            return is_integer(file, left) and is_integer(file, right)
    return False


def is_number(file: ModernFile, node: ast.expr) -> bool:
    """Tell whether a value is an int or a float for certain."""
    match node:
        case ast.Constant(value=value):
            return type(value) in (int, float)
        case ast.Call(func=ast.Name(id="float")):
            return file.is_builtin("float", node)
        case ast.Call(func=ast.Attribute()):
            return file.meaning(node.func) in ("time.time", "time.monotonic", "time.perf_counter")
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            return is_number(file, left) and is_number(file, right)
    return is_integer(file, node)


def is_no_tuple(file: ModernFile, node: ast.expr) -> bool:
    """Tell whether a value is certainly no tuple and no mapping, which `%` takes apart."""
    if isinstance(node, ast.Constant | ast.JoinedStr | ast.Compare):
        return not isinstance(node, ast.Compare) or all(
            isinstance(each, ast.Is | ast.IsNot | ast.In | ast.NotIn) for each in node.ops
        )
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("str", "int", "float", "bool")
    ):
        return file.is_builtin(node.func.id, node)
    return is_plain_text(file, node) or is_number(file, node)
