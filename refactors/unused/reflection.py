"""Code that looks at names by their text: where there is some, a name without a use may be used all the same."""

from __future__ import annotations

import ast
import re
from functools import cache

from overhaul.refactors.annotations import last_name
from overhaul.refactors.docstrings import docstrings
from overhaul.refactors.project import Module

_LOCAL = ("locals", "vars", "eval", "exec", "dir", "_getframe", "currentframe", "stack")
_GLOBAL = ("globals", "vars", "locals", "dir", "eval", "exec", "getmembers", "__dict__")
_OFF = re.compile(rb"#\s*(?:flake8|ruff):\s*noqa\s*(?:$|\n|\r|:.*\b(F401|F841)\b)", re.IGNORECASE)
_NOQA = re.compile(r"#.*\bnoqa\b(?P<codes>:[\s\w,]+)?", re.IGNORECASE)


def local_reflection(module: Module, function: ast.AST) -> str | None:
    """Return what reads the variables of a function by their names."""
    for word in _LOCAL:
        for use, _ in [*module.bindings.names.get(word, ()), *module.bindings.attributes.get(word, ())]:
            if _is_called(module, use) and is_inside(module, use, function):
                return f"{word}()"
    return None


def global_reflection(module: Module) -> str | None:
    """Return what reads the names of a module by their text."""
    for word in _GLOBAL:
        for use, scope in [*module.bindings.names.get(word, ()), *module.bindings.attributes.get(word, ())]:
            if word == "__dict__" and not _is_of_module(use):
                continue
            if (
                word in ("locals", "vars", "dir")
                and scope.kind != "module"
                and not _has_argument(module, use)
            ):
                continue
            if word == "__dict__" or _is_called(module, use):
                return word if word == "__dict__" else f"{word}()"
    return None


def is_inside(module: Module, node: ast.AST, outer: ast.AST) -> bool:
    """Tell whether a node is in another, or is it."""
    current: ast.AST | None = node
    while current is not None and current is not outer:
        current = module.bindings.parents.get(current)
    return current is outer


def _is_called(module: Module, use: ast.AST) -> bool:
    call = module.bindings.parents.get(use)
    return isinstance(call, ast.Call) and call.func is use


def _has_argument(module: Module, use: ast.AST) -> bool:
    call = module.bindings.parents.get(use)
    return isinstance(call, ast.Call) and bool(call.args) and last_name(call.args[0]) not in ("self", "cls")


def _is_of_module(use: ast.AST) -> bool:
    return (
        isinstance(use, ast.Attribute)
        and isinstance(use.value, ast.Subscript | ast.Name)
        and (last_name(use.value) not in ("self", "cls"))
    )


def is_switched_off(module: Module, code: str) -> bool:
    """Tell whether a comment of the file says that its unused names are meant so."""
    return any(
        match[1] is None or match[1].decode().upper() == code
        for match in _OFF.finditer(module.source.content)
    )


def is_excused(text: str, code: str, pylint: str) -> bool:
    """Tell whether a comment on a line says that what is unused there is meant so."""
    match = _NOQA.search(text)
    if match is not None and (match["codes"] is None or code in match["codes"].upper()):
        return True
    return "pylint:" in text and (pylint in text or re.search(r"\b[WRC]\d{4}\b", text) is not None)


@cache
def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def strings_with(module: Module, name: str) -> list[ast.Constant]:
    """Return the strings of a file that have a word, docstrings only if they have a doctest."""
    own = set(docstrings(module))
    return [
        constant
        for constant, _ in module.bindings.strings
        if isinstance(constant.value, str)
        and name in constant.value
        and _word(name).search(constant.value)
        and (constant not in own or ">>>" in constant.value)
    ]
