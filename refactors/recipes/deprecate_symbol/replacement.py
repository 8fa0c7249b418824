"""Whether the replacement does the same, so that a use of the old name can be one of the new: shown by delegation."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.annotations import last_name
from overhaul.refactors.delegation import forwarded_arguments
from overhaul.refactors.docstrings import docstring_of
from overhaul.refactors.inference import Inference
from overhaul.refactors.recipes.deprecate_symbol.definitions import bindings_of, is_deprecation
from overhaul.refactors.recipes.rename_symbol.usages import Usages
from overhaul.refactors.references import meanings
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.symbols.target import MemberTarget, Target, VariableTarget

# `getattr(x, "name")`, `monkeypatch.setattr(x, "name", y)`, `mock.patch.object(x, "name")`
_BY_NAME = frozenset({"getattr", "setattr", "delattr", "hasattr", "object", "patch"})


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a use of the old symbol may become: a name of the same module, or of the same class, as the symbol's."""

    target: VariableTarget | MemberTarget

    @property
    def name(self) -> str:
        return self.target.name


def proved_replacement(inference: Inference, old: Target, new: Target | None) -> Replacement | None:
    """Return the replacement if the symbol only hands its own parameters on to it."""
    if not isinstance(old, VariableTarget | MemberTarget) or type(old) is not type(new):
        return None
    assert isinstance(new, VariableTarget | MemberTarget)  # noqa: S101 - of the same type
    node, other = _only_function(old), _only_function(new)
    if node is None or other is None or node.decorator_list or other.decorator_list:
        return None
    if type(node) is not type(other) or bindings_of(old)[0] is not bindings_of(new)[0]:
        return None
    call = _delegated_call(node)
    if call is None or not _hands_on(node, other, call, isinstance(old, MemberTarget)):
        return None
    if isinstance(old, VariableTarget) or isinstance(new, VariableTarget):
        module, _ = bindings_of(old)
        meant = meanings(inference.project, module, call.func, module.bindings.scopes[node])
        return Replacement(new) if list(meant) == [new.symbol] else None
    return Replacement(new) if _calls_sibling(inference, old, new, node, call) else None


def stand_in_place(inference: Inference, usages: Usages, name: str) -> str:
    """Return where something else may be put in the symbol's place, as mocks are; empty if nowhere.

    It would no longer be called by uses that are moved.
    """
    for usage in usages.proved:
        if isinstance(usage.node, ast.Attribute) and not isinstance(usage.node.ctx, ast.Load):
            return f"{usage.module.path}:{usage.node.lineno}"
    for module in inference.project.containing([name]):
        for constant, _ in module.bindings.strings:
            above = module.bindings.parents.get(constant)
            value = str(constant.value)
            is_path = value.endswith(f".{name}") and all(part.isidentifier() for part in value.split("."))
            is_argument = isinstance(above, ast.Call) and last_name(above.func) in _BY_NAME
            if is_path or (value == name and is_argument):
                return f"{module.path}:{constant.lineno}"
    return ""


def _only_function(target: VariableTarget | MemberTarget) -> FunctionNode | None:
    _, bindings = bindings_of(target)
    node = bindings[0].node if len(bindings) == 1 else None
    return node if isinstance(node, FunctionNode) else None


def _delegated_call(node: FunctionNode) -> ast.Call | None:
    body: Sequence[ast.stmt] = node.body[1:] if docstring_of(node) is not None else node.body
    body = [each for each in body if not is_deprecation(each)]
    value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    if isinstance(node, ast.AsyncFunctionDef):
        value = value.value if isinstance(value, ast.Await) else None
    return value if isinstance(value, ast.Call) else None


def _hands_on(node: FunctionNode, other: FunctionNode, call: ast.Call, is_method: bool) -> bool:
    """Whether a call gives every argument that comes to the parameter that would have got it."""
    arguments = node.args
    expected = ast.parse(
        f"f({forwarded_arguments(_without_first(arguments) if is_method else arguments)})"
    ).body[0]
    assert isinstance(expected, ast.Expr) and isinstance(expected.value, ast.Call)  # noqa: S101, PT018
    given = [ast.dump(each) for each in [*call.args, *call.keywords]]
    if given != [ast.dump(each) for each in [*expected.value.args, *expected.value.keywords]]:
        return False
    return _shape(arguments) == _shape(other.args)


def _without_first(arguments: ast.arguments) -> ast.arguments:
    if arguments.posonlyargs:
        return ast.arguments(**{**dict(ast.iter_fields(arguments)), "posonlyargs": arguments.posonlyargs[1:]})
    return ast.arguments(**{**dict(ast.iter_fields(arguments)), "args": arguments.args[1:]})


def _shape(arguments: ast.arguments) -> object:
    """What must be equal: names, kinds, and defaults that are constants; a computed default is equal to none."""
    defaults = [*arguments.defaults, *arguments.kw_defaults]
    if not all(each is None or isinstance(each, ast.Constant) for each in defaults):
        return object()
    return (
        [each.arg for each in arguments.posonlyargs],
        [each.arg for each in arguments.args],
        [each.arg for each in arguments.kwonlyargs],
        arguments.vararg and arguments.vararg.arg,
        arguments.kwarg and arguments.kwarg.arg,
        [each and ast.dump(each) for each in arguments.defaults],
        [each and ast.dump(each) for each in arguments.kw_defaults],
    )


def _calls_sibling(
    inference: Inference, old: MemberTarget, new: MemberTarget, node: FunctionNode, call: ast.Call
) -> bool:
    """Whether a method calls the other one of its own class on itself, and no class has a method of its own for it."""
    first = [*node.args.posonlyargs, *node.args.args][:1]
    function = call.func
    if not (first and isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return False
    if function.value.id != first[0].arg or function.attr != new.name or old.definition != new.definition:
        return False
    return len(Family.around(inference, old.definition, old.name).defining()) == 1
