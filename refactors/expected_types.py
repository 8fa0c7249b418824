"""What the place of an expression is declared to take: a parameter's annotation, a result's, an element's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overhaul.refactors.annotations import decorator_names
from overhaul.refactors.assignments import is_declared, iterated_values
from overhaul.refactors.containers import MAPPINGS
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.values import (
    ClassDefinition,
    ClassValue,
    External,
    FunctionDefinition,
    FunctionValue,
    Instance,
    Value,
    Values,
    class_of,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module

_ADDING = frozenset({"append", "add", "appendleft", "insert"})
_DEPTH = 6


def destinations(
    inference: Inference, module: Module, node: ast.expr, depth: int = _DEPTH
) -> Iterator[Values]:
    """Yield what the places that an expression's value goes to are declared to take, through local variables."""
    expected = expected_values(inference, module, node)
    if expected:
        yield expected
    if depth == 0:
        return
    above = module.bindings.parents.get(node)
    targets: list[ast.expr] = above.targets if isinstance(above, ast.Assign) else []
    targets = [above.target] if isinstance(above, ast.NamedExpr) else targets
    for target in targets:
        for use in _uses(module, target):
            yield from destinations(inference, module, use, depth - 1)
    if isinstance(above, ast.Return | ast.Yield):
        for use in _results(module, node):
            yield from destinations(inference, module, use, depth - 1)


def _uses(module: Module, target: ast.expr) -> Iterator[ast.expr]:
    """Yield the reads of a variable in its file, or of an attribute of the same name there."""
    if isinstance(target, ast.Name):
        owner = module.bindings.scope_of(target).lookup(target.id)
        for use, scope in module.bindings.names.get(target.id, ()):
            if isinstance(use.ctx, ast.Load) and scope.lookup(target.id, use) is owner:
                yield use
    elif isinstance(target, ast.Attribute):
        for attribute, _ in module.bindings.attributes.get(target.attr, ()):
            if isinstance(attribute.ctx, ast.Load):
                yield attribute


def _results(module: Module, node: ast.expr) -> Iterator[ast.expr]:
    """Yield the calls, in its file, of the function that returns an expression; a fixture's is its parameter."""
    scope = module.bindings.scope_of(node)
    function = scope.node
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    names = [
        *module.bindings.names.get(function.name, ()),
        *module.bindings.attributes.get(function.name, ()),
    ]
    for use, place in names:
        call = module.bindings.parents.get(use)
        if isinstance(call, ast.Call) and call.func is use:
            yield call
        owner = place.lookup(function.name) if isinstance(use, ast.Name) else None
        if "fixture" in decorator_names(function) and owner is not None and owner.kind == "function":
            yield use


def expected_values(inference: Inference, module: Module, node: ast.expr) -> Values:
    """Return what the place of an expression is declared to take, or nothing."""
    above = module.bindings.parents.get(node)
    if isinstance(above, ast.AnnAssign) and above.value is node:
        return inference.binding_values_of(module, above.target)
    if isinstance(above, ast.keyword):
        call = module.bindings.parents.get(above)
        is_named = isinstance(call, ast.Call) and above.arg is not None
        return _argument(inference, module, call, above.arg) if is_named else ()  # type: ignore[arg-type]
    if isinstance(above, ast.Call) and node in above.args:
        before = above.args[: above.args.index(node)]
        is_placed = not any(isinstance(each, ast.Starred) for each in before)
        return _argument(inference, module, above, len(before)) if is_placed else ()
    if isinstance(above, ast.Return):
        return _result(inference, module, node)
    if isinstance(above, ast.Assign) and above.value is node:
        return union(*(_target(inference, module, target) for target in above.targets))
    if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
        return _default(inference, module, above.args, node)
    return _inside(inference, module, node, above) if isinstance(above, ast.expr) else ()


