"""The text of code as it stands in its new place: other names, other indentation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.indentation import indent_of, lines_in_strings, newline_of, reindented
from overhaul.refactors.name_tokens import Span, name_span
from overhaul.refactors.project import Module
from overhaul.refactors.text import Splice, splice

_LINE = re.compile(r"\r\n|\r|\n")


def name_splices(module: Module, names: Mapping[ast.Name, str]) -> list[Splice] | Doubt:
    """Return the splices that give names other texts."""
    found: list[Splice] = []
    for node, text in names.items():
        span = name_span(module.bindings, node, node.id)
        if span is None:
            return Doubt(f"'{node.id}' is in a string whose positions are not known")
        if text != node.id:
            found.append((*span, text))
    return found


def rendered(module: Module, node: ast.expr, names: Mapping[ast.Name, str], indent: str) -> str | Doubt:
    """Return an expression's text with other names; further lines get the new statement's indentation."""
    splices = name_splices(module, names)
    if isinstance(splices, Doubt):
        return splices
    source = module.source
    text = spliced(module, (source.start(node), source.end(node)), splices)
    if not _LINE.search(text):
        return text
    old = indent_of(source, module.bindings.statement_of(node).lineno)
    return moved_lines(module, text, old, indent, is_expression=True)


def spliced(module: Module, span: Span, splices: Iterable[Splice]) -> str:
    """Return the text between two offsets with splices, given in offsets of the file, made."""
    start, end = span
    inside = [
        (low - start, high - start, text) for low, high, text in splices if start <= low and high <= end
    ]
    source = module.source
    encoding = source.encoding
    # What is put in may have characters that this file's encoding has not.
    content = source.content[start:end].decode(encoding)
    if encoding != "utf-8":
        inside = [
            (
                len(source.content[start : start + low].decode(encoding).encode()),
                len(source.content[start : start + high].decode(encoding).encode()),
                text,
            )
            for low, high, text in inside
        ]
    return splice(content.encode(), inside, "utf-8").decode()


def moved_lines(module: Module, text: str, old: str, new: str, is_expression: bool = False) -> str | Doubt:
    """Return text with another indentation; the first line of an expression has none."""
    lines = _LINE.split(text)
    inside = lines_in_strings(f"({text})" if is_expression else text)
    if inside is None:
        return Doubt("its tokens cannot be read, so that its lines cannot be moved")
    moved = reindented(lines, {number - 1 for number in inside}, old, new)
    return newline_of(module.source).join([lines[0], *moved[1:]] if is_expression else moved)
