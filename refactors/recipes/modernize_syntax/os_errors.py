"""IOError, EnvironmentError, socket.error and others are other names of OSError (PEP 3151)."""

from __future__ import annotations

import ast

from overhaul.refactors.dotted_chains import dotted_span
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile

_ALIASES = {
    "builtins.IOError": ((3, 3), "OSError"),
    "builtins.EnvironmentError": ((3, 3), "OSError"),
    "os.error": ((3, 3), "OSError"),
    "select.error": ((3, 3), "OSError"),
    "socket.error": ((3, 3), "OSError"),
    "mmap.error": ((3, 3), "OSError"),
    "socket.timeout": ((3, 10), "TimeoutError"),
    "asyncio.TimeoutError": ((3, 11), "TimeoutError"),
    "concurrent.futures.TimeoutError": ((3, 11), "TimeoutError"),
}


def os_errors(file: ModernFile) -> None:
    """Use the one name; a tuple of exceptions then has it once."""
    changed: dict[ast.expr, str] = {}
    for node, qualified in file.reads(_ALIASES):
        since, name = _ALIASES[qualified]
        if since > file.options.target or not _is_meant(file, node, qualified):
            continue
        span = dotted_span(file.module, node)
        if span is None or file.in_formatted_string(node):
            file.leave(node, "inside an f-string")
        elif not file.is_builtin(name, node):
            file.leave(node, f"'{name}' means something else here")
        else:
            file.change(*span, name)
            file.consume(node)
            file.resolve(node, f"another name of {name}")
            changed[node] = name
    for handler in file.nodes(ast.ExceptHandler):
        if isinstance(handler.type, ast.Tuple) and any(each in changed for each in handler.type.elts):
            _once(file, handler.type, changed)


def _is_meant(file: ModernFile, node: ast.expr, qualified: str) -> bool:
    return not qualified.startswith("builtins.") or file.is_builtin(qualified.partition(".")[2], node)


def _once(file: ModernFile, caught: ast.Tuple, changed: dict[ast.expr, str]) -> None:
    """Leave out what a tuple has already."""
    source = file.source
    texts = [changed.get(each) or file.text(each) for each in caught.elts]
    if len(set(texts)) == len(texts) or not all(
        isinstance(each, ast.Name | ast.Attribute) for each in caught.elts
    ):
        return
    start, end = source.start(caught), source.end(caught)
    written = file.between(start, end)
    if "#" in written or not written.startswith("("):
        return
    unique = list(dict.fromkeys(texts))
    if len(unique) > 1 and "\n" in written:
        return
    file.change(start, end, f"({', '.join(unique)})" if len(unique) > 1 else unique[0])
