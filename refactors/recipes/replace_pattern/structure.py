"""A pattern of an expression or of statements, and whether code has its structure.

`$X` stands for one expression, `$...MANY` (or `$$$MANY`) for any number of arguments, elements or statements, `$_` for
any expression. Names, attributes and constants stand for themselves, as they are spelt; layout does not matter.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.recipes.replace_call.metavariables import (
    ANYTHING,
    REST,
    Argument,
    metavariable,
    metavariables,
    parse_statements_with_metavariables,
)
from overhaul.refactors.recipes.replace_call.metavariables import Captures as ArgumentCaptures
from overhaul.refactors.recipes.replace_call.pairing import pair_arguments

_IGNORED_FIELDS = frozenset({"ctx", "kind", "type_comment"})
_NOT_WORDS = frozenset({"self", "cls"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern: `nodes` is one expression, or statements that follow each other."""

    text: str
    nodes: Sequence[ast.expr | ast.stmt]
    one: frozenset[str]
    rest: frozenset[str]

    @property
    def is_expression(self) -> bool:
        return isinstance(self.nodes[0], ast.expr)

    @property
    def first_line(self) -> str:
        """What sites call it."""
        return self.text.strip().splitlines()[0]

    @property
    def words(self) -> set[str]:
        """The names that code of this structure has in it."""
        found: set[str] = set()
        for root in self.nodes:
            for node in ast.walk(root):
                if (
                    isinstance(node, ast.Name)
                    and metavariable(node) is None
                    and metavariable(node, REST) is None
                ):
                    found.add(node.id)
                elif isinstance(node, ast.Attribute):
                    found.add(node.attr)
                elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    found.add(node.name)
                elif isinstance(node, ast.alias):
                    found.add(node.name.rpartition(".")[2])
        return found - _NOT_WORDS


@dataclass
class Captures(ArgumentCaptures):
    """What the metavariables stand for; those for many may be statements."""

    blocks: dict[str, Sequence[ast.stmt]] = field(default_factory=dict)


def parse_pattern(text: str, what: str = "pattern") -> Pattern:
    """Parse a pattern. Raises ParameterError for what is none."""
    tree = parse_statements_with_metavariables(text, what)
    if not tree.body:
        raise ParameterError(f"the {what} is empty.")
    one, rest = metavariables(tree)
    nodes: Sequence[ast.expr | ast.stmt] = tree.body
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        nodes = [tree.body[0].value]
    if any(_many(each) is not None for each in nodes):
        raise ParameterError(
            f"the {what} {text!r} begins with any number of statements; name one that is there."
        )
    return Pattern(text, nodes, one - {ANYTHING}, rest - {ANYTHING})


def match_nodes(pattern: Pattern, nodes: Sequence[ast.AST]) -> Captures | None:
    """Match an expression, or as many statements as the pattern has."""
    captures = Captures()
    matcher = _Structure(captures)
    if len(nodes) == len(pattern.nodes) and all(
        matcher.same(expected, actual) for expected, actual in zip(pattern.nodes, nodes, strict=True)
    ):
        return captures
    return None


def _many(node: ast.AST) -> str | None:
    """Return the name of a metavariable for many elements or statements."""
    if isinstance(node, ast.Expr):
        node = node.value
    return metavariable(node, REST) if isinstance(node, ast.Starred) else None


class _Structure:
    def __init__(self, captures: Captures) -> None:
        self.captures = captures

    def same(self, expected: ast.AST, actual: ast.AST) -> bool:
        name = metavariable(expected)
        if name is not None:
            return (
                isinstance(actual, ast.expr)
                and not isinstance(actual, ast.Starred)
                and self._take(name, actual)
            )
        if type(expected) is not type(actual):
            return False
        if isinstance(expected, ast.Call) and isinstance(actual, ast.Call):
            return self._same_call(expected, actual)
        return all(
            self._same_field(getattr(expected, each, None), getattr(actual, each, None))
            for each in expected._fields
            if each not in _IGNORED_FIELDS
        )

    def _same_call(self, expected: ast.Call, actual: ast.Call) -> bool:
        if not self.same(expected.func, actual.func):
            return False
        pairs = pair_arguments(expected, actual, self.captures)
        if pairs is None or isinstance(pairs, Doubt):  # what unpacked arguments hide is another structure
            return False
        return all(self.same(left, right) for left, right in pairs)

    def _same_field(self, expected: object, actual: object) -> bool:
        if isinstance(expected, list) and isinstance(actual, list):
            return self._same_list(expected, actual)
        if isinstance(expected, ast.AST) and isinstance(actual, ast.AST):
            return self.same(expected, actual)
        return type(expected) is type(actual) and expected == actual

    def _same_list(self, expected: list[object], actual: list[object]) -> bool:
        places = [
            (index, name)
            for index, each in enumerate(expected)
            if isinstance(each, ast.AST) and (name := _many(each)) is not None
        ]
        if len(places) > 1:
            return False
        if places:
            index, name = places[0]
            if isinstance(expected[index], ast.stmt) and not actual:  # there is no such block: no else
                return False
            after = len(expected) - index - 1
            if len(actual) < index + after:
                return False
            end = len(actual) - after
            self._take_many(name, actual[index:end])
            expected, actual = [*expected[:index], *expected[index + 1 :]], [*actual[:index], *actual[end:]]
        return len(expected) == len(actual) and all(
            self._same_field(left, right) for left, right in zip(expected, actual, strict=True)
        )

    def _take_many(self, name: str, nodes: Sequence[object]) -> None:
        statements = [each for each in nodes if isinstance(each, ast.stmt)]
        arguments: list[Argument] = [each for each in nodes if isinstance(each, ast.expr)]
        if name == ANYTHING:
            self.captures.dropped += [each for each in arguments if isinstance(each, ast.expr)]
        elif statements:
            self.captures.blocks[name] = statements
        else:
            self.captures.rest[name] = arguments

    def _take(self, name: str, actual: ast.expr) -> bool:
        if name == ANYTHING:
            self.captures.dropped.append(actual)
            return True
        known = self.captures.one.setdefault(name, actual)
        if known is actual:
            return True
        self.captures.dropped.append(actual)  # it is evaluated as well, and only the first stays
        return ast.dump(known) == ast.dump(actual)
