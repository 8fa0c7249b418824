"""What a call gives: an instance of the class, or the function's declared or returned values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overhaul.refactors.annotations import last_name
from overhaul.refactors.assignments import iterated_values
from overhaul.refactors.containers import method_result
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.decorators import handed_values
from overhaul.refactors.fixtures import fixtures_of, parametrised_values
from overhaul.refactors.modules import Location
from overhaul.refactors.scopes import all_arguments
from overhaul.refactors.standard_library import gives_own_objects, is_class
from overhaul.refactors.values import (
    BuiltinMethod,
    ClassDefinition,
    ClassValue,
    External,
    FunctionDefinition,
    FunctionValue,
    Instance,
    ModuleValue,
    Super,
    Unknown,
    Value,
    Values,
    builtin,
    union,
)

if TYPE_CHECKING:
    from overhaul.refactors.inference import Inference
    from overhaul.refactors.project import Module
    from overhaul.refactors.scopes import FunctionNode

_SAME_ELEMENTS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter"})
_TAKES_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


def call_values(
    inference: Inference, function: Value, module: Module | None = None, node: ast.Call | None = None
) -> Values:
    """Return what calling a value gives; `node` is the call, if there is one in the code."""
    if isinstance(function, ClassValue):
        return union((Instance(function.definition),), *_made_instead(inference, function))
    if isinstance(function, FunctionValue):
        return _function_result(inference, function)
    if isinstance(function, External):
        return _external_result(inference, function.name, module, node)
    if isinstance(function, BuiltinMethod):
        return method_result(function)
    if isinstance(function, Instance):
        if function.of == "functools.partial" and function.arguments:
            return union(*(call_values(inference, each) for each in function.arguments[0]))
        if function.of == "typing.Callable" and function.arguments:
            return function.arguments[0]
        if isinstance(function.of, ClassDefinition):
            return union(
                *(
                    inference.result(each)
                    if isinstance(each, FunctionValue)
                    else (Unknown("the result of a call"),)
                    for each in inference.member_values(function, "__call__")
                )
            )
    return (function if isinstance(function, Unknown) else Unknown("the result of a call"),)


def _made_instead(inference: Inference, made: ClassValue) -> Iterator[Values]:
    """Yield the objects of other classes that `__new__`, or a metaclass's `__call__`, is seen to give back."""
    hierarchy = inference.hierarchy
    metaclasses = [
        value
        for each in hierarchy.ancestry(made.definition).classes
        for keyword in each.node.keywords
        if keyword.arg == "metaclass"
        for value in inference.values(each.module, keyword.value)
    ]
    makers = [(made, "__new__"), *((value, "__call__") for value in metaclasses)]
    for owner, name in makers:
        if isinstance(owner, ClassValue) and hierarchy.provider(owner.definition, name) is not None:
            for method in inference.member_values(owner, name):
                results = call_values(inference, method) if isinstance(method, FunctionValue) else ()
                yield tuple(
                    each
                    for each in results
                    if isinstance(each, Instance) and isinstance(each.of, ClassDefinition)
                )


def _external_result(inference: Inference, name: str, module: Module | None, node: ast.Call | None) -> Values:
    short = name.rpartition(".")[2]
    arguments = [inference.values(module, each) for each in node.args] if module and node else []
    if module and node and short == "cast" and name.startswith("typing") and node.args:
        return declared_values(inference, module, node.args[0])
    if name == "importlib.import_module" and module and node:
        return _imported_module(inference, module, node)
    if name == "builtins.enumerate" and arguments:
        item: Values = (
            Instance("builtins.tuple", (builtin("int"), iterated_values(inference, arguments[0]))),
        )
        return builtin("list", item)
    if name == "builtins.zip":
        item = (Instance("builtins.tuple", tuple(iterated_values(inference, each) for each in arguments)),)
        return builtin("list", item)
    if name.startswith("builtins.") and short in _SAME_ELEMENTS:
        taken = arguments[-1:]
        return (
            builtin("list", *(iterated_values(inference, each) for each in taken))
            if taken
            else builtin(short)
        )
    if name == "builtins.next" and arguments:
        return iterated_values(inference, arguments[0])
    if name == "functools.partial" and arguments:
        return (Instance(name, (arguments[0],)),)
    if name in ("copy.copy", "copy.deepcopy", "dataclasses.replace") and arguments:
        return arguments[0]
    if gives_own_objects(name) or is_class(name):
        return (Instance(name),)
    # By convention a capital letter is a class; a lower-case function outside the tree may give back anything.
    if short[:1].isupper():
        return (Instance(name),)
    return (Unknown(f"the result of {name}, which is outside the tree"),)


