"""`'%s is %r' % (a, b)` as an f-string."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.modernize_syntax.evaluation import keeps_order
from overhaul.refactors.recipes.modernize_syntax.literal_pieces import (
    Field,
    Part,
    formatted_piece,
    pieces_of,
    put_pieces,
    stands_for_translation,
    without_str,
)
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile
from overhaul.refactors.recipes.modernize_syntax.value_kinds import (
    is_integer,
    is_no_tuple,
    is_number,
    is_plain_text,
)

_CONVERSION = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<flags>[-+ #0]*)(?P<width>\*|\d+)?(?:\.(?P<precision>\*|\d*))?[hlL]?(?P<kind>.)",
    re.DOTALL,
)


def percent_format(file: ModernFile) -> None:
    """Replace the operator where it shows the same texts in the same order."""
    found = [
        node
        for node in file.nodes(ast.BinOp)
        if isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
    ]
    for node in sorted(found, key=lambda each: file.source.end(each) - file.source.start(each)):
        doubt = _rewrite(file, node)
        if doubt is not None:
            file.leave(node, doubt.reason)
        else:
            file.resolve(node, "the same text as an f-string")


def _rewrite(file: ModernFile, node: ast.BinOp) -> Doubt | None:
    assert isinstance(node.left, ast.Constant)  # noqa: S101 - looked for
    if file.in_formatted_string(node):
        return Doubt("inside an f-string")
    if stands_for_translation(file, node):
        return Doubt("goes to a function that looks up its translation")
    source, left, right = file.source, node.left, node.right
    pieces = pieces_of(file, left)
    if isinstance(pieces, Doubt):
        return pieces
    template = [_parts(piece.body) for piece in pieces]
    written = [each[0] for parts in template for each in parts if not isinstance(each, str)]
    meant = [each[0] for each in _CONVERSION.finditer(str(left.value)) if each[0] != "%%"]
    if written != meant or any(isinstance(parts[-1], str) and "%" in parts[-1] for parts in template):
        return Doubt("a conversion is not written as it is, or is incomplete")
    arguments = _arguments(
        file, right, [each for parts in template for each in parts if not isinstance(each, str)]
    )
    if isinstance(arguments, Doubt):
        return arguments
    if "#" in file.between(source.end(left), source.start(right)):
        return Doubt("a comment between the text and its arguments would be lost")
    values = iter(arguments)
    new: list[tuple[int, int, str]] = []
    for piece, parts in zip(pieces, template, strict=True):
        filled: list[Part] = []
        for part in parts:
            if isinstance(part, str):
                filled.append(part)
                continue
            value = next(values)
            after = _after(file, part, value)
            if isinstance(after, Doubt):
                return after
            inner = without_str(file, value) if part["kind"] == "s" else None
            filled.append(Field(value if inner is None else inner, after))
        text = formatted_piece(file, piece, _joined(filled))
        if isinstance(text, Doubt):
            return text
        new.append((piece.start, piece.end, text))
    return _put(file, node, new)


def _put(file: ModernFile, node: ast.BinOp, new: list[tuple[int, int, str]]) -> Doubt | None:
    source = file.source
    after_left = source.end(node.left)
    closing = file.between(after_left, source.start(node.right)).partition("%")[0]
    if closing.strip(" \t\r\n)\\"):
        return Doubt("something stands between the text and its arguments")
    kept_end = after_left + len(closing.rstrip(" \t\r\n\\").encode(source.encoding))
    return put_pieces(file, node, new, kept_end)


def _parts(body: str) -> list[str | re.Match[str]]:
    """Split what a literal is written as at its conversions; `%%` is text."""
    found: list[str | re.Match[str]] = []
    place = 0
    for match in _CONVERSION.finditer(body):
        found.append(body[place : match.start()])
        found.append("%" if match[0] == "%%" else match)
        place = match.end()
    rest = body[place:]
    found.append(rest)
    return found


def _joined(parts: list[Part]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return found


def _arguments(file: ModernFile, right: ast.expr, conversions: list[re.Match[str]]) -> list[ast.expr] | Doubt:
    """Return what each conversion shows."""
    keys = [each["key"] for each in conversions]
    if not conversions:
        return Doubt("the text has no conversions")
    if any(each["width"] == "*" or each["precision"] == "*" for each in conversions):
        return Doubt("a width or precision is an argument")
    if all(key is None for key in keys):
        if isinstance(right, ast.Tuple):
            values = list(right.elts)
        elif is_no_tuple(file, right):
            values = [right]
        else:
            return Doubt("the argument may be a tuple, whose items would be shown one by one")
        if any(isinstance(each, ast.Starred) for each in values) or len(values) != len(conversions):
            return Doubt("the number of arguments is not that of the conversions")
        if isinstance(right, ast.Tuple) and "#" in file.between(
            file.source.start(right), file.source.end(right)
        ):
            return Doubt("a comment or # is among the arguments")
        return values if keeps_order(values, values) else Doubt(_ORDER)
    if any(key is None for key in keys) or not isinstance(right, ast.Dict):
        return Doubt("the mapping is not written out here")
    return _by_key(right, keys)


_ORDER = "an argument after the first may change what an earlier one shows"


def _by_key(right: ast.Dict, keys: list[str]) -> list[ast.expr] | Doubt:
    known = {
        key.value: value
        for key, value in zip(right.keys, right.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    if len(known) != len(right.keys):
        return Doubt("a key of the mapping is not written out, or is there twice")
    if set(known) != set(keys):
        return Doubt("the mapping's keys are not those of the conversions")
    shown = [known[key] for key in keys]
    return shown if keeps_order(right.values, shown) else Doubt(_ORDER)


def _after(file: ModernFile, conversion: re.Match[str], value: ast.expr) -> str | Doubt:
    """Return what follows the expression between the braces: `!s:>5`."""
    kind, flags = conversion["kind"], conversion["flags"]
    width, precision = conversion["width"] or "", conversion["precision"]
    if kind in "sra":
        if set(flags) - {"-"}:
            return Doubt(f"'{conversion[0]}' has flags that mean nothing for text")
        limit = "" if precision is None else f".{precision or '0'}"
        fill = f"{'<' if flags else '>'}{width}" if width else ""
        shown = f":{fill}{limit}" if fill or limit else ""
        if kind == "s" and (file.options.plain_fields or is_plain_text(file, value)) and not shown:
            return ""
        return f"!{kind}{shown}"
    return _number(file, conversion, value)


def _number(file: ModernFile, conversion: re.Match[str], value: ast.expr) -> str | Doubt:
    kind, flags = conversion["kind"], conversion["flags"]
    width, precision = conversion["width"] or "", conversion["precision"]
    is_fitting = (
        is_integer(file, value) if kind in "dixX" else is_number(file, value) if kind in "fFeEgG" else False
    )
    if not is_fitting or "#" in flags or (kind in "dixX" and precision is not None):
        return Doubt(f"'{conversion[0]}' takes other values than the field of an f-string does")
    if set(flags) - {"-", "0", "+"} or ({"-", "0"} <= set(flags)):
        return Doubt(f"'{conversion[0]}' has flags that fields have not")
    align = "<" if "-" in flags and width else ""
    sign = "+" if "+" in flags else ""
    zero = "0" if "0" in flags and width else ""
    shown = f"{align}{sign}{zero}{width}" + (f".{precision or '0'}" if precision is not None else "")
    letter = "d" if kind in "di" else kind
    if letter == "d" and not shown:
        return ""
    return f":{shown}{letter}"
