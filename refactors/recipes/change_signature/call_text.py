"""The text of a call with other arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.recipes.change_signature.arguments import Argument
from overhaul.refactors.recipes.change_signature.arrangement import Placed
from overhaul.refactors.recipes.change_signature.layout import BracketedList, Extent, Piece
from overhaul.refactors.recipes.replace_call.captured_text import CallText

_EQUALS = re.compile(rb"[\s\\]*=[\s\\]*")


def write_call(
    edits: NestedEdits,
    call: ast.Call,
    leading: Sequence[ast.expr],
    placed: Sequence[Placed],
    longest_line: int,
) -> tuple[Extent, str] | Doubt:
    """Return the range between a call's brackets and its new text.

    `leading` are the arguments that stay in front as they are: the explicit `self`, or the function of a partial.
    """
    source = edits.source
    text = CallText(source, call, edits.rendered)
    start = source.content.index(b"(", source.end(call.func)) + 1
    end = source.end(call) - 1
    extents = dict(zip(text.arguments, text.extents, strict=True))
    is_bare = len(text.arguments) == 1 and text.extents[0][0] < start  # f(x for x in y)
    if is_bare:
        extents = {text.arguments[0]: (start, end)}
    ordered = list(extents)
    pieces = [Piece(edits.rendered(*extents[each]), ordered.index(each)) for each in leading]
    for each in placed:
        if each.argument is None:
            pieces.append(Piece(f"{each.keyword}={each.text}" if each.keyword else each.text))
        else:
            written = _argument(edits, each.argument, each.keyword, extents[each.argument.whole])
            alone = len(leading) + len(placed) == 1 and each.keyword is None
            if is_bare and not alone:
                inner = edits.rendered(start, end)
                written = f"{each.keyword}=({inner})" if each.keyword else f"({inner})"
            pieces.append(Piece(written, ordered.index(each.argument.whole)))
    listed = BracketedList(source, start, end, list(extents.values()))
    result = listed.write(pieces, longest_line)
    if isinstance(result, Doubt):
        return result
    if result.lost:
        return Doubt("the comment of an argument that is removed would be lost")
    return (start, end), result.text


def _argument(edits: NestedEdits, argument: Argument, keyword: str | None, extent: Extent) -> str:
    """Return the text of an argument with its keyword changed, added or taken away."""
    start, end = extent
    if argument.keyword is None and keyword is not None:
        text = edits.rendered(start, end)
        if isinstance(argument.value, ast.NamedExpr) and edits.source.start(argument.value) == start:
            text = f"({text})"
        return f"{keyword}={text}"
    if argument.keyword is not None and argument.keyword != keyword:
        name_end = start + len(argument.keyword.encode(edits.source.encoding))
        equals = _EQUALS.match(edits.source.content, name_end, end)
        if keyword is None and equals is not None:
            return edits.rendered(equals.end(), end)
        return f"{keyword}{edits.rendered(name_end, end)}"
    return edits.rendered(start, end)
