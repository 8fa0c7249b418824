"""The value of an expression of a noxfile, if it can be told without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final


class Unknown:
    """What only running the file would tell."""


UNKNOWN: Final = Unknown()
Scope = Mapping[str, Any]


def value_of(node: ast.expr, scope: Scope, session: str) -> Any:
    """Strings, numbers, lists and dicts; `session.posargs` is empty. UNKNOWN for everything else."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return scope.get(node.id, UNKNOWN)
    reader = _READERS.get(type(node))
    return reader(node, lambda part: value_of(part, scope, session), session) if reader else UNKNOWN


Read = Callable[[ast.expr], Any]


def _list(node: Any, read: Read, _session: str) -> Any:
    found: list[Any] = []
    for item in node.elts:
        value = read(item.value) if isinstance(item, ast.Starred) else read(item)
        if isinstance(item, ast.Starred):
            if not isinstance(value, list):
                return UNKNOWN
            found += value
        else:
            found.append(value)
    return found


def _dict(node: ast.Dict, read: Read, _session: str) -> Any:
    if any(key is None for key in node.keys):
        return UNKNOWN
    return {read(key): read(value) for key, value in zip(node.keys, node.values, strict=True) if key}


def _attribute(node: ast.Attribute, _read: Read, session: str) -> Any:
    is_posargs = node.attr == "posargs" and isinstance(node.value, ast.Name) and node.value.id == session
    return [] if is_posargs else UNKNOWN


def _either(node: ast.BoolOp, read: Read, _session: str) -> Any:
    value: Any = UNKNOWN
    for part in node.values:
        value = read(part)
        if value is UNKNOWN or bool(value) == isinstance(node.op, ast.Or):
            return value
    return value


def _not(node: ast.UnaryOp, read: Read, _session: str) -> Any:
    value = read(node.operand)
    return UNKNOWN if value is UNKNOWN or not isinstance(node.op, ast.Not) else not value


def _binary(node: ast.BinOp, read: Read, _session: str) -> Any:
    left, right = read(node.left), read(node.right)
    if isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, str | list):
        return left + right
    if isinstance(node.op, ast.Div) and isinstance(left, str) and isinstance(right, str):
        return f"{left}/{right}"  # paths
    return UNKNOWN


def _joined(node: ast.JoinedStr, read: Read, _session: str) -> Any:
    parts = [read(part.value) if isinstance(part, ast.FormattedValue) else read(part) for part in node.values]
    return UNKNOWN if any(part is UNKNOWN for part in parts) else "".join(map(str, parts))


def _conditional(node: ast.IfExp, read: Read, _session: str) -> Any:
    test = read(node.test)
    return UNKNOWN if test is UNKNOWN else read(node.body if test else node.orelse)


def _call(node: ast.Call, read: Read, _session: str) -> Any:
    called = ast.unparse(node.func)
    values = [read(argument) for argument in node.args]
    if node.keywords or UNKNOWN in values:
        return UNKNOWN
    if called in ("str", "Path", "pathlib.Path", "list", "tuple") and len(values) == 1:
        return values[0]
    if called.endswith("path.join") and all(isinstance(value, str) for value in values):
        return "/".join(values)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "split" and not values:
        text = read(node.func.value)
        return text.split() if isinstance(text, str) else UNKNOWN
    return UNKNOWN


_READERS: dict[type, Callable[[Any, Read, str], Any]] = {
    ast.List: _list,
    ast.Tuple: _list,
    ast.Dict: _dict,
    ast.Attribute: _attribute,
    ast.BoolOp: _either,
    ast.UnaryOp: _not,
    ast.BinOp: _binary,
    ast.JoinedStr: _joined,
    ast.IfExp: _conditional,
    ast.Call: _call,
}
