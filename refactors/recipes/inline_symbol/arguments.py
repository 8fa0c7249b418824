"""Which argument of a call each parameter gets, by Python's rules."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.inline_symbol.purity import Purity


@dataclass(frozen=True, slots=True)
class Argument:
    """What a parameter gets: an expression of the call (`place` in order of evaluation), or a default (place -1)."""

    parameter: str
    node: ast.expr
    place: int

    @property
    def is_default(self) -> bool:
        return self.place < 0


def bound_arguments(
    function: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call, receiver: ast.expr | None
) -> list[Argument] | Doubt:
    """Return the argument of each parameter in order of evaluation; `receiver` is the first one of a method's."""
    positional = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    keywords = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
    given = [*([receiver] if receiver is not None else []), *call.args]
    if any(isinstance(each, ast.Starred) for each in given) or any(
        each.arg is None for each in call.keywords
    ):
        return Doubt("the call unpacks its arguments, so that it cannot be told which is which")
    if len(given) > len(positional):
        return Doubt("the call has more arguments than the function has parameters")
    found = dict(zip(positional, given, strict=False))
    for keyword in call.keywords:
        name = keyword.arg or ""
        if name not in keywords or name in found:
            return Doubt(f"the call's keyword '{name}' does not fit the function's parameters")
        found[name] = keyword.value
    order = sorted(found, key=lambda name: (found[name] is not receiver, _place(found[name])))
    arguments = [Argument(name, found[name], place) for place, name in enumerate(order)]
    defaults = _defaults(function)
    for name in (*positional, *(each.arg for each in function.args.kwonlyargs)):
        if name in found:
            continue
        if name not in defaults:
            return Doubt(f"the call gives no '{name}'")
        arguments.append(Argument(name, defaults[name], -1))
    return arguments


def _place(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _defaults(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, ast.expr]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    found = {each.arg: value for each, value in zip(with_default, arguments.defaults, strict=True)}
    for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if value is not None:
            found[each.arg] = value
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """One step in evaluating a body's expression: a parameter is read, or something happens.

    `state` depends on what happened before and changes nothing; `effect` may do anything.
    """

    kind: str
    name: str = ""
    node: ast.Name | None = None
    once: bool = True
    deferred: bool = False


def must_be_bound(
    arguments: Sequence[Argument], kinds: dict[str, Purity], steps: Sequence[Step]
) -> dict[str, str]:
    """Return the parameters whose arguments cannot stand where the parameters are used, with the reason.

    `kinds` say what each argument depends on; a `stable` one is a name that nothing in the body binds anew.
    """
    found: dict[str, str] = {}
    acting = {each.parameter for each in arguments if kinds[each.parameter] == "acting"}
    for argument in arguments:
        name, kind = argument.parameter, kinds[argument.parameter]
        uses = [index for index, step in enumerate(steps) if step.kind == "parameter" and step.name == name]
        if kind in ("constant", "stable"):
            continue
        if any(steps[index].deferred for index in uses):
            found[name] = "an inner function would evaluate it later"
        elif kind == "reading":
            looped = any(not steps[index].once for index in uses) and any(
                each.kind == "effect" for each in steps
            )
            if looped or any(step.kind == "effect" for index in uses for step in steps[:index]):
                found[name] = "something else would happen before it is evaluated"
        elif len(uses) != 1 or not steps[uses[0]].once:
            found[name] = "it would not be evaluated exactly once, and may have side effects"
        elif any(step.kind in ("effect", "state") for step in steps[: uses[0]]):
            found[name] = "something else would be evaluated before it, and it may have side effects"
    called = [
        each.parameter
        for each in arguments
        if not each.is_default and kinds[each.parameter] in ("reading", "acting")
    ]
    for index, first in enumerate(called):
        for second in called[index + 1 :]:
            if acting & {first, second} and not _all_before(steps, first, second):
                found.setdefault(first, "the arguments would be evaluated in another order")
    return found


def _all_before(steps: Sequence[Step], first: str, second: str) -> bool:
    ones = [index for index, step in enumerate(steps) if step.kind == "parameter" and step.name == first]
    others = [index for index, step in enumerate(steps) if step.kind == "parameter" and step.name == second]
    return not ones or not others or max(ones) < min(others)
