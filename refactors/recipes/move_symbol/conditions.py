"""Under which condition a file imports a name, and whether a name of a module ever changes its value."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Literal

from overhaul.refactors.annotations import last_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding
from overhaul.refactors.values import ModuleValue

Condition = Literal["always", "typing", "sometimes"]


def import_condition(module: Module, binding: Binding) -> Condition:
    """Tell whether an import of the module's own block runs always, only for type checkers, or sometimes."""
    statement = module.bindings.parents.get(binding.node)
    above = module.bindings.parents.get(statement) if statement is not None else None
    if above is module.source.tree:
        return "always"
    if is_typing_block(module, above) and isinstance(above, ast.If) and statement in above.body:
        return "typing"
    return "sometimes"


def is_typing_block(module: Module, node: ast.AST | None) -> bool:
    """Tell whether a node is `if TYPE_CHECKING:` at the top of its module."""
    return (
        isinstance(node, ast.If)
        and last_name(node.test) == "TYPE_CHECKING"
        and module.bindings.parents.get(node) is module.source.tree
    )


def is_in_typing_block(module: Module, node: ast.AST) -> bool:
    """Tell whether a node is in an `if TYPE_CHECKING:` at the top of its module."""
    child, above = node, module.bindings.parents.get(node)
    while above is not None:
        if is_typing_block(module, above) and child in getattr(above, "body", ()):
            return True
        child, above = above, module.bindings.parents.get(above)
    return False


def is_stable(inference: Inference, module: Module, name: str, bindings: Sequence[Binding]) -> bool:
    """Tell whether a name of a module keeps the value that it has once the module has been executed.

    It does not if a function assigns it with `global`, or if other code sets it as the module's attribute.
    """
    if any(name in scope.global_names for scope in module.scope.subtree()):
        return False
    if any(binding.scope is not module.scope for binding in bindings):
        return False
    return not is_set_from_outside(inference, module, name)


def is_set_from_outside(inference: Inference, module: Module, name: str) -> bool:
    """Tell whether code of the tree assigns to the name as an attribute of the module."""
    words = [module.name.rpartition(".")[2]]
    mentioning = set(inference.project.paths_containing(words))
    for other in inference.project.containing([name]):
        if other.path not in mentioning:
            continue
        for node, _ in other.bindings.attributes.get(name, ()):
            if isinstance(node.ctx, ast.Load):
                continue
            for value in inference.values(other, node.value):
                if isinstance(value, ModuleValue) and value.location.key == module.key:
                    return True
    return False
