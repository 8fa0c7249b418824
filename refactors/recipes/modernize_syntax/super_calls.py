"""`super(C, self)` in a method of C is `super()`."""

from __future__ import annotations

import ast

from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile, decorator_list, is_name
from overhaul.refactors.scopes import FunctionNode


def super_calls(file: ModernFile) -> None:
    """Leave out the arguments that Python finds by itself."""
    for node in file.nodes(ast.Call):
        if not is_name(node.func, "super") or len(node.args) != 2 or node.keywords:
            continue
        doubt = _doubt(file, node)
        if doubt:
            file.leave(node, doubt)
            continue
        file.change(file.source.end(node.func), file.source.end(node), "()")
        file.resolve(node, "the method's own class and first parameter")


def _doubt(file: ModernFile, node: ast.Call) -> str:
    """Say why a call stays, or nothing."""
    if file.in_formatted_string(node):
        return "inside an f-string"
    if not file.is_builtin("super", node):
        return "'super' means something else here"
    scope = file.scope(node)
    function = scope.node
    owner = scope.parent.node if scope.parent is not None else None
    if not isinstance(function, FunctionNode) or not isinstance(owner, ast.ClassDef):
        return "not directly in a method: inside another function, a comprehension, or outside a class"
    positional = [*function.args.posonlyargs, *function.args.args]
    if not positional or not is_name(node.args[1], positional[0].arg):
        return "the second argument is not the method's first parameter"
    if len(scope.bindings[positional[0].arg]) > 1:
        return f"'{positional[0].arg}' is bound again in the method"
    if "staticmethod" in decorator_list(function):
        return "in a static method"
    if not is_name(node.args[0], owner.name):
        return "the first argument is not the class that the method is in"
    if owner.decorator_list:
        return "the class has a decorator, which may replace it"
    around = file.scope(owner)
    if scope.lookup(owner.name) is not around or len(around.bindings.get(owner.name, ())) != 1:
        return f"'{owner.name}' may mean something else when the method runs"
    if "__class__" in scope.bindings:
        return "'__class__' is bound in the method"
    arguments = file.between(file.source.end(node.func), file.source.end(node))
    return "a comment among the arguments would be lost" if "#" in arguments else ""
