"""Brackets that only group an expression, and belong to no call, tuple or definition."""

from __future__ import annotations

import ast

from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module

_SPACE = b" \t\f"


def outer_span(module: Module, node: ast.expr) -> Span:
    """Return the bytes of an expression with the brackets that group it."""
    source, content = module.source, module.source.content
    low, high = _bounds(module, node)
    start, end = source.start(node), source.end(node)
    while True:
        left, right = start, end
        while left > low and content[left - 1 : left] in (b" ", b"\t", b"\f", b"\n", b"\r"):
            left -= 1
        while right < high and content[right : right + 1] in (b" ", b"\t", b"\f", b"\n", b"\r"):
            right += 1
        if (
            left <= low
            or right >= high
            or content[left - 1 : left] != b"("
            or content[right : right + 1] != b")"
        ):
            return start, end
        start, end = left - 1, right + 1


def _bounds(module: Module, node: ast.expr) -> Span:
    """Return between which bytes an expression's own brackets can stand."""
    source = module.source
    child: ast.AST = node
    above = module.bindings.parents[node]
    while not hasattr(above, "lineno"):
        child, above = above, module.bindings.parents[above]
    low, high = source.start(above), source.end(above)  # type: ignore[arg-type]
    if isinstance(above, ast.Call) and child is not above.func:
        low, high = source.end(above.func), high
        low = source.content.index(b"(", low) + 1
        high -= 1
    elif isinstance(above, ast.If | ast.While):
        high = source.start(above.body[0])
    elif isinstance(above, ast.Subscript) and child is not above.value:
        low = source.end(above.value)
    return low, high


def brackets_around(module: Module, node: ast.expr) -> list[tuple[int, int, str]]:
    """Return the splices that take away the brackets right around an expression, on its line."""
    start, end = outer_span(module, node)
    inner_start, inner_end = module.source.start(node), module.source.end(node)
    before, after = module.source.content[start:inner_start], module.source.content[inner_end:end]
    if not before or before.strip(_SPACE + b"(") or after.strip(_SPACE + b")"):
        return []
    if module.source.content[start - 1 : start].isalnum():
        return []  # `not(x)`
    return [(start, inner_start, ""), (inner_end, end, "")]
