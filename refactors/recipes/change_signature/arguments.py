"""The arguments of a call, and which parameter each one reaches by Python's rules (language reference, 6.3.4)."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.change_signature.signature import (
    Kind,
    Parameter,
    Signature,
    by_name,
    of_kind,
    positional,
)


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """One argument of a call: its value, its keyword, its stars. `whole` is the node with keyword or star."""

    value: ast.expr
    keyword: str | None
    stars: Literal["", "*", "**"]
    whole: ast.expr | ast.keyword


def arguments_of_call(call: ast.Call) -> list[Argument]:
    """Return the arguments in the order of the text."""
    found = []
    for each in call.args:
        if isinstance(each, ast.Starred):
            found.append(Argument(each.value, None, "*", each))
        else:
            found.append(Argument(each, None, "", each))
    found += [Argument(each.value, each.arg, "" if each.arg else "**", each) for each in call.keywords]
    return sorted(found, key=lambda each: (each.whole.lineno, each.whole.col_offset))


@dataclass(slots=True)
class Bound:
    """What reaches what. `count` is the number of arguments by position before the first `*`.

    `is_open` says that more may come by position (a `*`, or a partial that is called later), `has_mapping` that
    more may come by name; `keys` are the keys of `**{...}` displays, None if they cannot be read.
    """

    by_parameter: dict[str, Argument] = field(default_factory=dict)
    overflow: list[Argument] = field(default_factory=list)
    extra: list[Argument] = field(default_factory=list)
    mappings: list[Argument] = field(default_factory=list)
    count: int = 0
    is_open: bool = False
    has_mapping: bool = False
    is_partial: bool = False


def bind(signature: Signature, arguments: Sequence[Argument], is_partial: bool) -> Bound | Doubt:
    """Bind the arguments of a call to the parameters, or say why they do not fit."""
    bound = Bound(is_open=is_partial, has_mapping=is_partial, is_partial=is_partial)
    places, stars = positional(signature), of_kind(signature, Kind.VAR_POSITIONAL)
    starred = False
    for argument in arguments:
        if argument.keyword is not None or argument.stars == "**":
            continue
        if argument.stars == "*" or starred:
            starred = bound.is_open = True
            bound.overflow.append(argument)
        elif bound.count < len(places):
            bound.by_parameter[places[bound.count].name] = argument
            bound.count += 1
        elif stars is not None:
            bound.overflow.append(argument)
            bound.count += 1
        else:
            return Doubt(f"it passes more than {len(places)} arguments by position")
    for argument in arguments:
        doubt = _bind_by_name(signature, argument, bound)
        if doubt is not None:
            return doubt
    return bound


def _bind_by_name(signature: Signature, argument: Argument, bound: Bound) -> Doubt | None:
    if argument.stars == "**":
        bound.mappings.append(argument)
        bound.has_mapping = True
    if argument.keyword is None:
        return None
    parameter = by_name(signature, argument.keyword)
    if parameter is not None and parameter.kind.takes_keyword:
        if parameter.name in bound.by_parameter:
            return Doubt(f"it passes '{parameter.name}' twice")
        bound.by_parameter[parameter.name] = argument
    elif of_kind(signature, Kind.VAR_KEYWORD) is not None:
        bound.extra.append(argument)
    else:
        return Doubt(f"the function has no parameter '{argument.keyword}'")
    return None


def may_be_mapped(parameter: Parameter, bound: Bound) -> bool:
    """Tell whether a parameter may get its value from a `**` whose keys are not seen."""
    if parameter.name in bound.by_parameter or not parameter.kind.takes_keyword or not bound.has_mapping:
        return False
    keys = known_keys(bound)
    return keys is None or parameter.name in keys


def known_keys(bound: Bound) -> set[str] | None:
    """Return the keys of all `**{...}` of a call, or None if some cannot be read."""
    if bound.is_partial:
        return None
    keys: set[str] = set()
    for each in bound.mappings:
        display = each.value
        if isinstance(display, ast.Call) and isinstance(display.func, ast.Name) and display.func.id == "dict":
            if display.args or any(keyword.arg is None for keyword in display.keywords):
                return None
            keys |= {keyword.arg for keyword in display.keywords if keyword.arg}
        elif isinstance(display, ast.Dict) and all(isinstance(key, ast.Constant) for key in display.keys):
            keys |= {str(key.value) for key in display.keys if isinstance(key, ast.Constant)}
        else:
            return None
    return keys
