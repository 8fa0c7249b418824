"""The placeholders of patterns and templates, as names that Python can parse, and what they stand for in one call."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from overhaul.refactors.errors import ParameterError

ONE, REST = "overhaul_one_", "overhaul_rest_"
# A digit cannot begin a name that a user gives.
POSITIONAL, KEYWORDS = f"{REST}0positional_", f"{REST}0keywords_"
ANYTHING = "_"
_METAVARIABLE = re.compile(
    r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(\$\*{1,2}|\${1,3}|\$\.\.\.)([A-Za-z_]\w*)"""
)

Argument: TypeAlias = ast.expr | ast.keyword


@dataclass(slots=True)
class Captures:
    """What the metavariables stand for in one call; `dropped` are the arguments that `$_` took."""

    one: dict[str, ast.expr] = field(default_factory=dict)
    rest: dict[str, Sequence[Argument]] = field(default_factory=dict)
    dropped: list[ast.expr] = field(default_factory=list)

    def nodes(self) -> list[Argument]:
        """Everything that stands for a metavariable with a name."""
        return [*self.one.values(), *(each for run in self.rest.values() for each in run)]


def parse_with_metavariables(text: str, what: str) -> tuple[str, ast.expr]:
    """Return the text with metavariables as identifiers, and its expression. Raises ParameterError."""
    readable = with_identifiers(text)
    try:
        return readable, ast.parse(readable, mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ParameterError(f"the {what} {text!r} is no Python expression: {reason}.") from None


def parse_statements_with_metavariables(text: str, what: str) -> ast.Module:
    """Return the statements of a text, with metavariables as identifiers. Raises ParameterError."""
    try:
        return ast.parse(with_identifiers(text))
    except (SyntaxError, ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ParameterError(f"the {what} {text!r} is no Python code: {reason}.") from None


def with_identifiers(text: str) -> str:
    """Return a text with metavariables as identifiers."""
    return _METAVARIABLE.sub(_identifier, text.strip())


def _identifier(match: re.Match[str]) -> str:
    string, sigil, name = match.groups()
    written = {"$": ONE, "$*": f"*{POSITIONAL}", "$**": f"*{KEYWORDS}"}
    return string or f"{written.get(sigil, '*' + REST)}{name}"


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


def kind_of_rest(name: str) -> str:
    """Return which arguments a name for many takes: `positional`, `keywords` or `any`."""
    for kind in ("positional", "keywords"):
        if name.startswith(f"0{kind}_"):
            return kind
    return "any"


def plain_name(name: str) -> str:
    """Return the name that the user gave."""
    return name.removeprefix(f"0{kind_of_rest(name)}_")


def shown(name: str, *, many: bool) -> str:
    """Return a metavariable as the user wrote it."""
    sigil = {"positional": "$*", "keywords": "$**"}.get(kind_of_rest(name), "$$$") if many else "$"
    return sigil + plain_name(name)
