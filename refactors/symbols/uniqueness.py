"""Whether a member's name means nothing else anywhere in the tree."""

from __future__ import annotations

import ast

from overhaul.refactors.functional_classes import made_in
from overhaul.refactors.project import Module, Project
from overhaul.refactors.symbols.family import Family


def is_unique(project: Project, family: Family) -> bool:
    """Tell whether no other class, module or instance attribute of the tree has the name.

    A file that cannot be parsed may have one, so then the name does not count as unique.
    """
    modules = list(project.containing([family.name]))
    if any(path.endswith((".py", ".pyi")) for path in project.failures):
        return False
    return all(_is_only_of_family(module, project, family) for module in modules)


def _is_only_of_family(module: Module, project: Project, family: Family) -> bool:
    if family.name in module.scope.bindings:
        return False
    for node, _ in module.bindings.classes:
        definition = project.class_definition(module, node)
        if family.name in definition.scope.bindings and definition.key not in family.keys:
            return False
    for made in made_in(family.inference, module):
        if family.name in made.scope.bindings and made.key not in family.keys:
            return False
    for attribute, _ in module.bindings.attributes.get(family.name, ()):
        if isinstance(attribute.ctx, ast.Store):
            verdict = family.judge(family.inference.values(module, attribute.value), "")
            if verdict.is_member is not True:
                return False
    return True
