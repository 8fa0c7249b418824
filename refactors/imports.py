"""What imports make names mean, as qualified names: `import a.b as m` makes `m.f` mean `a.b.f`."""

from __future__ import annotations

import ast

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.scopes import Binding, Scope


def absolute_module(statement: ast.ImportFrom, module_name: str, is_package: bool) -> str | None:
    """Return the dotted module that a from-import names, its dots resolved; None if they lead outside."""
    if not statement.level:
        return statement.module or ""
    parts = module_name.split(".") if module_name else []
    kept = len(parts) - statement.level + is_package
    if kept < 0 or (kept == 0 and not statement.module):
        return None
    return ".".join([*parts[:kept], *([statement.module] if statement.module else [])])


def imported_name(module: ModuleBindings, binding: Binding, module_name: str, is_package: bool) -> str | None:
    """Return the qualified name that an import binds; None for a binding of another kind."""
    alias = binding.node
    if not isinstance(alias, ast.alias):
        return None
    statement = module.parents[alias]
    if isinstance(statement, ast.Import):
        return alias.name if alias.asname else alias.name.partition(".")[0]
    if not isinstance(statement, ast.ImportFrom):
        return None
    source = absolute_module(statement, module_name, is_package)
    return None if source is None else f"{source}.{alias.name}" if source else alias.name


def dotted_names(expression: ast.expr) -> list[ast.Name | ast.Attribute] | None:
    """Return the nodes of `a`, `a.b`, `a.b.c` for the expression `a.b.c`, or None for another shape."""
    chain: list[ast.Name | ast.Attribute] = []
    node = expression
    while isinstance(node, ast.Attribute):
        chain.append(node)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return [node, *reversed(chain)]


def qualified_names(
    module: ModuleBindings,
    expression: ast.expr,
    scope: Scope,
    module_name: str = "",
    is_package: bool = False,
) -> list[str]:
    """Return what a name or dotted name in a scope may refer to by the module's own imports and definitions.

    A name bound in several ways (`try: import a except ImportError: import b`) gives several.
    Names of functions and classes of the module itself begin with `module_name`; names of builtins with `builtins.`;
    anything else (a parameter, an assigned variable) gives nothing.
    """
    chain = dotted_names(expression)
    if chain is None:
        return []
    first = chain[0]
    assert isinstance(first, ast.Name)  # noqa: S101 - dotted_names begins with one
    rest = "".join(f".{node.attr}" for node in chain[1:] if isinstance(node, ast.Attribute))
    owner = scope.lookup(first.id, first)
    if owner is None:
        return [f"builtins.{first.id}{rest}"]
    found: list[str] = []
    for binding in owner.bindings[first.id]:
        name = imported_name(module, binding, module_name, is_package)
        if name is None and owner.kind == "module" and isinstance(binding.node, ast.stmt):
            name = f"{module_name}.{first.id}" if module_name else first.id
        if name is None:
            return []
        found.append(name + rest)
    return found
