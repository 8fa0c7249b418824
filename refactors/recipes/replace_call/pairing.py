"""Which argument of a call goes with which of the pattern: by position, by keyword, and the rest."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.replace_call.metavariables import (
    ANYTHING,
    REST,
    Argument,
    Captures,
    kind_of_rest,
    metavariable,
    plain_name,
)

Pairs: TypeAlias = list[tuple[ast.expr, ast.expr]]
OTHER_WAY = "an argument that the pattern takes by position may be passed by keyword, or the other way"


def pair_arguments(
    expected: ast.Call, call: ast.Call, captures: Captures, parameters: Sequence[str] | None = None
) -> Pairs | Doubt | None:
    """Pair each argument of the pattern with one of the call; what is left goes to the pattern's rest.

    `parameters` are the names of the callee's, in order, that take an argument by position or keyword.
    """
    named = {each.arg: each.value for each in expected.keywords}
    given = {each.arg: each.value for each in call.keywords}
    places = [index for index, each in enumerate(expected.args) if metavariable(each, REST) is not None]
    if not places:
        return _pair_exactly(expected, call, named, given, parameters)
    before, after = expected.args[: places[0]], expected.args[places[-1] + 1 :]
    spread = any(isinstance(each, ast.Starred) for each in call.args)
    extra = [each for each in call.keywords if each.arg not in named]
    missing = [name for name in named if name not in given]
    if missing:
        if spread or None in given or len(call.args) > len(before) + len(after):
            return Doubt(f"'{missing[0]}' may be passed by position or in unpacked arguments")
        return None
    if len(call.args) < len(before) + len(after):
        if spread or extra:
            return Doubt("an argument that the pattern takes by position may be passed by keyword")
        return None
    end = len(call.args) - len(after)
    pairs = [*zip(before, call.args, strict=False), *zip(after, call.args[end:], strict=True)]
    if any(
        isinstance(actual, ast.Starred) and not isinstance(wanted, ast.Starred) for wanted, actual in pairs
    ):
        return Doubt("unpacked arguments stand where the pattern takes one")
    names = [metavariable(expected.args[place], REST) or ANYTHING for place in places]
    if not _share(names, call.args[len(before) : end], extra, captures):
        return None
    return [*pairs, *((value, given[keyword]) for keyword, value in named.items())]


def _share(
    names: Sequence[str], positional: Sequence[ast.expr], keywords: Sequence[ast.keyword], captures: Captures
) -> bool:
    """Give the arguments that are left to the names for many; False if some are of a kind that none takes."""
    kinds = {kind_of_rest(name) for name in names}
    if (positional and kinds == {"keywords"}) or (keywords and kinds == {"positional"}):
        return False
    for name in names:
        kind = kind_of_rest(name)
        taken: list[Argument] = [*positional] if kind != "keywords" else []
        taken += keywords if kind != "positional" else []
        taken.sort(key=lambda each: (each.lineno, each.col_offset))
        if plain_name(name) == ANYTHING:
            captures.dropped += [each.value if isinstance(each, ast.keyword) else each for each in taken]
        captures.rest[name] = taken
    return True


def _pair_exactly(
    expected: ast.Call,
    call: ast.Call,
    named: Mapping[str | None, ast.expr],
    given: Mapping[str | None, ast.expr],
    parameters: Sequence[str] | None,
) -> Pairs | Doubt | None:
    unpacks = any(isinstance(each, ast.Starred) for each in expected.args) or None in named
    if not unpacks and (None in given or any(isinstance(each, ast.Starred) for each in call.args)):
        return Doubt("unpacked arguments stand where the pattern takes one")
    if len(call.keywords) + len(call.args) != len(expected.keywords) + len(expected.args):
        return None
    if len(call.args) != len(expected.args):
        if parameters is None or unpacks:
            return Doubt(OTHER_WAY)
        wanted, actual = _by_name(expected, parameters), _by_name(call, parameters)
        if wanted is None or actual is None:
            return Doubt(OTHER_WAY)
        if wanted.keys() != actual.keys():
            return None
        return [(value, actual[name]) for name, value in wanted.items()]
    if named.keys() != given.keys():
        return None
    return [
        *zip(expected.args, call.args, strict=True),
        *((value, given[keyword]) for keyword, value in named.items()),
    ]


def _by_name(call: ast.Call, parameters: Sequence[str]) -> dict[str, ast.expr] | None:
    """Return the arguments by the names of the parameters that get them; None for too many."""
    if len(call.args) > len(parameters):
        return None
    found = dict(zip(parameters, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg in found:
            return None
        found[keyword.arg] = keyword.value
    return found
