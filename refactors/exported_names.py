"""`__all__` of a file: names taken out of it and put into it, where it is a list that is written out."""

from __future__ import annotations

import ast

from overhaul.refactors.import_text import newline
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module, exported_strings

Display = ast.List | ast.Tuple | ast.Set


def exported_string(module: Module, name: str) -> ast.Constant | None:
    """Return the string in `__all__` that exports a name."""
    return next((each for each in exported_strings(module) if each.value == name), None)


def without_export(module: Module, constant: ast.Constant) -> tuple[Span, str] | None:
    """Return the splice that takes a string out of `__all__`; None where it is in no list that is written out."""
    display = module.bindings.parents.get(constant)
    if not isinstance(display, Display) or constant not in display.elts:
        return None
    source = module.source
    index, content = display.elts.index(constant), source.content
    start, end = source.start(constant), source.end(constant)
    last = source.end(display.elts[-1])
    ends_with_comma = content[last : source.end(display)].lstrip().startswith(b",")
    is_pair = isinstance(display, ast.Tuple) and len(display.elts) == 2 and not ends_with_comma
    if index + 1 < len(display.elts):
        following = source.start(display.elts[index + 1])
        between = content[end:following]
        if b"#" in between:
            line_end = end + min(position for each in (b"\n", b"\r") if (position := between.find(each)) >= 0)
            following = _after_line_end(content, line_end)
            start -= _indent(content, start)
        # A tuple of one is none without its comma.
        return (start, last if is_pair else following), f"{source.slice(following, last)}," if is_pair else ""
    if index == 0:
        closing = source.end(display) - 1
        if isinstance(display, ast.Tuple):
            return (source.start(display), source.end(display)), "()"
        return (start, end + len(content[end:closing]) if b"#" not in content[end:closing] else end), ""
    previous = source.end(display.elts[index - 1])
    if b"#" in content[previous:start]:
        return None
    return (previous, end), "," if is_pair else ""


def with_export(module: Module, name: str) -> tuple[Span, str] | None:
    """Return the splice that adds a name to `__all__`, in its order; None where there is no list written out."""
    displays = [
        display
        for use in module.scope.uses.get("__all__", ())
        if isinstance(statement := module.bindings.statement_of(use), ast.Assign | ast.AnnAssign)
        and isinstance(display := statement.value, ast.List | ast.Tuple)
    ]
    if len(displays) != 1 or not displays[0].elts:
        return None
    source, elements = module.source, displays[0].elts
    values = [each.value if isinstance(each, ast.Constant) else None for each in elements]
    if not all(isinstance(each, str) for each in values):
        return None
    quote = source.slice(source.start(elements[0]), source.start(elements[0]) + 1)
    text = f"{quote}{name}{quote}"
    names = [str(each) for each in values]
    separator = ", "
    if len(elements) > 1:
        between = source.slice(source.end(elements[0]), source.start(elements[1]))
        separator = between if "#" not in between else separator
    elif elements[0].lineno != displays[0].lineno:
        separator = "," + source.slice(source.start(displays[0]) + 1, source.start(elements[0]))
    later = [index for index, each in enumerate(names) if each > name] if names == sorted(names) else []
    if later:
        start = source.start(elements[later[0]])
        return (start, start), text + separator
    end = source.end(elements[-1])
    return (end, end), (_folded(module, displays[0], f", {text}") or separator) + text


def _folded(module: Module, display: ast.List | ast.Tuple, addition: str) -> str | None:
    """Return a separator that begins a line, where the last of several lines has no room for an addition."""
    source, content = module.source, module.source.content
    first, last = source.start(display.elts[0]), source.start(display.elts[-1])
    begin = max(content.rfind(each, first, last) for each in (b"\n", b"\r")) + 1
    lines = source.slice(first, source.end(display)).splitlines()
    if not begin or display.elts[-2].lineno != display.elts[-1].lineno:
        return None
    indent = content[begin : begin + len(content[begin:last]) - len(content[begin:last].lstrip())].decode(
        "ascii"
    )
    length = source.end(display) - begin + len(addition)
    longest = max(len(indent) + len(line.strip()) for line in lines)
    return f",{newline(module)}{indent}" if length > longest else None


def _indent(content: bytes, start: int) -> int:
    before = content[:start]
    return len(before) - len(before.rstrip(b" \t"))


def _after_line_end(content: bytes, position: int) -> int:
    return position + (2 if content[position : position + 2] == b"\r\n" else 1)
