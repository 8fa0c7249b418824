"""A string literal's pieces as they are written, and f-strings made of them, checked by Python's own parser."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile, is_name

_PIECE = re.compile(r"([rRuU]?)('''|\"\"\"|'|\")(.*)\2", re.DOTALL)
_MARKERS = frozenset(
    {
        "_",
        "N_",
        "gettext",
        "gettext_lazy",
        "lazy_gettext",
        "ngettext",
        "pgettext",
        "ugettext",
        "_n",
        "_p",
        "tr",
    }
)
LONGEST_LINE = 120
_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)
_WRAPPED = (ast.Lambda, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.IfExp)


@dataclass(frozen=True, slots=True)
class Piece:
    """One token of a literal, by its byte offsets: prefix, quotes and what is between them."""

    start: int
    end: int
    prefix: str
    quotes: str
    body: str

    @property
    def is_raw(self) -> bool:
        return self.prefix in ("r", "R")


@dataclass(frozen=True, slots=True)
class Field:
    """What an f-string shows between its braces: an expression, `path` of its attributes, and `after` them `!r:>5`."""

    node: ast.expr
    after: str
    path: str = ""


Part = str | Field  # text as it is written in the literal, not yet with doubled braces


def pieces_of(file: ModernFile, constant: ast.Constant) -> list[Piece] | Doubt:
    """Return the tokens that a text literal is written as."""
    source = file.source
    start, end = source.start(constant), source.end(constant)
    text = source.slice(start, end)
    if "\f" in text or "\r" in text.replace("\r\n", "\n"):
        return Doubt("the literal has line ends of its own kind")
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({text}\n)", newline="").readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return Doubt("the literal cannot be split into its pieces")
    lines = [0]
    for line in f"({text}\n)".splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    found = []
    for token in tokens:
        if token.type != tokenize.STRING:
            continue
        match = _PIECE.fullmatch(token.string)
        if match is None:
            return Doubt("bytes, or a literal of another kind")
        offset = lines[token.start[0] - 1] + token.start[1] - 1
        first = start + len(text[:offset].encode(source.encoding))
        last = first + len(token.string.encode(source.encoding))
        found.append(Piece(first, last, match[1], match[2], match[3]))
    return found or Doubt("the literal cannot be split into its pieces")


def without_str(file: ModernFile, node: ast.expr) -> ast.expr | None:
    """Return what `str(...)` is called on, which `!s` does as well; None for other expressions."""
    if isinstance(node, ast.Call) and is_name(node.func, "str") and len(node.args) == 1 and not node.keywords:
        is_plain = not isinstance(node.args[0], ast.Starred) and file.is_builtin("str", node)
        return node.args[0] if is_plain else None
    return None


def stands_for_translation(file: ModernFile, node: ast.expr) -> bool:
    """Tell whether a text goes to a function that looks up its translation, and must stay one literal."""
    above = file.parent(node)
    while isinstance(above, ast.keyword | ast.BinOp):
        above = file.parent(above)
    return isinstance(above, ast.Call) and _last(above.func) in _MARKERS


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def formatted_piece(file: ModernFile, piece: Piece, parts: Sequence[Part]) -> str | Doubt:
    """Return the piece as an f-string, or as the plain literal that it is if no field is in it."""
    texts = []
    has_fields = any(isinstance(each, Field) for each in parts)
    for part in parts:
        if isinstance(part, str):
            texts.append(part.replace("{", "{{").replace("}", "}}") if has_fields else part)
            if has_fields and not piece.is_raw and "\\N{" in part:
                return Doubt("the literal has \\N{...}, whose braces are its own")
            continue
        shown = _shown(file, piece, part)
        if isinstance(shown, Doubt):
            return shown
        texts.append(f"{{{shown}{part.after}}}")
    prefix = piece.prefix if piece.is_raw else ""
    made = f"{'f' if has_fields else ''}{prefix}{piece.quotes}{''.join(texts)}{piece.quotes}"
    return (
        made
        if _is_right(file, made, piece, parts)
        else Doubt("the text cannot be written as an f-string safely")
    )


def _shown(file: ModernFile, piece: Piece, field: Field) -> str | Doubt:
    """Return an expression as it can stand between braces, also before Python 3.12."""
    node, text = field.node, file.text(field.node)
    if "\n" in text or "\r" in text:
        return Doubt("an argument is written over several lines")
    if isinstance(node, _WRAPPED) or (field.path and not isinstance(node, _ATOMS)):
        text = f"({text})"
    text += field.path
    quote = piece.quotes[0]
    if quote in text:
        other = "'" if quote == '"' else '"'
        if other in text:
            return Doubt("an argument has quotes of both kinds")
        text = text.replace(quote, other)
    if "\\" in text or "#" in text:
        return Doubt("a backslash or # in an argument cannot be in an f-string before Python 3.12")
    return f" {text}" if text.startswith("{") else text


def put_pieces(
    file: ModernFile, node: ast.expr, new: Sequence[tuple[int, int, str]], kept_end: int
) -> Doubt | None:
    """Replace an expression by its literal's new pieces and what stands around them, up to an offset."""
    start, end = file.source.start(node), file.source.end(node)
    text, place = "", start
    for low, high, each in new:
        text += file.between(place, low) + each
        place = high
    before = file.source.content[:start][-1:]
    gap = " " if before.isalnum() or before == b"_" or before >= b"\x80" else ""
    text = gap + text + file.between(place, kept_end)
    if _is_too_long(file, node, text):
        return Doubt(f"a line would have more than {LONGEST_LINE} characters")
    file.change(start, end, text)
    return None


def _is_too_long(file: ModernFile, node: ast.expr, text: str) -> bool:
    """Tell whether a line gets longer than any formatter takes, which could not fold an f-string."""
    starts, last = file.source.line_starts, node.end_lineno or node.lineno
    end = starts[last] if last < len(starts) else len(file.source.content)
    written = file.between(starts[node.lineno - 1], end).split("\n")
    before = written[0].encode()[: node.col_offset].decode()
    longest = max([LONGEST_LINE, *map(len, written)])
    return any(len(each) > longest for each in (before + text).split("\n"))


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None


def _is_right(file: ModernFile, made: str, piece: Piece, parts: Sequence[Part]) -> bool:
    """Check that Python reads the new literal as the same texts and the same expressions."""
    after = _parsed(made)
    quoted = [
        _parsed(f"{piece.prefix}{piece.quotes}{each}{piece.quotes}") if isinstance(each, str) else each
        for each in parts
    ]
    wanted: list[str] = []
    for part in quoted:
        if isinstance(part, Field):
            inner = _parsed(f"({file.text(part.node)}){part.path}")
            wanted.append("" if inner is None else f"{{{ast.dump(inner)}{part.after}}}")
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            wanted.append(f"<{part.value}>" if part.value else "")
        else:
            return False
    return after is not None and _described(after) == [each for each in wanted if each]


def _described(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [f"<{node.value!s}>"] if node.value else []
    found = []
    for each in node.values if isinstance(node, ast.JoinedStr) else []:
        if isinstance(each, ast.FormattedValue):
            conversion = f"!{chr(each.conversion)}" if each.conversion >= 0 else ""
            specification = ""
            if isinstance(each.format_spec, ast.JoinedStr):
                specification = ":" + "".join(
                    str(part.value) for part in each.format_spec.values if isinstance(part, ast.Constant)
                )
            found.append(f"{{{ast.dump(each.value)}{conversion}{specification}}}")
        elif isinstance(each, ast.Constant):
            found.append(f"<{each.value!s}>")
    return found
