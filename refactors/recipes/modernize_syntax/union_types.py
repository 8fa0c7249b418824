"""PEP 604: `Optional[X]` is `X | None`, `Union[X, Y]` is `X | Y`. https://peps.python.org/pep-0604/"""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from overhaul.refactors.recipes.modernize_syntax.known_types import supports_union
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile, is_name
from overhaul.refactors.recipes.modernize_syntax.type_positions import RUNTIME_USES, position_of

_OPENING = re.compile(r"\s*\[\s*")
_CLOSING = re.compile(r"\s*,?\s*\]")
_COMMA = re.compile(r"(\s*),((?:\s|#[^\r\n]*[\r\n])*)")


def union_types(file: ModernFile) -> None:
    """Replace `Optional` and `Union` where `|` means the same and works."""
    for node in file.nodes(ast.Subscript):
        if not isinstance(node.value, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        qualified = file.meaning(node.value)
        if qualified not in ("typing.Optional", "typing.Union"):
            continue
        members = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        is_optional = qualified == "typing.Optional"
        doubt = _doubt(file, node, members, is_optional) or _write(file, node, members, is_optional)
        if doubt:
            file.leave(node, doubt)
        else:
            file.consume(node.value)
            file.resolve(node, f"{qualified} is written with |")


def _doubt(file: ModernFile, node: ast.Subscript, members: list[ast.expr], is_optional: bool) -> str:
    """Say why a union stays, or nothing."""
    if file.in_formatted_string(node):
        return "inside an f-string"
    if not members or any(isinstance(each, ast.Starred) for each in members):
        return "the members are not told one by one"
    if is_optional and len(members) > 1:
        return "Optional takes one type"
    if any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in members):
        return "a forward reference in quotes: '\"X\" | None' raises TypeError when it is evaluated"
    if any(isinstance(each, ast.Constant) and each.value is not None for each in members):
        return "a member is no type"
    if all(isinstance(each, ast.Constant) for each in members):
        return "only None"
    position = position_of(file, node)
    if position.kind in ("base", "value", "comment", "test"):
        return RUNTIME_USES[position.kind]
    if position.in_string and position.kind != "annotation":
        return "inside a string that is no annotation"
    old = file.options.target < (3, 10) and not file.is_stub
    if old and position.is_evaluated:
        return "evaluated when the program runs, which needs Python 3.10"
    if old and (position.may_be_read or position.in_string):
        return "something may read this annotation when the program runs, which needs Python 3.10"
    if position.is_evaluated:
        return _not_a_type(file, members, is_optional)
    return ""


def _not_a_type(file: ModernFile, members: list[ast.expr], is_optional: bool) -> str:
    types = [each for each in members if not isinstance(each, ast.Constant)]
    if len(members) == 1 and not is_optional:
        return ""
    if _is_bound_first(file, types[0], types):
        return "the annotated name itself, which has its value before the annotation is evaluated"
    for each in types:
        if not supports_union(file, each):
            name = ast.unparse(each)
            return (
                f"'{name if len(name) < 60 else name[:57] + '...'}' is not known to be a class,"
                " and | is evaluated here;"
                " -p outside_names=trust takes capitalised names from outside the tree for classes"
            )
    return ""


def _is_bound_first(file: ModernFile, place: ast.expr, types: list[ast.expr]) -> bool:
    """Tell whether an annotation names what is annotated: in `date: Optional[date] = None` it then is None."""
    statement = file.module.bindings.statement_of(place)
    if not isinstance(statement, ast.AnnAssign) or statement.value is None:
        return False
    return isinstance(statement.target, ast.Name) and any(
        is_name(node, statement.target.id) for each in types for node in ast.walk(each)
    )


def _write(file: ModernFile, node: ast.Subscript, members: list[ast.expr], is_optional: bool) -> str:
    """Put `|` in place of the brackets and commas; say what stands against it, or nothing."""
    source = file.source
    start, end = source.start(node), source.end(node)
    first, last = source.start(members[0]), source.end(members[-1])
    opening = file.between(source.end(node.value), first)
    closing = file.between(last, end)
    if not _OPENING.fullmatch(opening) or not _CLOSING.fullmatch(closing):
        return "a comment or parentheses stand between the brackets and the types"
    commas = []
    for one, other in pairwise(members):
        between = file.between(source.end(one), source.start(other))
        match = _COMMA.fullmatch(between)
        if match is None:
            return "something else than a comma stands between the types"
        commas.append(
            (source.end(one), f"{match[1]} |{match[2] or ' '}", len(between.encode(source.encoding)))
        )
    none = " | None" if is_optional else ""
    if "\n" in opening + closing + "".join(text for _, text, _ in commas):
        file.change(start, first, "(" + opening.lstrip()[1:])
        file.change(last, end, none + closing.replace(",", "", 1)[:-1] + ")")
    else:
        file.change(start, first, "")
        file.change(last, end, none)
    for place, text, length in commas:
        file.change(place, place + length, text)
    return ""