def _inside(inference: Inference, module: Module, node: ast.expr, above: ast.expr) -> Values:
    """Return what is expected of a part of an expression."""
    is_alternative = isinstance(above, ast.BoolOp | ast.NamedExpr | ast.Await) or (
        isinstance(above, ast.IfExp) and node is not above.test
    )
    if is_alternative:
        return expected_values(inference, module, above)
    if isinstance(above, ast.Tuple):
        index = above.elts.index(node)
        return union(
            *(
                each.arguments[index]
                if isinstance(each, Instance)
                and each.of == "builtins.tuple"
                and index < len(each.arguments) > 1
                else iterated_values(inference, (each,))
                for each in expected_values(inference, module, above)
            )
        )
    if isinstance(above, ast.List | ast.Set | ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return iterated_values(inference, expected_values(inference, module, above))
    if isinstance(above, ast.Dict) and node in above.values:
        key = above.keys[above.values.index(node)]
        expected = expected_values(inference, module, above)
        return union(*(_item(inference, value, key) for value in expected))
    if isinstance(above, ast.DictComp) and node is above.value:
        return union(*(_item(inference, value, None) for value in expected_values(inference, module, above)))
    return ()


def _item(inference: Inference, value: Value, key: ast.expr | None) -> Values:
    if not isinstance(value, Instance):
        return ()
    if isinstance(value.of, ClassDefinition):  # a TypedDict
        name = key.value if isinstance(key, ast.Constant) else None
        return inference.member_values(value, name) if isinstance(name, str) else ()
    is_mapping = value.of.rpartition(".")[2] in MAPPINGS
    return value.arguments[1] if is_mapping and len(value.arguments) > 1 else ()


def _target(inference: Inference, module: Module, target: ast.expr) -> Values:
    if isinstance(target, ast.Attribute):
        values = inference.values(module, target.value)
        return union(
            *(
                inference.member_values(value, target.attr)
                for value in values
                if _declares(inference, value, target.attr)
            )
        )
    if isinstance(target, ast.Subscript):
        values = inference.values(module, target.value)
        return union(*(_item(inference, value, target.slice) for value in values))
    if not isinstance(target, ast.Name):
        return ()
    owner = module.bindings.scope_of(target).lookup(target.id)
    bindings = owner.bindings[target.id] if owner is not None else []
    declared = [each for each in bindings if is_declared(module, each.node)]
    return inference.binding_union(module, declared) if declared else ()


def _declares(inference: Inference, value: Value, name: str) -> bool:
    """Tell whether an attribute's type is declared, rather than inferred from what is assigned."""
    definition = class_of(value)
    owner = inference.hierarchy.provider(definition, name) if definition is not None else None
    if owner is None:
        return False
    nodes = [binding.node for binding in owner.scope.bindings.get(name, ())]
    nodes += inference.hierarchy.instance_stores(owner, name)
    return any(is_declared(owner.module, node) for node in nodes)


def _result(inference: Inference, module: Module, node: ast.expr) -> Values:
    function = module.bindings.scope_of(node).node
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or function.returns is None:
        return ()
    definition = inference.project.function_definition(module, function)
    return declared_values(inference, module, function.returns, definition.owner)


def _default(inference: Inference, module: Module, arguments: ast.arguments, node: ast.expr) -> Values:
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(positional), reversed(arguments.defaults), strict=False)]
    pairs += [
        (argument, default)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    ]
    annotation = next((argument.annotation for argument, default in pairs if default is node), None)
    return declared_values(inference, module, annotation) if annotation is not None else ()


def _argument(inference: Inference, module: Module, call: ast.Call, place: int | str) -> Values:
    """Return what the called functions declare for an argument, by its index or keyword."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in _ADDING:
        receivers = inference.values(module, call.func.value)
        added = [each.arguments[0] for each in receivers if isinstance(each, Instance) and each.arguments]
        if added:
            return union(*added)
    return union(
        *(_declared(inference, module, call, value, place) for value in inference.values(module, call.func))
    )


def _declared(inference: Inference, module: Module, call: ast.Call, value: Value, place: int | str) -> Values:
    if isinstance(value, External) and value.name == "typing.cast" and place == 1:
        return declared_values(inference, module, call.args[0])
    if isinstance(value, FunctionValue):
        names = decorator_names(value.definition.node)
        is_bound = isinstance(value.receiver, Instance) or "classmethod" in names
        return _parameter(inference, value.definition, place, is_bound and "staticmethod" not in names)
    if isinstance(value, ClassValue):
        owner = inference.hierarchy.provider(value.definition, "__init__")
        if owner is None:
            return _field(inference, value.definition, place)
        for binding in owner.scope.bindings.get("__init__", ()):
            if isinstance(binding.node, ast.FunctionDef):
                definition = inference.project.function_definition(owner.module, binding.node)
                return _parameter(inference, definition, place, True)
    return ()


def _parameter(
    inference: Inference, definition: FunctionDefinition, place: int | str, is_bound: bool
) -> Values:
    arguments = definition.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    found: ast.arg | None
    if isinstance(place, int):
        index = place + is_bound
        found = positional[index] if index < len(positional) else arguments.vararg
    else:
        named = [each for each in [*positional, *arguments.kwonlyargs] if each.arg == place]
        found = named[0] if named else arguments.kwarg
    if found is None or found.annotation is None:
        return ()
    return declared_values(inference, definition.module, found.annotation, definition.owner)


def _field(inference: Inference, definition: ClassDefinition, place: int | str) -> Values:
    """Return the declared type of a dataclass's or named tuple's field."""
    if isinstance(place, int):
        fields = [
            each.target.id
            for each in definition.node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        ]
        if place >= len(fields):
            return ()
        place = fields[place]
    if inference.hierarchy.provider(definition, place) is None:
        return ()
    return inference.member_values(Instance(definition), place)
