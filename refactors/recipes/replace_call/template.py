"""The expression that replaces a call, filled with the source text of what the metavariables stand for."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError, did_you_mean
from overhaul.refactors.fitting import ATOMS, shape_of
from overhaul.refactors.imports import dotted_names
from overhaul.refactors.recipes.replace_call.metavariables import (
    ONE,
    REST,
    metavariable,
    metavariables,
    parse_with_metavariables,
    shown,
)
from overhaul.refactors.text import splice


@dataclass(frozen=True, slots=True)
class Piece:
    """A captured expression's text, the same in parentheses, and whether it never needs them."""

    plain: str
    enclosed: str
    is_atom: bool = False


@dataclass(frozen=True, slots=True)
class CallTemplate:
    """A parsed template; offsets into `text` are in bytes."""

    text: str
    tree: ast.expr

    @property
    def is_open_tuple(self) -> bool:
        """Whether it is a tuple without parentheses, which few contexts allow."""
        return (
            isinstance(self.tree, ast.Tuple) and self.tree.col_offset == 0 and not self.text.startswith("(")
        )

    @property
    def needs_parentheses(self) -> bool:
        """Whether some contexts may take the result apart."""
        return not isinstance(self.tree, ATOMS) or metavariable(self.tree) is not None

    @property
    def own_names(self) -> set[str]:
        """The names that a lambda or comprehension in it binds."""
        stored = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        return {node.id for node in stored} | {
            node.arg for node in ast.walk(self.tree) if isinstance(node, ast.arg)
        }

    def names(self) -> Iterator[tuple[ast.Name | ast.Attribute, str]]:
        """Give each dotted name that the template takes from around it, as a node and as text."""
        inner: set[ast.AST] = set()
        own = self.own_names
        for node in ast.walk(self.tree):
            if node in inner or not isinstance(node, ast.Name | ast.Attribute):
                continue
            chain = dotted_names(node)
            if chain is None or not isinstance(chain[0], ast.Name):
                continue
            inner.update(chain)
            if chain[0].id not in own and not chain[0].id.startswith((ONE, REST)):
                yield node, ast.unparse(node)

    def fill(
        self, one: Mapping[str, Piece], rest: Mapping[str, str], names: Mapping[str, str]
    ) -> str | Doubt:
        """Return the replacement's text. `names` says how this file calls the template's dotted names."""
        content = self.text.encode()
        splices = [
            (node.col_offset, node.end_col_offset or 0, names[name])
            for node, name in self.names()
            if name in names
        ]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Starred) and (many := metavariable(node, REST)) is not None:
                splices.append(rest_splice(content, node, rest[many]))
            elif isinstance(node, ast.Name) and (name := metavariable(node)) is not None:
                start, end = node.col_offset, node.end_col_offset or 0
                splices.append((start, end, self._fitting(start, end, one[name])))
        text = splice(content, splices, "utf-8").decode()
        return Doubt("the arguments do not fit into the template") if _is_broken(text) else text

    def _fitting(self, start: int, end: int, piece: Piece) -> str:
        """Return the text in parentheses if the template would take it apart without."""
        if piece.is_atom:
            return piece.plain
        content = self.text.encode()
        plain, enclosed = (
            shape_of(splice(content, [(start, end, each)], "utf-8").decode())
            for each in (piece.plain, piece.enclosed)
        )
        return piece.plain if plain is not None and plain == enclosed else piece.enclosed


def parse_template(text: str, pattern_one: Collection[str], pattern_rest: Collection[str]) -> CallTemplate:
    """Parse the template for a pattern with these metavariables, for one and for many. Raises ParameterError."""
    if "\n" in text.strip():
        raise ParameterError("the template has several lines; write it as one.")
    readable, tree = parse_with_metavariables(text, "template")
    one, rest = metavariables(tree)
    known = [
        *(shown(name, many=False) for name in sorted(pattern_one)),
        *(shown(name, many=True) for name in sorted(pattern_rest)),
    ]
    for used in [
        *(shown(name, many=False) for name in sorted(one)),
        *(shown(name, many=True) for name in sorted(rest)),
    ]:
        if used not in known:
            raise ParameterError(
                f"the template uses {used}, which the pattern has not.{did_you_mean(used, known)}"
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Yield | ast.YieldFrom | ast.NamedExpr | ast.JoinedStr):
            raise ParameterError(
                "the template holds a yield, ':=' or an f-string; none of them can be filled in."
            )
    return CallTemplate(readable, tree)


def _is_broken(text: str) -> bool:
    try:
        tree = ast.parse(f"(\n{text}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            names = [each.arg for each in node.keywords if each.arg is not None]
            if len(set(names)) < len(names):
                return True
    return False


def rest_splice(content: bytes, node: ast.Starred, text: str) -> tuple[int, int, str]:
    """Return the splice that puts in the arguments, or takes the comma away with the metavariable if there are none."""
    start, end = node.col_offset, node.end_col_offset or 0
    if not text:
        following = re.compile(rb"\s*,\s*").match(content, end)
        if following:
            end = following.end()
        else:
            preceding = re.search(rb"\s*,\s*$", content[:start])
            start = preceding.start() if preceding else start
    return start, end, text
