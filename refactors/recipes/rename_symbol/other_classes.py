"""Classes outside the family that run its code or promise its members: they borrow methods, or are registered."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from overhaul.refactors.annotations import last_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.text_search import any_of, modules_matching
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.values import ClassDefinition, ClassValue, FunctionValue, Instance, Value, class_of


def report_borrowed_methods(inference: Inference, family: Family, findings: Findings) -> None:
    """Report each method of the family that another class takes, if its code uses the member on `self`.

    In `class D: k = C.k` the code of `k` runs on objects of D, which has the old name.
    """
    methods = set(_methods_using(inference, family))
    classes = {definition.name for definition in family.definitions}
    pattern = rf"{any_of(classes)}\s*\.\s*{any_of(methods)}"
    for module in modules_matching(inference.project, classes if methods else (), pattern):
        for name in methods:
            for attribute, scope in module.bindings.attributes.get(name, ()):
                if isinstance(attribute.ctx, ast.Load) and _is_borrowed(
                    inference, family, module, attribute, scope.node
                ):
                    findings.leave_at(
                        module,
                        module.source.start(attribute),
                        f"{ast.unparse(attribute)}, whose code uses '{family.name}' on self, runs for another class",
                    )


def _methods_using(inference: Inference, family: Family) -> Iterator[str]:
    """Yield the methods of the family whose code has `self.name`."""
    for definition in family.definitions:
        module = definition.module
        for attribute, scope in module.bindings.attributes.get(family.name, ()):
            owner = scope
            while owner.parent is not None and owner.parent is not definition.scope:
                owner = owner.parent
            is_method = owner.parent is definition.scope and isinstance(attribute.value, ast.Name)
            if is_method and inference.self_values(module, attribute.value, scope):  # type: ignore[arg-type]
                yield str(getattr(owner.node, "name", ""))


def _is_borrowed(
    inference: Inference, family: Family, module: Module, attribute: ast.Attribute, block: ast.AST
) -> bool:
    values = inference.values(module, attribute.value)
    if not any(isinstance(value, ClassValue) and value.definition.key in family.keys for value in values):
        return False
    above = module.bindings.parents.get(attribute)
    if isinstance(above, ast.Assign) and isinstance(block, ast.ClassDef):
        return inference.project.class_definition(module, block).key not in family.keys
    if isinstance(above, ast.Assign):
        owners = [each.value for each in above.targets if isinstance(each, ast.Attribute)]
    elif isinstance(above, ast.Call) and above.func is attribute:
        owners = above.args[:1]
    else:
        return False
    return any(_is_other(family, value) for owner in owners for value in inference.values(module, owner))


def _is_other(family: Family, value: Value) -> bool:
    definition = class_of(value)
    is_known = isinstance(value, Instance | ClassValue) and definition is not None
    return is_known and definition is not None and not family.judge((value,), "").is_member


def report_registered(inference: Inference, family: Family, findings: Findings) -> None:
    """Report the member in each class that `Base.register(Other)` makes a virtual subclass of one of the family."""
    classes = {definition.name for definition in family.definitions}
    pattern = rf"{any_of(classes)}\s*\.\s*register(?!\w)"
    for module in modules_matching(inference.project, classes, pattern):
        for attribute, _ in module.bindings.attributes.get("register", ()):
            values = inference.values(module, attribute.value)
            if any(isinstance(each, ClassValue) and each.definition.key in family.keys for each in values):
                for definition in _registered(inference, module, attribute):
                    for binding in definition.scope.bindings.get(family.name, ())[:1]:
                        findings.leave(
                            definition.module,
                            binding.node,
                            f"{definition.name} is registered as a subclass at {module.path}:{attribute.lineno}",
                        )


def _registered(inference: Inference, module: Module, attribute: ast.Attribute) -> Iterator[ClassDefinition]:
    above = module.bindings.parents.get(attribute)
    if isinstance(above, ast.ClassDef):
        yield inference.project.class_definition(module, above)
    elif isinstance(above, ast.Call) and above.func is attribute and above.args:
        for value in inference.values(module, above.args[0]):
            if isinstance(value, ClassValue):
                yield value.definition


def report_dispatched(inference: Inference, module: Module, functions: set[str], findings: Findings) -> None:
    """Report the parameter in functions registered with a singledispatch function whose parameter is renamed."""
    for node, _ in module.bindings.functions:
        for decorator in node.decorator_list:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            if last_name(target) != "register" or not isinstance(target, ast.Attribute):
                continue
            if last_name(target.value) not in functions:
                continue
            for value in inference.values(module, target.value):
                is_dispatcher = isinstance(value, FunctionValue) and value.definition.node.name in functions
                for argument in [*node.args.args, *node.args.kwonlyargs] if is_dispatcher else ():
                    if argument.arg == findings.old:
                        findings.leave(
                            module,
                            argument,
                            f"parameter of a function registered with {last_name(target.value)}",
                        )
