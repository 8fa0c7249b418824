"""Ways to a method that name it nowhere: `getattr(self, "on_" + event)`, and `__getattr__` that answers instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.inference import Inference
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.method_to_function.method import Method
from overhaul.refactors.values import ClassDefinition, ClassValue, Instance


def computed_lookups(inference: Inference, method: Method) -> Iterator[Site]:
    """Yield those in the files of the class, its bases and subclasses that may find the method."""
    classes: dict[ClassDefinition, None] = dict.fromkeys(method.family.definitions)
    for each in list(classes):
        classes.update(dict.fromkeys(inference.hierarchy.ancestry(each).classes))
    keys = {each.key for each in classes}
    for module in {each.module.path: each.module for each in classes}.values():
        for use, _ in module.bindings.names.get("getattr", ()):
            call = module.bindings.parents.get(use)
            if not isinstance(call, ast.Call) or call.func is not use or len(call.args) < 2:
                continue
            if _may_be(call.args[1], method.node.name) and any(
                _class_key(value) in keys for value in inference.values(module, call.args[0])
            ):
                line, column = module.source.position(module.source.start(call))
                yield Site(
                    module.path,
                    line,
                    column,
                    method.symbol,
                    "unresolved",
                    "getattr with a computed name may find it",
                )


def answered_lookups(inference: Inference, method: Method) -> Iterator[Site]:
    """Yield a `__getattr__` that would answer for the method to those whose use of it is not seen, without an error."""
    hierarchy = inference.hierarchy
    for definition in method.family.definitions:
        for name in ("__getattr__", "__getattribute__"):
            owner = hierarchy.provider(definition, name)
            for binding in owner.scope.bindings.get(name, ()) if owner is not None else ():
                if isinstance(binding.node, ast.stmt) and owner is not None:
                    module = owner.module
                    line, column = module.source.position(module.source.start(binding.node))
                    reason = f"{name} would answer for the method to code that is not known to use it"
                    yield Site(module.path, line, column, method.symbol, "unresolved", reason)


def _class_key(value: object) -> str:
    definition = value.of if isinstance(value, Instance) else getattr(value, "definition", None)
    is_of_tree = isinstance(value, Instance | ClassValue) and isinstance(definition, ClassDefinition)
    return definition.key if is_of_tree and isinstance(definition, ClassDefinition) else ""


def _may_be(computed: ast.expr, name: str) -> bool:
    """Whether an expression may give the name, by what it begins and ends with."""
    if isinstance(computed, ast.Constant):
        return False  # the search for strings finds it
    if isinstance(computed, ast.JoinedStr) and computed.values:
        first, last = computed.values[0], computed.values[-1]
        start = str(first.value) if isinstance(first, ast.Constant) else ""
        end = str(last.value) if isinstance(last, ast.Constant) else ""
        return name.startswith(start) and name.endswith(end)
    if isinstance(computed, ast.BinOp) and isinstance(computed.left, ast.Constant):
        start = str(computed.left.value)
        return name.startswith(start.partition("%")[0] if isinstance(computed.op, ast.Mod) else start)
    return True
