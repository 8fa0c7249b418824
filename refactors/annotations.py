"""Types written as text: string annotations and type comments, as expressions at their places."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from overhaul.refactors.bindings import ModuleBindings
    from overhaul.refactors.text import SourceText

# A subscript of one of these holds types, wherever it stands.
TYPING_FORMS = frozenset(
    [
        "Annotated",
        "Callable",
        "ClassVar",
        "DefaultDict",
        "Deque",
        "Dict",
        "Final",
        "FrozenSet",
        "Generic",
        "Iterable",
        "Iterator",
        "List",
        "Mapping",
        "MutableMapping",
        "Optional",
        "Sequence",
        "Set",
        "Tuple",
        "Type",
        "Union",
        "dict",
        "frozenset",
        "list",
        "set",
        "tuple",
        "type",
    ]
)
_LITERAL = re.compile(r"""[uUrR]?('''|\"\"\"|'|")""")
_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore\b)([^#]*[^#\s])")


_MAY_BE_TYPE_COMMENT = re.compile(rb"#\s*type:[ \t]*+(?!ignore\b)")


def may_have_type_comments(content: bytes) -> bool:
    """Tell whether a file is worth splitting into tokens; most that say `# type:` only say `# type: ignore`."""
    is_said = b"# type:" in content or b"#type:" in content
    return is_said and _MAY_BE_TYPE_COMMENT.search(content) is not None


def last_name(node: ast.expr | None) -> str:
    """Return `c` for the expressions `c` and `a.b.c`, and the empty string for others."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def decorator_names(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    """Return the last names of a definition's decorators, called or not."""
    return {last_name(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list}


def is_branch_for_types(test: ast.If, child: ast.AST) -> bool:
    """Tell whether a statement of an `if` is seen by type checkers only."""
    if isinstance(test.test, ast.UnaryOp) and isinstance(test.test.op, ast.Not):
        return last_name(test.test.operand) == "TYPE_CHECKING" and child in test.orelse
    return last_name(test.test) == "TYPE_CHECKING" and child in test.body


def is_for_types(module: ModuleBindings, statement: ast.AST) -> bool:
    """Tell whether a statement is seen by type checkers only: it is in `if TYPE_CHECKING:`, at any depth."""
    child, above = statement, module.parents.get(statement)
    while above is not None:
        if isinstance(above, ast.If) and is_branch_for_types(above, child):
            return True
        child, above = above, module.parents.get(above)
    return False


def annotation_strings(annotation: ast.expr) -> Iterator[ast.Constant]:
    """Yield the strings of an annotation that are types: not Literal's values nor Annotated's metadata."""
    pending: list[ast.expr] = [annotation]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node
        elif isinstance(node, ast.Subscript):
            pending.append(node.value)
            name = last_name(node.value)
            if name == "Annotated" and isinstance(node.slice, ast.Tuple):
                pending.append(node.slice.elts[0])
            elif name != "Literal":
                pending.append(node.slice)
        elif isinstance(node, ast.Tuple | ast.List):
            pending += node.elts
        elif isinstance(node, ast.BinOp):
            pending += (node.left, node.right)


def parse_expression(text: str) -> ast.expr | None:
    """Return the expression, or None if the text is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _shift(tree: ast.AST, line: int, column: int) -> None:
    """Move a tree parsed from one line of text to where the text stands."""
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line  # type: ignore[attr-defined]
            node.col_offset += column  # type: ignore[attr-defined]
            node.end_col_offset += column  # type: ignore[attr-defined]


def shifted_expression(source: SourceText, constant: ast.Constant) -> ast.expr | None:
    """Return a string's value as an expression with positions in the file.

    None if it is no expression, or if its characters are not the file's one by one (escapes, two literals).
    """
    value = str(constant.value)
    written = source.slice(source.start(constant), source.end(constant))
    opening = _LITERAL.match(written)
    if opening is None or "\n" in value or written != opening.group() + value + opening.group(1):
        return None
    expression = parse_expression(value)
    if expression is not None:
        _shift(expression, constant.lineno, constant.col_offset + len(opening.group()))
    return expression


def type_comments(source: SourceText) -> Iterator[ast.expr]:
    """Yield the types in a file's `# type:` comments; those of a signature one by one."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source.text).readline))
    except (tokenize.TokenError, SyntaxError):  # the file parses, so only the tokenizer's own limits remain
        return
    for token in tokens:
        if token.type != tokenize.COMMENT:
            continue
        match = _TYPE_COMMENT.match(token.string)
        if match is None:
            continue
        line, character = token.start
        column = len(token.line[:character].encode()) + len(token.string[: match.start(1)].encode())
        for expression in _comment_types(match.group(1)):
            _shift(expression, line, column)
            yield expression


def _comment_types(text: str) -> list[ast.expr]:
    if text.startswith("(") and "->" in text:
        try:
            signature = ast.parse(text, mode="func_type")
        except SyntaxError:
            return []
        return [*signature.argtypes, signature.returns]
    expression = parse_expression(text)
    return [] if expression is None else [expression]
