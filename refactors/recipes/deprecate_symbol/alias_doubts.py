"""What stands against keeping an old name beside a new one."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module
from overhaul.refactors.public_names import is_test_path
from overhaul.refactors.recipes.deprecate_symbol.old_names import offering
from overhaul.refactors.recipes.move_symbol.conditions import is_stable
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.star_imports import modules_with_star_imports
from overhaul.refactors.scopes import Binding, FunctionNode
from overhaul.refactors.symbols.family import Family, is_private
from overhaul.refactors.symbols.target import MemberTarget, VariableTarget
from overhaul.refactors.values import External

# What these make of a function is called as the function is.
_KEPT = frozenset({
    "builtins.classmethod", "contextlib.contextmanager", "contextlib.asynccontextmanager", "typing.final",
    "typing.override", "typing.no_type_check", "typing_extensions.final", "typing_extensions.override",
})  # fmt: skip
_NAMESPACES = ("globals", "vars", "locals", "exec", "eval")


def alias_doubt(
    inference: Inference, target: VariableTarget | MemberTarget, module: Module, bindings: Sequence[Binding]
) -> Doubt | None:
    """Say why no old name can be kept beside a new one, as far as the definition tells."""
    if len(bindings) != 1:
        return Doubt(
            "it is defined in several places, so that one more function would not do for all of them"
        )
    if f"{module.path.removesuffix('.py')}.pyi" in inference.project.table.files:
        return Doubt("a stub declares it as well")
    node = bindings[0].node
    if isinstance(node, FunctionNode):
        return _function_doubt(inference, target, module, node)
    if isinstance(target, MemberTarget):
        return Doubt("an attribute or class in a class: reading it calls nothing that could warn")
    return _value_doubt(inference, target, module, bindings)


def _function_doubt(
    inference: Inference, target: VariableTarget | MemberTarget, module: Module, node: FunctionNode
) -> Doubt | None:
    for decorator in node.decorator_list:
        values = inference.values(module, decorator)
        if not values or not all(isinstance(each, External) and each.name in _KEPT for each in values):
            return Doubt(f"decorated by {ast.unparse(decorator)}: a plain function may not do in its place")
    if not isinstance(target, MemberTarget):
        return None
    if is_private(target.name):
        return Doubt("a private name of its class, which no other code can call")
    if "typing.Protocol" in inference.hierarchy.ancestry(target.definition).external:
        return Doubt("a protocol's method: classes outside the tree would lack the new one")
    family = Family.around(inference, target.definition, target.name)
    tops = [
        each
        for each in family.defining()
        if not any(
            above in family.definitions and inference.hierarchy.defines(above, target.name)
            for above in inference.hierarchy.ancestry(each).classes[1:]
        )
    ]
    if [each.key for each in tops] != [target.definition.key]:
        return Doubt(
            "other classes define it as well: name the method of the class that the others inherit from"
        )
    return None


def _value_doubt(
    inference: Inference, target: VariableTarget, module: Module, bindings: Sequence[Binding]
) -> Doubt | None:
    node = bindings[0].node
    statement = module.bindings.statement_of(node)
    is_plain = isinstance(node, ast.ClassDef) or (
        isinstance(node, ast.Name)
        and (
            (isinstance(statement, ast.Assign) and statement.targets == [node])
            or (
                isinstance(statement, ast.AnnAssign)
                and statement.target is node
                and statement.value is not None
            )
        )
    )
    if not is_plain or statement not in module.source.tree.body:
        return Doubt("not bound by one statement of its module")
    for name in ("__getattr__", "__dir__"):
        if name in module.scope.bindings:
            return Doubt(f"the module has a {name} already: add the name there by hand")
    if not is_stable(inference, module, target.name, bindings):
        return Doubt("it is assigned anew, and the old name would keep the value that it had")
    used = next((each for each in _NAMESPACES if each in module.bindings.names), None)
    if used is not None:
        return Doubt(f"the module may read its names by {used}()")
    for other in modules_with_star_imports(inference.project, "import"):
        for star, _ in other.bindings.star_imports:
            source = inference.project.import_source(other, star)
            if isinstance(source, Location) and source.key == module.key:
                return Doubt(
                    f"{other.path}:{star.lineno} takes it by a star import, which would warn or lack it"
                )
    return None


def use_doubt(findings: Findings, module: Module, *, is_renamed: bool) -> Doubt | None:
    """Say which use stands against a `__getattr__`: one that would warn whenever its file is loaded.

    Uses that are renamed do not warn, but for those through which a file offers the symbol to others.
    """
    if is_renamed:
        for file, alias in offering(findings, module.path):
            return Doubt(
                f"{file.path}:{alias.lineno} offers it to others, and would warn whenever it is loaded"
            )
        return None
    for usage in findings.usages.values():
        if usage.module.path != module.path and not is_test_path(usage.module.path):
            line = getattr(usage.node, "lineno", 1)
            return Doubt(f"{usage.module.path}:{line} uses it, and would warn: change that first")
    return None
