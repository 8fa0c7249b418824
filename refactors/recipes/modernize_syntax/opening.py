"""`open(path, "r")` is `open(path)`, and `io.open` is `open`."""

from __future__ import annotations

import ast

from overhaul.refactors.dotted_chains import dotted_span
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile

_MODES = frozenset({"r", "rt", "tr"})


def open_modes(file: ModernFile) -> None:
    """Leave out the mode that is the default."""
    for node in file.nodes(ast.Call):
        if not isinstance(node.func, ast.Name | ast.Attribute) or file.meaning(node.func) not in _OPENERS:
            continue
        if (
            isinstance(node.func, ast.Name)
            and node.func.id == "open"
            and file.is_starred(file.module, "open")
        ):
            continue
        mode = _mode(node)
        if mode is None:
            continue
        reason = _without(file, node, mode)
        if reason:
            file.leave(node, reason)
        else:
            file.resolve(node, "text is read by default")


_OPENERS = frozenset({"builtins.open", "io.open"})


def _mode(node: ast.Call) -> ast.expr | ast.keyword | None:
    """Return the argument that says what is so by default, unless others by position follow it."""
    if any(isinstance(each, ast.Starred) for each in node.args):
        return None
    if len(node.args) == 2 and _is_default(node.args[1]):
        return node.args[1]
    found = [each for each in node.keywords if each.arg == "mode" and _is_default(each.value)]
    return found[0] if found and len(node.args) < 2 else None


def _is_default(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in _MODES


def _without(file: ModernFile, node: ast.Call, mode: ast.expr | ast.keyword) -> str:
    """Remove an argument; say what stands against it, or nothing."""
    if file.in_formatted_string(node):
        return "inside an f-string"
    source = file.source
    everything: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    everything.sort(key=source.start)
    index = everything.index(mode)
    if index:
        start, end = source.end(everything[index - 1]), source.end(mode)
    elif len(everything) > 1:
        start, end = source.start(mode), source.start(everything[1])
    else:
        return "the only argument"
    if not set(
        file.between(start, end).replace(file.between(source.start(mode), source.end(mode)), "")
    ) <= set(" \t\r\n,"):
        return "a comment or parentheses stand beside the mode"
    file.change(start, end, "")
    return ""


def io_open(file: ModernFile) -> None:
    """Use the builtin, which is the same function."""
    for node, _ in file.reads(["io.open"]):
        span = dotted_span(file.module, node)
        if span is None or file.in_formatted_string(node):
            file.leave(node, "inside an f-string")
        elif not _is_free(file, node):
            file.leave(node, "'open' means something else here")
        else:
            file.change(*span, "open")
            file.consume(node)
            file.resolve(node, "io.open is the builtin")


def _is_free(file: ModernFile, node: ast.expr) -> bool:
    """Tell whether `open` will mean the builtin: nothing binds it but an import of io.open that is to go."""
    scope = file.scope(node)
    owner = scope.lookup("open")
    if owner is None:
        return file.is_builtin("open", node)
    return isinstance(node, ast.Name) and node.id == "open"
