"""What an assertion of TestCase claims, as the pieces of an `assert` that claims exactly the same."""

from __future__ import annotations

import ast
import inspect
import unittest
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.effects import is_effect_free
from overhaul.refactors.import_needs import ImportStatement, Need, local_name, runs_later
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import current_name
from overhaul.refactors.scopes import Scope
from overhaul.refactors.values import Instance

_LOOSE = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Yield, ast.YieldFrom)
_COMPARED = {
    "assertEqual": "==", "assertNotEqual": "!=", "assertIs": "is", "assertIsNot": "is not", "assertIn": "in",
    "assertNotIn": "not in", "assertGreater": ">", "assertGreaterEqual": ">=", "assertLess": "<",
    "assertLessEqual": "<=",
}  # fmt: skip
_OF_TYPE = {
    "assertListEqual": "list", "assertTupleEqual": "tuple", "assertSetEqual": "set", "assertDictEqual": "dict",
    "assertMultiLineEqual": "str",
}  # fmt: skip
# Calls that a message may make although it is made only on failure.
_TEXT_MAKERS = frozenset(
    {"str", "repr", "len", "type", "sorted", "list", "format", "join", "decode", "dumps", "pformat"}
)


@dataclass(frozen=True, slots=True)
class Operand:
    """An argument in the claim; `is_loose` if it needs parentheses there."""

    node: ast.expr
    is_loose: bool = False


Piece = str | Operand


