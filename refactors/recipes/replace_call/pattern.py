"""A call written with metavariables, and the calls that it matches.

`$X` stands for one expression, `$$$REST` (or `$$REST`) for any number of arguments, `$_` for anything.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.imports import dotted_names

ONE, REST = "overhaul_one_", "overhaul_rest_"
ANYTHING = "_"
_METAVARIABLE = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(\${1,3})([A-Za-z_]\w*)""")
_IGNORED_FIELDS = frozenset({"ctx", "kind", "type_comment"})

Argument: TypeAlias = ast.expr | ast.keyword
# Whether a name in the pattern and an expression in the code mean the same.
SameName: TypeAlias = Callable[[ast.expr, ast.expr], bool]


@dataclass(slots=True)
class Captures:
    """What the metavariables stand for in one call; `dropped` are the arguments that `$_` took."""

    one: dict[str, ast.expr] = field(default_factory=dict)
    rest: dict[str, Sequence[Argument]] = field(default_factory=dict)
    dropped: list[ast.expr] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CallPattern:
    """A parsed pattern: either `callee` is a dotted name, or `method` is called on a metavariable."""

    call: ast.Call
    callee: str | None
    method: str | None
    one: frozenset[str]
    rest: frozenset[str]

    @property
    def last_name(self) -> str:
        """The name that every call of this pattern ends with, but for aliases."""
        return self.method or (self.callee or "").rpartition(".")[2]


def parse_with_metavariables(text: str, what: str) -> tuple[str, ast.expr]:
    """Return the text with metavariables as identifiers, and its expression. Raises ParameterError."""
    readable = _METAVARIABLE.sub(_identifier, text.strip())
    try:
        return readable, ast.parse(readable, mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ParameterError(f"the {what} {text!r} is no Python expression: {reason}.") from None


def _identifier(match: re.Match[str]) -> str:
    string, sigil, name = match.groups()
    return string or f"{ONE if sigil == '$' else '*' + REST}{name}"


def metavariable(node: ast.AST, prefix: str = ONE) -> str | None:
    """Return the metavariable's name if the node stands for one."""
    if prefix == REST and isinstance(node, ast.Starred):
        node = node.value
    if isinstance(node, ast.Name) and node.id.startswith(prefix):
        return node.id.removeprefix(prefix)
    return None


def metavariables(tree: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the metavariables for one expression and for many."""
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    one = frozenset(name.removeprefix(ONE) for name in names if name.startswith(ONE))
    return one, frozenset(name.removeprefix(REST) for name in names if name.startswith(REST))


def parse_pattern(text: str) -> CallPattern:
    """Parse the pattern of a call. Raises ParameterError for what is none."""
    _, call = parse_with_metavariables(text, "pattern")
    if not isinstance(call, ast.Call):
        raise ParameterError(f"the pattern {text!r} is no call; write one such as 'os.path.join($A, $B)'.")
    for inner in ast.walk(call):
        if (
            isinstance(inner, ast.Call)
            and sum(metavariable(each, REST) is not None for each in inner.args) > 1
        ):
            raise ParameterError(f"the pattern {text!r} has two '$$$' in one call; it takes one.")
    callee, method = _called(call.func, text)
    one, rest = metavariables(call)
    return CallPattern(call, callee, method, one - {ANYTHING}, rest - {ANYTHING})


def _called(function: ast.expr, text: str) -> tuple[str | None, str | None]:
    chain = dotted_names(function)
    first = chain[0] if chain else None
    if first is None or metavariable(function) is not None:
        raise ParameterError(
            f"the pattern {text!r} calls no name; write 'package.function(...)' or '$X.method(...)'."
        )
    if metavariable(first) is not None:
        return None, function.attr if isinstance(function, ast.Attribute) else None
    return ast.unparse(function), None


def match_call(pattern: CallPattern, call: ast.Call, same_name: SameName) -> Captures | Doubt | None:
    """Match the arguments, and a method's receiver; that the callee is the pattern's is for the caller to say."""
    captures = Captures()
    if pattern.method is not None:
        receiver, actual = pattern.call.func, call.func
        while isinstance(receiver, ast.Attribute):
            if not isinstance(actual, ast.Attribute) or actual.attr != receiver.attr:
                return None
            receiver, actual = receiver.value, actual.value
        if not _same(receiver, actual, captures, same_name):
            return None
    pairs = _pair_arguments(pattern.call, call, captures)
    if pairs is None or isinstance(pairs, Doubt):
        return pairs
    if all(_same(expected, actual, captures, same_name) for expected, actual in pairs):
        return captures
    return None


Pairs: TypeAlias = list[tuple[ast.expr, ast.expr]]


def _pair_arguments(expected: ast.Call, call: ast.Call, captures: Captures) -> Pairs | Doubt | None:
    """Pair each argument of the pattern with one of the call; what is left goes to the pattern's rest."""
    named = {each.arg: each.value for each in expected.keywords}
    given = {each.arg: each.value for each in call.keywords}
    places = [index for index, each in enumerate(expected.args) if metavariable(each, REST) is not None]
    missing = [name for name in named if name not in given]
    if not places:
        return _pair_exactly(expected, call, named, given)
    before, after = expected.args[: places[0]], expected.args[places[0] + 1 :]
    spread = any(isinstance(each, ast.Starred) for each in call.args)
    extra = [each for each in call.keywords if each.arg not in named]
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
    rest: list[Argument] = [*call.args[len(before) : end], *extra]
    rest.sort(key=lambda each: (each.lineno, each.col_offset))
    name = metavariable(expected.args[places[0]], REST) or ANYTHING
    if name == ANYTHING:
        captures.dropped += [each.value if isinstance(each, ast.keyword) else each for each in rest]
    captures.rest[name] = rest
    return [*pairs, *((value, given[keyword]) for keyword, value in named.items())]


def _pair_exactly(
    expected: ast.Call,
    call: ast.Call,
    named: Mapping[str | None, ast.expr],
    given: Mapping[str | None, ast.expr],
) -> Pairs | Doubt | None:
    unpacks = any(isinstance(each, ast.Starred) for each in expected.args) or None in named
    if not unpacks and (None in given or any(isinstance(each, ast.Starred) for each in call.args)):
        return Doubt("unpacked arguments stand where the pattern takes one")
    if len(call.keywords) + len(call.args) != len(expected.keywords) + len(expected.args):
        return None
    if len(call.args) != len(expected.args):
        return Doubt(
            "an argument that the pattern takes by position may be passed by keyword, or the other way"
        )
    if named.keys() != given.keys():
        return None
    return [
        *zip(expected.args, call.args, strict=True),
        *((value, given[keyword]) for keyword, value in named.items()),
    ]


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
        pairs = _pair_arguments(expected, actual, captures)
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
    return known is actual or ast.dump(known) == ast.dump(actual)
