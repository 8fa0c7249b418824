"""Refuses a new name that already means something where the rename would put it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection

from overhaul.refactors.errors import NameTaken
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Scope
from overhaul.refactors.symbols.family import Family, is_private


def _refuse(module: Module, node: ast.AST, new: str, why: str) -> NameTaken:
    line = getattr(node, "lineno", 1)
    return NameTaken(
        f"'{new}' is taken at {module.path}:{line}: {why}. Choose another name, or rename that one first"
    )


def refuse_taken_in_scope(module: Module, scope: Scope, old: str, new: str) -> None:
    """Raise NameTaken if a scope binds the new name, or if a renamed use or an existing one would change meaning."""
    if new in scope.bindings:
        raise _refuse(module, scope.bindings[new][0].node, new, "the scope that has the old name binds it")
    for use, place in module.bindings.names.get(old, ()):
        if place.lookup(old, use) is scope:
            inner = place.lookup(new)
            if inner is not None and inner is not scope and _is_within(inner, scope):
                raise _refuse(
                    module,
                    inner.bindings[new][0].node,
                    new,
                    f"it would hide the name used at line {use.lineno}",
                )
    for use, place in module.bindings.names.get(new, ()):
        owner = place.lookup(new, use)
        if (owner is None or (owner is not scope and _is_within(scope, owner))) and _is_within(place, scope):
            what = "a builtin or a star import" if owner is None else "a name from outside the scope"
            raise _refuse(module, use, new, f"the scope uses it for {what}")


def refuse_taken_declaration(module: Module, node: ast.AST, new: str, why: str) -> None:
    """Raise NameTaken for a place that has the new name."""
    raise _refuse(module, node, new, why)


def _is_within(scope: Scope | None, around: Scope) -> bool:
    while scope is not None:
        if scope is around:
            return True
        scope = scope.parent
    return False


def refuse_taken_member(inference: Inference, family: Family, new: str) -> None:
    """Raise NameTaken if a class of the family, or a base or subclass of one, has or uses the new name."""
    hierarchy = inference.hierarchy
    definitions = list(family.definitions)
    if is_private(family.name) and not is_private(new):
        definitions += [each for first in definitions for each in hierarchy.descendants(first)]
    for definition in definitions:
        for each in hierarchy.ancestry(definition).classes:
            if hierarchy.defines(each, new):
                bindings = each.scope.bindings.get(new)
                node = bindings[0].node if bindings else next(hierarchy.instance_stores(each, new), each.node)
                raise _refuse(each.module, node, new, f"the class {each.qualified} has it")
        outside = hierarchy.external_provider(definition, new)
        if outside is not None:
            raise _refuse(
                definition.module, definition.node, new, f"the base {outside} of {definition.name} has it"
            )
    for definition in family.definitions:
        for use, place in definition.module.bindings.names.get(new, ()):
            if place is definition.scope and family.name in place.bindings:
                raise _refuse(
                    definition.module, use, new, "the class's block uses it for a name from outside"
                )
    words = {family.name, *(definition.name for definition in definitions)}
    refuse_taken_attribute(
        inference, new, words, lambda module, node: family.judge(inference.values(module, node), "").is_member
    )


def refuse_taken_attribute(
    inference: Inference,
    new: str,
    words: Collection[str],
    is_owner: Callable[[Module, ast.expr], bool | None],
) -> None:
    """Raise NameTaken if code reads or sets the new name on the owner of the old one, which does not define it.

    Something unseen gives it that name then: a store from outside, `__getattr__`, a base outside the tree.
    """
    project = inference.project
    for module in project.containing([new]):
        attributes = module.bindings.attributes.get(new, ())
        # Asked for only here: a search for words as frequent as a module's name takes a while.
        if not attributes or module.path not in project.paths_containing(words):
            continue
        for attribute, _ in attributes:
            if is_owner(module, attribute.value):
                raise _refuse(module, attribute, new, f"{ast.unparse(attribute)} means something already")
