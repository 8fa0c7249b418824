"""Decorators of tests and test classes: those of unittest as marks of pytest, and which others do no harm."""

from __future__ import annotations

import ast
import enum

from overhaul.refactors.imports import qualified_names
from overhaul.refactors.project import Module

_SKIPS = frozenset({"unittest.skip", "unittest.skipIf", "unittest.skipUnless"})
_SKIPS_OF_CASE = frozenset(name.replace("unittest.", "unittest.case.") for name in _SKIPS)
_BOOLEAN_CALLS = frozenset({"isinstance", "issubclass", "hasattr", "callable", "bool", "any", "all"})
_BOOLEAN_METHODS = frozenset(
    {"startswith", "endswith", "isdigit", "exists", "is_file", "is_dir", "isfile", "isdir"}
)


class DecoratorKind(enum.Enum):
    """What a decorator is to a test without TestCase."""

    SKIP = "skip"
    ODD_SKIP = "odd skip"
    EXPECTED_FAILURE = "expected failure"
    PATCH = "patch"
    MARK = "mark"
    STATIC = "static"
    OTHER = "other"


def kind_of(module: Module, decorator: ast.expr) -> DecoratorKind:
    """Return what a decorator is."""
    callee = decorator.func if isinstance(decorator, ast.Call) else decorator
    names = qualified_names(module.bindings, callee, module.bindings.scope_of(decorator), module.name)
    name = names[0] if len(set(names)) == 1 else ""
    if name in _SKIPS or name in _SKIPS_OF_CASE:
        return DecoratorKind.SKIP if _mark_arguments(decorator) else DecoratorKind.ODD_SKIP
    if name in ("unittest.expectedFailure", "unittest.case.expectedFailure"):
        return DecoratorKind.OTHER if isinstance(decorator, ast.Call) else DecoratorKind.EXPECTED_FAILURE
    if name.startswith("pytest.mark."):
        return DecoratorKind.MARK
    if isinstance(decorator, ast.Call) and name in (
        f"{package}.patch{ending}"
        for package in ("unittest.mock", "mock", "mock.mock")
        for ending in ("", ".object", ".dict")
    ):
        return DecoratorKind.PATCH
    if name in ("builtins.staticmethod", "builtins.classmethod", "builtins.property"):
        return DecoratorKind.STATIC
    return DecoratorKind.OTHER


def mark_text(module: Module, decorator: ast.expr, pytest: str) -> str:
    """Return the mark that takes the place of one of unittest's decorators; `pytest` is how the file calls `mark`."""
    source = module.source
    found = _mark_arguments(decorator)
    if found is None:
        return f"{pytest}.xfail(strict=True)"
    kind, condition, reason = found
    written = _text(module, reason) if reason is not None else '""'
    if kind == "skip" or condition is None:
        return f"{pytest}.skip(reason={written})" if reason is not None else f"{pytest}.skip"
    text = _text(module, condition)
    if kind == "skipUnless":
        needs_parentheses = isinstance(condition, ast.BoolOp | ast.IfExp | ast.Lambda | ast.NamedExpr)
        text = f"not ({text})" if needs_parentheses else f"not {text}"
    elif not _is_boolean(condition):
        text = f"bool({text})"
    elif isinstance(condition, ast.NamedExpr):
        text = f"({text})"
    start, end = source.start(condition), source.end(reason) if reason is not None else source.end(condition)
    gap = (
        source.slice(source.end(condition), source.start(reason))
        if reason is not None and start < end
        else ""
    )
    separator = (
        gap.replace("reason=", "") if "\n" in gap and gap.replace("reason=", "").strip() == "," else ", "
    )
    return f"{pytest}.skipif({text}{separator}reason={written})"


def _text(module: Module, node: ast.expr) -> str:
    return module.source.slice(module.source.start(node), module.source.end(node))


def _mark_arguments(decorator: ast.expr) -> tuple[str, ast.expr | None, ast.expr | None] | None:
    """Return the kind of skip, its condition and its reason; None if they are written in another way."""
    if not isinstance(decorator, ast.Call):
        return (
            ("skip", None, None)
            if getattr(decorator, "attr", getattr(decorator, "id", "")) == "skip"
            else None
        )
    kind = getattr(decorator.func, "attr", getattr(decorator.func, "id", ""))
    given = list(decorator.args)
    for keyword in decorator.keywords:
        if keyword.arg != "reason":
            return None
        given.append(keyword.value)
    wanted = 1 if kind == "skip" else 2
    if (
        any(isinstance(each, ast.Starred) for each in given)
        or len(given) != wanted
        or not _is_text(given[-1])
    ):
        return None
    return (kind, None, given[0]) if wanted == 1 else (kind, given[0], given[1])


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, str)
        case ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Mod() | ast.Add()):
            return _is_text(left)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _is_text(value)
    return False


def _is_boolean(node: ast.expr) -> bool:
    match node:
        case ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Constant(value=bool()):
            return True
        case ast.BoolOp(values=values):
            return all(map(_is_boolean, values))
        case ast.Call(func=ast.Name(id=name)):
            return name in _BOOLEAN_CALLS
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _BOOLEAN_METHODS
    return False