def _imported_module(inference: Inference, module: Module, node: ast.Call) -> Values:
    if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
        found = inference.project.absolute(module, node.args[0].value)
        if isinstance(found, Location):
            return (ModuleValue(found),)
        if found:
            return (External(found),)
    return (Unknown("a module imported by a computed name"),)


def _function_result(inference: Inference, function: FunctionValue) -> Values:
    definition = function.definition
    own = _own_class(function)
    result = inference.guarded(
        ("result", definition.node, own), lambda: _declared_or_returned(inference, definition, own)
    )
    names = {
        last_name(each.func if isinstance(each, ast.Call) else each)
        for each in definition.node.decorator_list
    }
    if names & {"contextmanager", "asynccontextmanager"}:
        return (Instance("contextlib.AbstractContextManager", (result,)),)
    if isinstance(definition.node, ast.AsyncFunctionDef) and not is_generator(definition.node):
        return (Instance("typing.Coroutine", (result,)),)
    if definition.node.returns is None:
        return union(result, *_overriding_results(inference, function))
    return result


def _overriding_results(inference: Inference, function: FunctionValue) -> Iterator[Values]:
    """Yield what the overrides in subclasses give: an instance may be of one, and nothing declares the result."""
    receiver, name = function.receiver, function.definition.node.name
    if not isinstance(receiver, Instance | ClassValue) or name.startswith("__"):
        return
    own = receiver.of if isinstance(receiver, Instance) else receiver.definition
    if not isinstance(own, ClassDefinition):
        return
    for each in inference.hierarchy.descendants(own):
        for binding in each.scope.bindings.get(name, ()):
            if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
                definition = inference.project.function_definition(each.module, binding.node)
                yield inference.guarded(
                    ("result", definition.node, each),
                    lambda found=definition, own=each: _declared_or_returned(inference, found, own),  # type: ignore[misc]
                )


def _own_class(function: FunctionValue) -> ClassDefinition | None:
    receiver = function.receiver
    if isinstance(receiver, Instance) and isinstance(receiver.of, ClassDefinition):
        return receiver.of
    if isinstance(receiver, ClassValue | Super):
        return receiver.definition
    return function.definition.owner


def _declared_or_returned(
    inference: Inference, definition: FunctionDefinition, own: ClassDefinition | None
) -> Values:
    node, module = definition.node, definition.module
    if node.returns is not None:
        declared = _bound_to_receiver(node, own) or declared_values(inference, module, node.returns, own)
        if is_generator(node) and declared and isinstance(declared[0], Instance) and declared[0].arguments:
            is_manager = any("contextmanager" in last_name(_decorator(each)) for each in node.decorator_list)
            return declared[0].arguments[0] if is_manager else declared
        return declared
    comment = _signature_comment(inference, definition)
    if comment is not None:
        return comment
    if is_generator(node):
        yielded = union(*(inference.values(module, each) for each in yielded_expressions(node)))
        is_manager = any("contextmanager" in last_name(_decorator(each)) for each in node.decorator_list)
        return yielded if is_manager else builtin("generator", yielded)
    return union(*(_returned(inference, definition, each, own) for each in returned_expressions(node)))