@dataclass(frozen=True, slots=True)
class Claim:
    """`assert` and these pieces; a long one is broken before the piece number `breaks`, if any."""

    pieces: tuple[Piece, ...]
    message: ast.expr | None = None
    breaks: int | None = None
    needs: tuple[ImportStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """How a scope of a file calls what new code there needs.

    `answers` are those that hold for all functions of the file that do not bind the name themselves.
    """

    project: Project
    module: Module
    scope: Scope
    line: int
    answers: dict[tuple[str, str], tuple[str, tuple[ImportStatement, ...]]] = field(default_factory=dict)

    def builtin(self, *names: str) -> Doubt | None:
        """Return a Doubt if one of these builtins means something else here."""
        for name in names:
            if self.scope.lookup(name) is not None or self._may_be_starred(name):
                return Doubt(f"'{name}' may mean something else here")
        return None

    def _may_be_starred(self, name: str) -> bool:
        """Tell whether a star import may bring a name: not if all of them are of modules that have none."""
        for statement, _ in self.module.bindings.star_imports:
            source = self.project.import_source(self.module, statement)
            if not isinstance(source, Location) or self.project.member(source, name) is not None:
                return True
            if any(module.bindings.star_imports for module in self.project.modules_at(source)):
                return True
        return False

    def find(self, qualified: str) -> tuple[str, tuple[ImportStatement, ...]] | Doubt:
        """Return the text for a function of a module, with the import that it takes."""
        known = self.answers.get((self.module.path, qualified))
        if known is not None and self._holds(known[0]):
            return known
        statement = ImportStatement(qualified.partition(".")[0])
        found = local_name(self.module, self.scope, self.line, Need(qualified, qualified, statement))
        if isinstance(found, Doubt):
            return found
        answer = (qualified, (statement,)) if found is None else (found.text, ())
        if self._holds(answer[0]):
            self.answers[self.module.path, qualified] = answer
        return answer

    def _holds(self, text: str) -> bool:
        """Tell whether a name means what it means in all functions of the file."""
        return runs_later(self.scope) and self.scope.lookup(text.partition(".")[0]) in (
            None,
            self.module.scope,
        )


@dataclass(frozen=True, slots=True)
class _Context:
    inference: Inference
    module: Module
    names: Names
    values: Mapping[str, ast.expr] = field(default_factory=dict)

    def __getitem__(self, name: str) -> ast.expr:
        return self.values[name]

    def is_of(self, node: ast.expr, kind: str) -> bool:
        values = self.inference.values(self.module, node)
        return bool(values) and all(
            isinstance(value, Instance) and value.of == f"builtins.{kind}" for value in values
        )


def claim_of(inference: Inference, names: Names, name: str, call: ast.Call) -> Claim | Doubt:
    """Return what a call of one of TestCase's assertions claims; a Doubt if no `assert` claims exactly that."""
    name = current_name(name)
    build = _BUILDERS.get(name)
    if build is None:
        return Doubt(f"no assert is exactly '{name}'")
    values = arguments_of(name, call)
    if isinstance(values, Doubt):
        return values
    claim = build(_Context(inference, names.module, names, values), name)
    if isinstance(claim, Doubt):
        return claim
    message = values.get("msg")
    if message is None or (isinstance(message, ast.Constant) and message.value is None):
        return claim
    doubt = _message_doubt(message)
    return doubt or Claim(claim.pieces, message, claim.breaks, claim.needs)


def is_assertion(name: str) -> bool:
    """Tell whether an `assert` may take the place of this method."""
    return current_name(name) in _BUILDERS


def arguments_of(name: str, call: ast.Call) -> dict[str, ast.expr] | Doubt:
    """Return the arguments of a call of one of TestCase's methods by the names of its parameters."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(
        each.arg is None for each in call.keywords
    ):
        return Doubt("arguments are unpacked")
    signature = inspect.signature(getattr(unittest.TestCase, name))
    keywords: dict[str, Any] = {str(each.arg): each.value for each in call.keywords}
    try:
        bound = signature.bind(None, *call.args, **keywords)
    except TypeError as error:
        return Doubt(f"the arguments do not fit: {error}")
    return {key: value for key, value in bound.arguments.items() if isinstance(value, ast.expr)}


def _message_doubt(message: ast.expr) -> Doubt | None:
    for node in ast.walk(message):
        if isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await):
            return Doubt("the message does something, and assert makes it on failure only")
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in _TEXT_MAKERS:
                return Doubt("the message calls something, and assert makes it on failure only")
    return None


def _compared(node: ast.expr) -> Operand:
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return Operand(node, is_not or isinstance(node, (*_LOOSE, ast.Compare)))


def _passed(node: ast.expr) -> Operand:
    return Operand(node, isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom))


def _comparison(given: _Context, name: str) -> Claim | Doubt:
    left, right = [value for key, value in given.values.items() if key != "msg"][:2]
    operator = _COMPARED.get(name, "==")
    if operator.startswith("is") and any(_is_literal(each) for each in (left, right)):
        return Doubt(f"Python warns of '{operator}' with a literal")
    return Claim((_compared(left), f" {operator} ", _compared(right)), breaks=1)


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is not None and node.value is not ... and not isinstance(node.value, bool)
    return isinstance(node, ast.Tuple | ast.List | ast.Dict | ast.Set | ast.JoinedStr | ast.UnaryOp)


def _true(given: _Context, _: str) -> Claim | Doubt:
    expression = given["expr"]
    if isinstance(expression, ast.Tuple):
        return Doubt("a tuple is always true, and Python warns of asserting one")
    return Claim((Operand(expression, isinstance(expression, ast.NamedExpr | ast.Yield | ast.YieldFrom)),))


def _false(given: _Context, _: str) -> Claim | Doubt:
    match given["expr"]:
        case ast.Compare(left=left, ops=[ast.In() | ast.Is() as operator], comparators=[right]):
            text = " not in " if isinstance(operator, ast.In) else " is not "
            return Claim((_compared(left), text, _compared(right)), breaks=1)
    return Claim(("not ", Operand(given["expr"], isinstance(given["expr"], _LOOSE))))


def _none(given: _Context, name: str) -> Claim | Doubt:
    if _is_literal(given["obj"]):
        return Doubt("Python warns of 'is' with a literal")
    return Claim((_compared(given["obj"]), " is None" if name == "assertIsNone" else " is not None"))


def _instance(given: _Context, name: str) -> Claim | Doubt:
    doubt = given.names.builtin("isinstance")
    lead = "isinstance(" if name == "assertIsInstance" else "not isinstance("
    return doubt or Claim((lead, _passed(given["obj"]), ", ", _passed(given["cls"]), ")"))


def _typed(given: _Context, name: str) -> Claim | Doubt:
    kind = _OF_TYPE[name]
    left, right = [value for key, value in given.values.items() if key != "msg"][:2]
    if not given.is_of(left, kind) and not given.is_of(right, kind):
        return Doubt(f"neither side is known to be a {kind}, which '{name}' asks for")
    return _comparison(given, name)


def _regex(given: _Context, name: str) -> Claim | Doubt:
    text, pattern = [value for key, value in given.values.items() if key != "msg"][:2]
    if not is_effect_free(text) and not is_effect_free(pattern):
        return Doubt("text and pattern would be evaluated in the other order")
    if name == "assertRegex" and isinstance(pattern, ast.Constant) and not pattern.value:
        return Doubt("an empty pattern fails")
    search = given.names.find("re.search")
    if isinstance(search, Doubt):
        return search
    lead = f"{search[0]}(" if name == "assertRegex" else f"not {search[0]}("
    return Claim((lead, _passed(pattern), ", ", _passed(text), ")"), needs=search[1])


def _almost(given: _Context, name: str) -> Claim | Doubt:
    """As `assertAlmostEqual` does it, which says that infinities are equal: here one side is a finite number."""
    first, second = given["first"], given["second"]
    places, delta = given.values.get("places"), given.values.get("delta")
    if not any(map(_is_finite, (first, second))):
        return Doubt("neither side is a number as it is written: infinite ones would not be almost equal")
    if "decimal" in given.module.source.text.lower():
        return Doubt("decimals and floats can be equal, and not be subtracted")
    doubt = given.names.builtin("abs", "round")
    if doubt is not None:
        return doubt
    difference: tuple[Piece, ...] = (
        "abs(", Operand(first, _is_below_sum(first)), " - ", Operand(second, _is_below_product(second)), ")",
    )  # fmt: skip
    is_equal = name == "assertAlmostEqual"
    if delta is not None:
        if places is not None or not isinstance(delta, ast.Constant) or not _is_finite(delta):
            return Doubt("'delta' is computed, or 'places' is given too")
        return Claim((*difference, " <= " if is_equal else " > ", _compared(delta)))
    digits: Piece = "7"
    if places is not None and not (isinstance(places, ast.Constant) and places.value is None):
        if not (isinstance(places, ast.Constant) and isinstance(places.value, int)):
            return Doubt("'places' is computed")
        digits = Operand(places)
    return Claim(("round(", *difference, ", ", digits, ") == 0" if is_equal else ") != 0"))


def _is_finite(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        node = node.operand
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return False
    return isinstance(node.value, int | float) and abs(node.value) < float("inf")


def _is_below_sum(node: ast.expr) -> bool:
    is_shift = isinstance(node, ast.BinOp) and isinstance(
        node.op, ast.LShift | ast.RShift | ast.BitAnd | ast.BitOr | ast.BitXor
    )
    return is_shift or _compared(node).is_loose


def _is_below_product(node: ast.expr) -> bool:
    is_sum = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
    return is_sum or _is_below_sum(node)


_BUILDERS: dict[str, Callable[[_Context, str], Claim | Doubt]] = {
    **dict.fromkeys(_COMPARED, _comparison),
    **dict.fromkeys(_OF_TYPE, _typed),
    "assertTrue": _true,
    "assertFalse": _false,
    "assertIsNone": _none,
    "assertIsNotNone": _none,
    "assertIsInstance": _instance,
    "assertNotIsInstance": _instance,
    "assertRegex": _regex,
    "assertNotRegex": _regex,
    "assertAlmostEqual": _almost,
    "assertNotAlmostEqual": _almost,
}
