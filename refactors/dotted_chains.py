"""Dotted names as they are written: where one stands in its file, and which import of a package it may need."""

from __future__ import annotations

import ast
from collections.abc import Collection

from overhaul.refactors.name_tokens import Span, name_span
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding


def dotted_span(module: Module, node: ast.expr) -> Span | None:
    """Return the bytes of a dotted name, also in an f-string of Python 3.11; None if it is not written as such."""
    source, text = module.source, ast.unparse(node)
    start, end = source.start(node), source.end(node)
    if source.slice(start, end) == text:
        return start, end
    leaf = name_span(module.bindings, node, text.rpartition(".")[2])
    if leaf is None:
        return None
    start = leaf[1] - len(text.encode(source.encoding))
    return (start, leaf[1]) if source.slice(start, leaf[1]) == text else None


def is_still_used(module: Module, alias: ast.alias, changed: Collection[ast.AST]) -> bool:
    """Tell whether a file needs an import although the uses that begin with the `changed` names go another way."""
    statement = module.bindings.parents[alias]
    name = alias.asname or alias.name.partition(".")[0]
    owner = module.bindings.scope_of(alias)
    is_dotted = isinstance(statement, ast.Import) and alias.asname is None and "." in alias.name
    return any(
        node not in changed
        and scope.lookup(name, node) is owner
        and (not is_dotted or _may_need(module, node, alias.name))
        for node, scope in module.bindings.names.get(name, ())
    )


def _may_need(module: Module, node: ast.Name, imported: str) -> bool:
    """Tell whether a use of `a` may need `import a.b`: it does not if it goes on with another name."""
    text: str = node.id
    current: ast.AST | None = module.bindings.parents.get(node)
    while isinstance(current, ast.Attribute) and text != imported:
        text += f".{current.attr}"
        current = module.bindings.parents.get(current)
    return f"{imported}.".startswith(f"{text}.") or f"{text}.".startswith(f"{imported}.")


def is_deletion(binding: Binding) -> bool:
    """Tell whether a binding is that of `del name`."""
    return isinstance(binding.node, ast.Name) and isinstance(binding.node.ctx, ast.Del)
