"""`set([1, 2])` is `{1, 2}`, and `dict((k, v) for ...)` is `{k: v for ...}`."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile, is_name

_BETWEEN = re.compile(r"\s*,\s*")
_NOTHING = frozenset(" \t\r\n,")


def set_literals(file: ModernFile) -> None:
    """Write displays and comprehensions in place of calls that take a list or tuple apart."""
    for node in file.nodes(ast.Call):
        if len(node.args) != 1 or node.keywords:
            continue
        name = "set" if is_name(node.func, "set") else "dict" if is_name(node.func, "dict") else ""
        argument = node.args[0]
        if not name or not _is_candidate(name, argument):
            continue
        doubt = _doubt(file, node, name) or (_set if name == "set" else _dict)(file, node, argument)
        if doubt:
            file.leave(node, doubt)
        else:
            file.resolve(node, f"the same {name}")


def _is_candidate(name: str, argument: ast.expr) -> bool:
    if name == "set":
        return isinstance(argument, ast.List | ast.Tuple | ast.ListComp | ast.GeneratorExp)
    return (
        isinstance(argument, ast.ListComp | ast.GeneratorExp)
        and isinstance(argument.elt, ast.Tuple | ast.List)
        and len(argument.elt.elts) == 2
    )


def _doubt(file: ModernFile, node: ast.Call, name: str) -> str:
    if file.in_formatted_string(node):
        return "inside an f-string"
    if not file.is_builtin(name, node):
        return f"'{name}' means something else here"
    argument = node.args[0]
    if isinstance(argument, ast.GeneratorExp) and (
        any(each.is_async or _awaits(each) for each in argument.generators) or _awaits(argument.elt)
    ):
        return "an asynchronous generator"
    return ""


def _awaits(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Await) for each in ast.walk(node))


def _set(file: ModernFile, node: ast.Call, argument: ast.expr) -> str:
    """Write a set; say what stands against it, or nothing."""
    source = file.source
    if isinstance(argument, ast.List | ast.Tuple):
        items = argument.elts
        if any(isinstance(each, ast.Starred) for each in items):
            return "an item is unpacked, which a display does at another moment"
        if not items:
            if "#" in file.between(source.end(node.func), source.end(node)):
                return "a comment stands among the brackets"
            file.change(source.end(node.func), source.end(node), "()")
            return ""
    return _enclose(file, node, argument)


def _enclose(file: ModernFile, node: ast.Call, argument: ast.expr) -> str:
    """Put braces around what a list, tuple or generator has between its brackets, which it may share with the call."""
    source = file.source
    opening, closing = source.start(argument) + 1, source.end(argument) - 1
    before = file.between(source.end(node.func), opening)
    after = file.between(closing, source.end(node))
    if set(before) - {*_NOTHING, "(", "["} or set(after) - {*_NOTHING, ")", "]"}:
        return "a comment stands among the brackets"
    kept = file.between(opening, closing)
    if isinstance(argument, ast.Tuple | ast.List) and "\n" not in kept:
        closing -= len(kept) - len(kept.rstrip(" ,"))
    file.change(closing, source.end(node), "}")
    file.change(source.start(node), opening, "{")
    return ""


def _dict(file: ModernFile, node: ast.Call, argument: ast.expr) -> str:
    """Write a comprehension; say what stands against it, or nothing."""
    assert isinstance(argument, ast.ListComp | ast.GeneratorExp)  # noqa: S101 - the candidates
    assert isinstance(argument.elt, ast.Tuple | ast.List)  # noqa: S101
    key, value = argument.elt.elts
    if isinstance(key, ast.Starred) or isinstance(value, ast.Starred):
        return "an item is unpacked"
    if isinstance(key, ast.NamedExpr | ast.Lambda) or isinstance(value, ast.NamedExpr):
        return "a key or value needs parentheses"
    source = file.source
    pair_start, pair_end = source.start(argument.elt), source.end(argument.elt)
    opening = file.between(pair_start, source.start(key))
    between = file.between(source.end(key), source.start(value))
    closing = file.between(source.end(value), pair_end)
    if (
        opening.strip() not in ("(", "[")
        or not _BETWEEN.fullmatch(between)
        or set(closing) - {*_NOTHING, ")", "]"}
    ):
        return "a comment or parentheses stand in the pair"
    doubt = _enclose(file, node, argument)
    if doubt:
        return doubt
    file.change(pair_start, source.start(key), "")
    file.change(
        source.end(key), source.start(value), ": " if "\n" not in between else between.replace(",", ":", 1)
    )
    file.change(source.end(value), pair_end, "")
    return ""
