"""An expression's text in the place of another: parentheses where they are needed, quotes that an f-string takes."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module

# What stays whole wherever it is put.
ATOMS = (
    ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp,
    ast.DictComp, ast.GeneratorExp, ast.JoinedStr,
)  # fmt: skip
_IN_BRACKETS = (ast.Call, ast.List, ast.Set, ast.Dict, ast.keyword)
_LITERAL = re.compile(r"[fFrRbBuUtT]*(\"\"\"|'''|\"|')")


def parsed(text: str) -> ast.expr | None:
    """Return the syntax tree of an expression that may go over several lines."""
    try:
        return ast.parse(f"(\n{text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def expression_span(module: Module, node: ast.expr, name_span: Span) -> Span | None:
    """Return the offsets of a name or attribute whose last name is at `name_span`, also in an f-string."""
    source = module.source
    if isinstance(node, ast.Name):
        return name_span
    if string_around(module, node) is None:
        return source.start(node), source.end(node)
    text = ast.unparse(node)
    start = name_span[1] - len(text.encode(source.encoding, "replace"))
    return (start, name_span[1]) if source.slice(start, name_span[1]) == text else None


def string_around(module: Module, node: ast.AST) -> ast.JoinedStr | ast.Constant | None:
    """Return the outermost f-string or string annotation that a node is in."""
    found: ast.JoinedStr | ast.Constant | None = None
    above = module.bindings.parents.get(node)
    while above is not None and not isinstance(above, ast.stmt):
        if isinstance(above, ast.JoinedStr | ast.Constant):
            found = above
        above = module.bindings.parents.get(above)
    return found


def fitted(module: Module, node: ast.expr, span: Span, text: str) -> str | Doubt:
    """Return the text as it can stand in the place of a node at these offsets."""
    tree = parsed(text)
    if tree is None:
        return Doubt("the expression cannot be written here")
    string = string_around(module, node)
    if string is not None:
        return _in_string(module, node, string, text, tree)
    if _is_open_tuple(text, tree) or isinstance(tree, ast.NamedExpr | ast.Yield | ast.YieldFrom):
        return f"({text})"
    above = module.bindings.parents[node]
    bracketed = (
        isinstance(above, _IN_BRACKETS) and not (isinstance(above, ast.Call) and above.func is node)
    ) or (isinstance(above, ast.Subscript) and above.slice is node)
    if (spans_lines(text) and not bracketed) or _touches(module, span, text):
        return f"({text})"
    if bracketed and not isinstance(tree, ast.GeneratorExp | ast.Starred):
        return text
    while not isinstance(above, ast.expr | ast.stmt) or isinstance(above, ast.Starred | ast.Slice):
        above = module.bindings.parents[above]
    if isinstance(above, ast.stmt):
        return f"({text})" if isinstance(tree, ast.GeneratorExp) and text[:1] != "(" else text
    if isinstance(tree, ATOMS):
        return text
    source = module.source
    return in_context(
        source.slice(source.start(above), span[0]), source.slice(span[1], source.end(above)), text
    )


def in_context(before: str, after: str, replacement: str) -> str:
    """Return the replacement, in parentheses if the expression around it would take it apart without."""
    enclosed = f"({replacement})"
    plain = shape_of(before + replacement + after)
    return replacement if plain is not None and plain == shape_of(before + enclosed + after) else enclosed


def shape_of(text: str) -> str | None:
    """Return what an expression is, whatever its layout; None if it is none."""
    try:
        return ast.dump(ast.parse(f"(\n{text}\n)", mode="eval"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def standalone(text: str) -> str:
    """Return an expression's text as it can stand after an equals sign or as a statement."""
    tree = parsed(text)
    is_open = isinstance(tree, ast.NamedExpr | ast.Yield | ast.YieldFrom) or spans_lines(text)
    return f"({text})" if is_open else text


def spans_lines(text: str) -> bool:
    """Tell whether a text has to be in brackets because of its line ends."""
    if "\n" not in text and "\r" not in text:
        return False
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return True
    return False


def _is_open_tuple(text: str, tree: ast.expr) -> bool:
    if not isinstance(tree, ast.Tuple):
        return False
    try:
        inner = ast.parse(text, mode="eval").body
    except SyntaxError:
        return True
    return not (
        isinstance(inner, ast.Tuple) and text.startswith("(") and inner.col_offset == 0 and _closes(text)
    )


def _closes(text: str) -> bool:
    """Tell whether the first parenthesis of a text is closed by its last one."""
    try:
        ast.parse(f"{text}[0]", mode="eval")
        whole = ast.parse(f"{text}[0]", mode="eval").body
    except SyntaxError:
        return False
    return isinstance(whole, ast.Subscript)


def _touches(module: Module, span: Span, text: str) -> bool:
    """Tell whether the text would run together with a word right before or after it."""
    content = module.source.content
    before, after = content[: span[0]][-1:], content[span[1] : span[1] + 1]
    return (_is_word(before) and (_is_word(text[:1].encode()) or text[:1] in "'\"")) or (
        _is_word(after) and _is_word(text[-1:].encode())
    )


def _is_word(character: bytes) -> bool:
    return character.isalnum() or character == b"_" or character >= b"\x80"


def _in_string(
    module: Module, node: ast.expr, string: ast.JoinedStr | ast.Constant, text: str, tree: ast.expr
) -> str | Doubt:
    """Return the text for an f-string or string annotation, as every version of Python reads it."""
    where = "an f-string" if isinstance(string, ast.JoinedStr) else "a string"
    if isinstance(string, ast.JoinedStr) and shows_itself(module, node):
        return Doubt("an f-string shows the name itself ({x=})")
    source = module.source
    literal = source.slice(source.start(string), source.end(string))
    opening = _LITERAL.match(literal)
    quotes = {"'", '"'}
    if opening is not None and literal.count(opening[1][0]) == 2 * len(opening[1]):
        quotes = {opening[1][0]}
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str) and quotes & set(text):
        other = ({"'", '"'} - quotes).pop() if len(quotes) == 1 else ""
        if other and not set(tree.value) & {"'", '"', "\\", "\n"} and tree.value.isprintable():
            text = f"{other}{tree.value}{other}"
    if quotes & set(text) or set(text) & {"\\", "#", "\n", "\r"}:
        return Doubt(f"the expression's quotes or escapes cannot stand in {where} of every version of Python")
    if isinstance(tree, ast.Name | ast.Attribute | ast.Call | ast.Subscript) or (
        isinstance(tree, ast.Constant) and isinstance(module.bindings.parents.get(node), ast.FormattedValue)
    ):
        return text if not text.startswith("{") else f"({text})"
    return f"({text})"


def shows_itself(module: Module, node: ast.AST) -> bool:
    """Tell whether an f-string's `=` shows the text of an expression that a node is in."""
    above: ast.AST | None = node
    while above is not None and not isinstance(above, ast.stmt):
        string = module.bindings.parents.get(above)
        if (
            isinstance(above, ast.FormattedValue)
            and isinstance(string, ast.JoinedStr)
            and above in string.values
        ):
            index = string.values.index(above)
            before = string.values[index - 1] if index else None
            if isinstance(before, ast.Constant) and str(before.value).rstrip().endswith("="):
                return True
        above = string
    return False
