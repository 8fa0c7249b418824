"""The text of a parameter list with other parameters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.change_signature.layout import BracketedList, Extent, Piece, Written
from overhaul.refactors.recipes.change_signature.signature import (
    Kind,
    Parameter,
    Signature,
    by_name,
    written_parameters,
)
from overhaul.refactors.recipes.change_signature.transfer import SignatureChange
from overhaul.refactors.scopes import FunctionNode

_TOKEN = re.compile(rb"#[^\r\n]*|\*\*|[*/,()=]")


@dataclass(frozen=True, slots=True)
class _Item:
    """A parameter, or the marker `*` or `/` (then `argument` is None), with its bytes."""

    extent: Extent
    argument: ast.arg | None
    marker: str = ""
    default: ast.expr | None = None
    default_start: int = 0


def write_definition(
    module: Module,
    edits: NestedEdits,
    node: FunctionNode,
    receiver: ast.arg | None,
    change: SignatureChange,
    longest_line: int,
) -> tuple[Extent, Written] | Doubt:
    """Return the range between the brackets of a definition and its new text."""
    start = _opening(module, node)
    if start is None:
        return Doubt("the parameter list is not found in the text")
    items, end = _items(edits, node, start)
    if end is None:
        return Doubt("the parameter list is not written as it is understood")
    index_of = {each.argument.arg: index for index, each in enumerate(items) if each.argument is not None}
    markers = {each.marker: index for index, each in enumerate(items) if each.argument is None}
    pieces = [
        Piece(edits.rendered(*each.extent), index) for index, each in enumerate(items) if each.argument is receiver
    ] if receiver is not None else []  # fmt: skip
    for each in _with_markers(change.new, receiver is not None and receiver in node.args.posonlyargs):
        if isinstance(each, str):
            pieces.append(Piece(each, markers.get(each)))
        elif each.origin is None:
            pieces.append(Piece(new_parameter(each)))
        else:
            index = index_of[each.origin]
            pieces.append(Piece(_parameter(edits, items[index], each, change.old), index))
    listed = BracketedList(edits.source, start, end, [each.extent for each in items])
    return (start, end), listed.write_anyway(pieces, longest_line)


def new_parameter(parameter: Parameter) -> str:
    """Return the text of an added parameter, as PEP 8 spaces it."""
    annotation = f": {parameter.annotation}" if parameter.annotation is not None else ""
    if parameter.default is None:
        return f"{parameter.name}{annotation}"
    return f"{parameter.name}{annotation}{' = ' if annotation else '='}{parameter.default}"


def _with_markers(signature: Signature, receiver_is_only: bool) -> Iterator[Parameter | str]:
    previous = Kind.POSITIONAL_ONLY if receiver_is_only else None
    for each in signature:
        if previous is Kind.POSITIONAL_ONLY and each.kind is not Kind.POSITIONAL_ONLY:
            yield "/"
        if each.kind is Kind.KEYWORD_ONLY and previous not in (Kind.KEYWORD_ONLY, Kind.VAR_POSITIONAL):
            yield "*"
        yield each
        previous = each.kind
    if previous is Kind.POSITIONAL_ONLY:
        yield "/"


def _parameter(edits: NestedEdits, item: _Item, new: Parameter, old: Signature) -> str:
    """Return the text of a parameter that stays, with its new name and default."""
    assert item.argument is not None  # noqa: S101 - markers are no parameters
    source, before = edits.source, by_name(old, new.origin or "")
    name_start = source.start(item.argument)
    name_end = name_start + len(item.argument.arg.encode(source.encoding))
    start, end = item.extent
    head = source.slice(start, name_start) + new.name
    if before is None or before.default == new.default:
        return head + edits.rendered(name_end, end)
    declared = head + edits.rendered(name_end, source.end(item.argument))
    if new.default is None:
        return declared
    if item.default is not None:
        return head + edits.rendered(name_end, item.default_start) + new.default
    return f"{declared}{' = ' if item.argument.annotation is not None else '='}{new.default}"


def _opening(module: Module, node: FunctionNode) -> int | None:
    """Return the offset behind the bracket that opens a parameter list."""
    span = name_span(module.bindings, node, node.name)
    if span is None:
        return None
    position = span[1]
    for parameter in getattr(node, "type_params", ()):
        position = module.source.end(parameter)
    found = module.source.content.find(b"(", position)
    return found + 1 if found >= 0 else None


def _items(edits: NestedEdits, node: FunctionNode, start: int) -> tuple[list[_Item], int | None]:
    """Return the items of a parameter list and the offset of its closing bracket."""
    source, content = edits.source, edits.source.content
    items: list[_Item] = []
    position = start
    stars: Extent | None = None
    parameters = [(argument, default) for argument, _, default in written_parameters(node.args)]
    for argument, default in parameters:
        begin = source.start(argument)
        for token, low, high in _tokens(content, position, begin):
            if stars is not None and token == b",":
                items.append(_Item(stars, None, "*"))
                stars = None
            elif token in (b"*", b"**"):
                stars = low, high
            elif token == b"/":
                items.append(_Item((low, high), None, "/"))
        first = stars[0] if stars is not None else begin
        end, default_start = source.end(argument), 0
        if default is not None:
            end, default_start = _default(source.content, end, source.start(default), source.end(default))
        items.append(_Item((first, end), argument, "", default, default_start))
        position, stars = end, None
    body = source.start(node.body[0])
    for token, low, high in _tokens(content, position, body):
        if token == b"/":
            items.append(_Item((low, high), None, "/"))
        elif token == b")":
            return items, low
    return items, None


def _default(content: bytes, after: int, start: int, end: int) -> Extent:
    """Return where a default ends and begins, with the brackets around it."""
    opening = [low for token, low, _ in _tokens(content, after, start) if token == b"("]
    closing = [high for token, _, high in _tokens(content, end, len(content), len(opening)) if token == b")"]
    return (closing[len(opening) - 1] if opening else end), (opening[0] if opening else start)


def _tokens(
    content: bytes, start: int, end: int, closing: int | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """Yield the brackets, commas and stars between two parameters; only the first `closing` brackets if given."""
    count = 0
    for match in _TOKEN.finditer(content, start, end):
        if closing is not None and count >= closing:
            return
        if not match[0].startswith(b"#"):
            yield match[0], match.start(), match.end()
            count += match[0] == b")"
