"""Where a template cannot stand, and which captured names may mean something else when it evaluates them."""

from __future__ import annotations

import ast

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.replace_call.evaluation import awaits, deferred
from overhaul.refactors.recipes.replace_call.matching import Match
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.symbols.family import is_private

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)


def place_doubt(module: Module, match: Match, template: ast.expr) -> Doubt | None:
    """Tell what stands against the template where a call is."""
    if awaits(template) and not _is_in_coroutine(match.scope):
        return Doubt("the template awaits, and this is not directly in a coroutine")
    if module.bindings.enclosing_class(match.scope) is not None:
        for node in ast.walk(template):
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", getattr(node, "arg", ""))
            if isinstance(name, str) and is_private(name):
                return Doubt(f"Python would make another name of '{name}' in this class")
    is_text = isinstance(template, ast.Constant) and isinstance(template.value, str)
    if is_text and isinstance(module.bindings.parents.get(match.call), ast.Expr):
        return Doubt("a string alone may become a docstring")
    return None


def _is_in_coroutine(scope: Scope) -> bool:
    while scope.kind == "comprehension" and not isinstance(scope.node, ast.GeneratorExp):
        if scope.parent is None:
            return False
        scope = scope.parent
    return isinstance(scope.node, ast.AsyncFunctionDef)


def later_doubt(module: Module, match: Match, template: ast.expr) -> Doubt | None:
    """Tell which captured expression may give something else when a lambda or generator comes to evaluate it."""
    for name in sorted(deferred(template)):
        nodes = (
            [match.captures.one[name]] if name in match.captures.one else match.captures.rest.get(name, ())
        )
        for captured in nodes:
            value = captured.value if isinstance(captured, ast.keyword) else captured
            if not _is_settled(module, match.scope, value):
                return Doubt(
                    f"'{ast.unparse(value)}' may be something else by the time the template evaluates it"
                )
    return None


def _is_settled(module: Module, scope: Scope, node: ast.expr) -> bool:
    """Whether an expression always gives the same: a constant, or a name that is bound once and in no loop."""
    if isinstance(node, ast.Constant):
        return True
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    owner = scope.lookup(root.id, root)
    if owner is None:
        return root is node
    bindings = owner.bindings[root.id]
    if len(bindings) != 1 or _is_in_loop(module, bindings[0]):
        return False
    return root is node or isinstance(bindings[0].node, ast.alias)


def _is_in_loop(module: Module, binding: Binding) -> bool:
    above: ast.AST | None = binding.node
    while above is not None and above is not binding.scope.node:
        if isinstance(above, _LOOPS):
            return True
        above = module.bindings.parents.get(above)
    return binding.scope.kind == "comprehension"
