"""A call written with metavariables, and the calls that it matches.

`$X` stands for one expression, `$$$REST` (or `$$REST`) for any number of arguments, `$*ARGS` for those by position,
`$**KEYWORDS` for those by keyword, `$_` for anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.imports import dotted_names
from overhaul.refactors.recipes.replace_call.metavariables import (
    ANYTHING,
    REST,
    Captures,
    kind_of_rest,
    metavariable,
    metavariables,
    parse_with_metavariables,
    plain_name,
)
from overhaul.refactors.recipes.replace_call.pairing import pair_arguments

_IGNORED_FIELDS = frozenset({"ctx", "kind", "type_comment"})

# Whether a name in the pattern and an expression in the code mean the same.
SameName: TypeAlias = Callable[[ast.expr, ast.expr], bool]


@dataclass(frozen=True, slots=True)
class CallPattern:
    """A parsed pattern: either `callee` is a dotted name, or `method` is called on another expression."""

    call: ast.Call
    callee: str | None
    method: str | None
    one: frozenset[str]
    rest: frozenset[str]

    @property
    def has_known_receiver(self) -> bool:
        """Whether a method is called on what a name gives: `asyncio.get_event_loop().run_until_complete(...)`."""
        node: ast.AST = self.call.func
        while isinstance(node, ast.Attribute | ast.Call):
            node = node.func if isinstance(node, ast.Call) else node.value
        return self.method is not None and isinstance(node, ast.Name) and metavariable(node) is None

    @property
    def last_name(self) -> str:
        """The name that every call of this pattern ends with, but for aliases."""
        return self.method or (self.callee or "").rpartition(".")[2]


def parse_pattern(text: str) -> CallPattern:
    """Parse the pattern of a call. Raises ParameterError for what is none."""
    _, call = parse_with_metavariables(text, "pattern")
    if not isinstance(call, ast.Call):
        raise ParameterError(f"the pattern {text!r} is no call; write one such as 'os.path.join($A, $B)'.")
    for inner in ast.walk(call):
        if isinstance(inner, ast.Call) and not _may_have(_rests(inner)):
            raise ParameterError(
                f"the pattern {text!r} has two '$$$' in one call; it takes one, or one '$*' and one '$**'."
            )
    callee, method = _called(call.func, text)
    one, rest = metavariables(call)
    rest = frozenset(each for each in rest if plain_name(each) != ANYTHING)
    return CallPattern(call, callee, method, one - {ANYTHING}, rest)


def _rests(call: ast.Call) -> list[str]:
    """Return the names for many arguments in a call of the pattern."""
    return [name for each in call.args if (name := metavariable(each, REST)) is not None]


def _may_have(names: list[str]) -> bool:
    return len(names) <= 1 or [kind_of_rest(each) for each in names] == ["positional", "keywords"]


def _called(function: ast.expr, text: str) -> tuple[str | None, str | None]:
    chain = dotted_names(function)
    first = chain[0] if chain else None
    if metavariable(function) is not None or (first is None and not isinstance(function, ast.Attribute)):
        raise ParameterError(
            f"the pattern {text!r} calls no name; write 'package.function(...)' or '$X.method(...)'."
        )
    if first is None or metavariable(first) is not None:
        return None, function.attr if isinstance(function, ast.Attribute) else None
    return ast.unparse(function), None


def match_call(
    pattern: CallPattern, call: ast.Call, same_name: SameName, parameters: Sequence[str] | None = None
) -> Captures | Doubt | None:
    """Match the arguments, and a method's receiver; that the callee is the pattern's is for the caller to say.

    `parameters` are the callee's, if they are known: those that take an argument by position or keyword.
    """
    captures = Captures()
    if pattern.method is not None and not _same(pattern.call.func, call.func, captures, same_name):
        return None
    pairs = pair_arguments(pattern.call, call, captures, parameters)
    if pairs is None or isinstance(pairs, Doubt):
        return pairs
    if all(_same(expected, actual, captures, same_name) for expected, actual in pairs):
        return captures
    return None


def _same(expected: ast.AST, actual: ast.AST, captures: Captures, same_name: SameName) -> bool:
    name = metavariable(expected)
    if name is not None:
        return (
            isinstance(actual, ast.expr)
            and not isinstance(actual, ast.Starred)
            and _take(name, actual, captures)
        )
    if isinstance(expected, ast.Name | ast.Attribute) and isinstance(actual, ast.expr):
        chain = dotted_names(expected)
        if chain is not None and metavariable(chain[0]) is None:
            return same_name(expected, actual)
    if type(expected) is not type(actual):
        return False
    if isinstance(expected, ast.Call) and isinstance(actual, ast.Call):
        pairs = pair_arguments(expected, actual, captures)
        if pairs is None or isinstance(pairs, Doubt):
            return False
        pairs.append((expected.func, actual.func))
        return all(_same(left, right, captures, same_name) for left, right in pairs)
    return all(
        _same_field(getattr(expected, each, None), getattr(actual, each, None), captures, same_name)
        for each in expected._fields
        if each not in _IGNORED_FIELDS
    )


def _same_field(expected: object, actual: object, captures: Captures, same_name: SameName) -> bool:
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(
            _same_field(left, right, captures, same_name)
            for left, right in zip(expected, actual, strict=True)
        )
    if isinstance(expected, ast.AST) and isinstance(actual, ast.AST):
        return _same(expected, actual, captures, same_name)
    return type(expected) is type(actual) and expected == actual


def _take(name: str, actual: ast.expr, captures: Captures) -> bool:
    if name == ANYTHING:
        captures.dropped.append(actual)
        return True
    known = captures.one.setdefault(name, actual)
    if known is actual:
        return True
    captures.dropped.append(actual)  # it is evaluated as well, and only the first stays
    return ast.dump(known) == ast.dump(actual)
