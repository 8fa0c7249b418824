"""What would answer for a method that is gone, without an error."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.inference import Inference
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.method_to_function.method import Method


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