def _decorator(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _bound_to_receiver(node: FunctionNode, own: ClassDefinition | None) -> Values:
    """Read `def copy(self: T) -> T` and `def make(cls: type[T]) -> T`, Self as it was written before 3.11."""
    positional = [*node.args.posonlyargs, *node.args.args]
    if (
        own is None
        or not positional
        or positional[0].annotation is None
        or not isinstance(node.returns, ast.Name)
    ):
        return ()
    first = positional[0].annotation
    name = last_name(first.slice) if isinstance(first, ast.Subscript) else last_name(first)
    return (Instance(own),) if name == node.returns.id else ()


def _returned(
    inference: Inference, definition: FunctionDefinition, value: ast.expr, own: ClassDefinition | None
) -> Values:
    """Return a returned expression's values; `self` is of the receiver's class."""
    found = inference.values(definition.module, value)
    owner = definition.owner
    if own is None or owner is None:
        return found
    return tuple(Instance(own) if isinstance(each, Instance) and each.of == owner else each for each in found)


def _signature_comment(inference: Inference, definition: FunctionDefinition) -> Values | None:
    """Read the result's type of `# type: (int) -> User` on the line below or beside the def."""
    node, module = definition.node, definition.module
    if not module.bindings.comment_scopes:
        return None
    first = node.body[0].lineno
    lines = [each for each in module.bindings.comment_scopes if node.lineno <= each.lineno < first]  # type: ignore[attr-defined]
    results = [each for each in lines if isinstance(each, ast.expr)]
    return declared_values(inference, module, results[-1], definition.owner) if results else None


def _own_nodes(node: FunctionNode) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(node.body)
    while pending:
        current = pending.pop()
        yield current
        if not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(current)


def is_generator(node: FunctionNode) -> bool:
    return any(isinstance(each, ast.Yield | ast.YieldFrom) for each in _own_nodes(node))


def returned_expressions(node: FunctionNode) -> list[ast.expr]:
    return [
        each.value for each in _own_nodes(node) if isinstance(each, ast.Return) and each.value is not None
    ]


def yielded_expressions(node: FunctionNode) -> list[ast.expr]:
    return [each.value for each in _own_nodes(node) if isinstance(each, ast.Yield) and each.value is not None]


def parameter_values(inference: Inference, module: Module, node: ast.arg) -> Values:
    """Return what a parameter may be: `self`, its annotation, or the pytest fixture of its name."""
    function = module.bindings.parents[node]
    if isinstance(function, ast.Lambda):
        return (Unknown(f"parameter '{node.arg}' of a lambda"),)
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return (Unknown(f"parameter '{node.arg}'"),)
    if node is function.args.vararg or node is function.args.kwarg:
        declared = declared_values(inference, module, node.annotation) if node.annotation else ()
        elements: Values = declared or (Unknown(f"an element of '{node.arg}'"),)
        return (
            builtin("tuple", elements)
            if node is function.args.vararg
            else builtin("dict", builtin("str"), elements)
        )
    definition = inference.project.function_definition(module, function)
    receiver = _receiver(definition, node)
    if receiver is not None:
        return receiver
    if node.annotation is not None:
        return declared_values(inference, module, node.annotation, definition.owner)
    fixtures = fixtures_of(inference, module, function, node.arg)
    if fixtures:
        return union(*(_fixture_result(inference, fixture) for fixture in fixtures))
    parametrised = parametrised_values(inference, module, function, node.arg)
    if parametrised:
        return parametrised
    inherited = _overridden(inference, definition, node)
    if inherited:
        return inherited
    given = handed_values(inference, module, function, node)
    if given:
        return given
    return (Unknown(f"parameter '{node.arg}' has no annotation"),)


def _receiver(definition: FunctionDefinition, node: ast.arg) -> Values | None:
    function, owner = definition.node, definition.owner
    positional = [*function.args.posonlyargs, *function.args.args]
    if owner is None or not positional or positional[0] is not node:
        return None
    decorators = {last_name(_decorator(each)) for each in function.decorator_list}
    if "staticmethod" in decorators:
        return None
    if "classmethod" in decorators or function.name in _TAKES_CLASS:
        return (ClassValue(owner),)
    return (Instance(owner),)


def _overridden(inference: Inference, definition: FunctionDefinition, node: ast.arg) -> Values:
    """Return what the method that this one overrides declares for the parameter of the same name."""
    owner, name = definition.owner, definition.node.name
    if owner is None:
        return ()
    for base in inference.hierarchy.ancestry(owner).classes[1:]:
        for binding in base.scope.bindings.get(name, ()):
            if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
                for argument in all_arguments(binding.node.args):
                    if argument.arg == node.arg and argument.annotation is not None:
                        return declared_values(inference, base.module, argument.annotation, owner)
    return ()


def _fixture_result(inference: Inference, fixture: FunctionDefinition) -> Values:
    node, module = fixture.node, fixture.module
    if not is_generator(node):
        result = _declared_or_returned(inference, fixture, fixture.owner)
        return result or (Unknown(f"fixture '{node.name}' returns nothing that can be read"),)
    if node.returns is not None:
        declared = declared_values(inference, module, node.returns)
        return iterated_values(inference, declared)
    return union(*(inference.values(module, each) for each in yielded_expressions(node)))
