"""`'{} is {name!r}'.format(a, name=b)` as an f-string."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.modernize_syntax.evaluation import keeps_order
from overhaul.refactors.recipes.modernize_syntax.literal_pieces import (
    Field,
    Part,
    Piece,
    formatted_piece,
    pieces_of,
    put_pieces,
    stands_for_translation,
    without_str,
)
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile

_NAME = re.compile(r"(?P<key>\w*)(?P<path>(?:\.[A-Za-z_]\w*)*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Replaced:
    """A replacement field of a template: what it names, and what it says after that."""

    key: str
    path: str
    after: str


def brace_format(file: ModernFile) -> None:
    """Replace the method where it shows the same texts in the same order."""
    found = [
        node
        for node in file.nodes(ast.Call)
        if isinstance(node.func, ast.Attribute)
        and node.func.attr == "format"
        and isinstance(node.func.value, ast.Constant)
        and isinstance(node.func.value.value, str)
    ]
    for node in sorted(found, key=lambda each: file.source.end(each) - file.source.start(each)):
        doubt = _rewrite(file, node)
        if doubt is not None:
            file.leave(node, doubt.reason)
        else:
            file.resolve(node, "the same text as an f-string")


def _rewrite(file: ModernFile, node: ast.Call) -> Doubt | None:
    assert isinstance(node.func, ast.Attribute)  # noqa: S101 - looked for
    literal = node.func.value
    assert isinstance(literal, ast.Constant)  # noqa: S101
    if file.in_formatted_string(node):
        return Doubt("inside an f-string")
    if stands_for_translation(file, node):
        return Doubt("goes to a function that looks up its translation")
    pieces = pieces_of(file, literal)
    if isinstance(pieces, Doubt):
        return pieces
    templates: list[list[str | _Replaced]] = []
    for piece in pieces:
        parts = _parts(piece.body)
        if isinstance(parts, Doubt):
            return parts
        templates.append(parts)
    fields = [each for parts in templates for each in parts if isinstance(each, _Replaced)]
    values = _values(file, node, fields)
    if isinstance(values, Doubt):
        return values
    return _write(file, node, list(zip(pieces, templates, strict=True)), values)


def _write(
    file: ModernFile,
    node: ast.Call,
    templates: Sequence[tuple[Piece, list[str | _Replaced]]],
    values: list[ast.expr],
) -> Doubt | None:
    assert isinstance(node.func, ast.Attribute)  # noqa: S101
    source = file.source
    after_literal = source.end(node.func.value)
    closing = file.between(after_literal, source.end(node.func))
    closing = closing[: closing.rindex(".")]
    if closing.strip(" \t\r\n)\\"):
        return Doubt("something stands between the text and its method")
    arguments = file.between(source.end(node.func), source.end(node))
    if "#" in arguments:
        return Doubt("a comment or # is among the arguments")
    following = iter(values)
    new = []
    for piece, parts in templates:
        filled: list[Part] = [
            part if isinstance(part, str) else _field(file, next(following), part) for part in parts
        ]
        text = formatted_piece(file, piece, filled)
        if isinstance(text, Doubt):
            return text
        new.append((piece.start, piece.end, text))
    kept = closing.rstrip(" \t\r\n\\").encode(source.encoding)
    return put_pieces(file, node, new, after_literal + len(kept))


def _field(file: ModernFile, value: ast.expr, field: _Replaced) -> Field:
    inner = without_str(file, value) if not field.path and field.after in ("", "!s") else None
    return Field(value, field.after, field.path) if inner is None else Field(inner, "!s")


def _parts(body: str) -> list[str | _Replaced] | Doubt:
    """Split what a literal is written as at its replacement fields."""
    found: list[str | _Replaced] = []
    try:
        parsed = list(string.Formatter().parse(body))
    except ValueError:
        return Doubt("a field is not written in one piece")
    for text, name, specification, conversion in parsed:
        if text:
            found.append(text)
        if name is None:
            continue
        match = _NAME.fullmatch(name)
        if match is None or "{" in (specification or "") or "\\" in (specification or ""):
            return Doubt("a field has an item, or a field of its own")
        shown = f"!{conversion}" if conversion else ""
        found.append(
            _Replaced(match["key"], match["path"], f"{shown}:{specification}" if specification else shown)
        )
    return _merged(found)


def _merged(parts: list[str | _Replaced]) -> list[str | _Replaced]:
    found: list[str | _Replaced] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return found


def _values(file: ModernFile, node: ast.Call, fields: list[_Replaced]) -> list[ast.expr] | Doubt:
    """Return the argument that each field shows."""
    if any(isinstance(each, ast.Starred) for each in node.args) or any(
        not each.arg for each in node.keywords
    ):
        return Doubt("arguments are unpacked")
    if not fields:
        return Doubt("the text has no fields")
    numbered = [each.key for each in fields if not each.key or each.key.isdigit()]
    if "" in numbered and any(numbered):
        return Doubt("fields with and without numbers")
    known: dict[str, ast.expr] = {str(index): each for index, each in enumerate(node.args)}
    known |= {str(each.arg): each.value for each in node.keywords}
    counter = iter(range(len(fields)))
    keys = [each.key or str(next(counter)) for each in fields]
    if set(keys) != set(known):
        return Doubt("the arguments are not those of the fields")
    shown = [known[key] for key in keys]
    evaluated = sorted([*node.args, *(each.value for each in node.keywords)], key=file.source.start)
    if not keeps_order(evaluated, shown):
        return Doubt("an argument after the first may change what an earlier one shows")
    return shown
