"""`self.assertEquals` is another name of `assertEqual`, which Python 3.12 has no more."""

from __future__ import annotations

import ast

from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile, decorator_list
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import ALIASES, TEST_CASES
from overhaul.refactors.scopes import FunctionNode


def unittest_aliases(file: ModernFile) -> None:
    """Use the names that unittest has today, in methods of classes that are known to derive from its TestCase."""
    overridden: dict[str, bool] = {}
    for node in file.nodes(ast.Attribute):
        if node.attr not in ALIASES or not isinstance(node.ctx, ast.Load):
            continue
        owner = _owner(file, node)
        if owner is None:
            continue
        name = ALIASES[node.attr]
        if node.attr not in overridden:
            overridden[node.attr] = _is_defined(file, node.attr, name)
        if file.in_formatted_string(node):
            file.leave(node, "inside an f-string")
        elif not owner.bases or any(file.meaning(base) not in TEST_CASES for base in owner.bases):
            file.leave(node, f"'{owner.name}' may have {node.attr} of another class than unittest.TestCase")
        elif overridden[node.attr]:
            file.leave(node, f"{node.attr} or {name} is defined in this tree, and may be meant here")
        else:
            end = file.source.end(node)
            file.change(end - len(node.attr), end, name)
            file.resolve(node, f"another name of {name}, gone in Python 3.12")


def _owner(file: ModernFile, node: ast.Attribute) -> ast.ClassDef | None:
    """Return the class of whose instance this is an attribute: that of the method whose first parameter it is."""
    if not isinstance(node.value, ast.Name):
        return None
    scope = file.scope(node).lookup(node.value.id)
    function = scope.node if scope is not None else None
    if scope is None or not isinstance(function, FunctionNode) or len(scope.bindings[node.value.id]) != 1:
        return None
    owner = scope.parent.node if scope.parent is not None else None
    positional = [*function.args.posonlyargs, *function.args.args]
    is_method = positional and positional[0].arg == node.value.id
    if not is_method or {"staticmethod", "classmethod"} & {*decorator_list(function)}:
        return None
    return owner if isinstance(owner, ast.ClassDef) else None


def _is_defined(file: ModernFile, *names: str) -> bool:
    """Whether any file of the tree seems to define or set one of these methods."""
    words = [
        form for name in names for form in (f"def {name}", f"{name} =", f"{name}=", f"'{name}'", f'"{name}"')
    ]
    return bool(file.project.tree.containing(words, [".py", ".pyi"]))
