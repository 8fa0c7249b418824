"""The fields of a removed parameter in docstrings go; what a docstring says otherwise of it is reported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from overhaul.refactors.docstrings import docstring_of
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.change_signature.definitions import Definition
from overhaul.refactors.recipes.change_signature.report import Report
from overhaul.refactors.recipes.change_signature.rewriting import Rewriting

_SECTION = r"(?:Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|Other Parameters|Attributes)"
_GOOGLE = re.compile(rf"\s*{_SECTION}:\s*$")
_NUMPY = re.compile(rf"\s*{_SECTION}\s*$")
_UNDERLINE = re.compile(r"\s*-{3,}\s*$")
_QUOTES = ('"""', "'''", '"', "'")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip())

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


class DocstringFields:
    """Edits the docstrings of the changed definitions, and of the class for a constructor."""

    def __init__(self, rewriting: Rewriting, report: Report) -> None:
        self.rewriting = rewriting
        self.report = report

    def change(self, definition: Definition) -> None:
        """Remove the fields of removed parameters and report what is not described."""
        function = definition.function
        owners: list[ast.AST] = [function.node]
        if function.owner is not None and function.node.name in ("__init__", "__new__"):
            owners.append(function.owner.node)
        kept = {each.name for each in definition.change.new}
        for owner in owners:
            constant = docstring_of(owner)
            if constant is None:
                continue
            for removed in definition.change.removed:
                if removed.name not in kept:
                    self._remove(function.module, constant, removed.name)
            missing = [each.name for each in definition.change.added]
            described = any(
                self._fields(function.module, constant, each.name) for each in definition.change.old
            )
            if described and missing:
                names = ", ".join(f"'{name}'" for name in missing)
                self.report.note(function.module, constant, f"the docstring does not describe {names}")

    def _fields(self, module: Module, constant: ast.Constant, name: str) -> list[tuple[int, int]]:
        lines = _lines(module.source.slice(module.source.start(constant), module.source.end(constant)))
        return list(_blocks(lines, name))

    def _remove(self, module: Module, constant: ast.Constant, name: str) -> None:
        source = module.source
        begin = source.start(constant)
        text = source.slice(begin, source.end(constant))
        lines = _lines(text)
        removed: set[int] = set()
        for first, last in _blocks(lines, name):
            if first == 0 or last == len(lines) or _holds_quotes(lines, last):
                self.report.leave_at(module, begin, f"field of '{name}' beside the quotes of the docstring")
                continue
            removed |= set(range(first, last))
            start = begin + _size(text, lines[first].start, source.encoding)
            end = begin + _size(text, lines[last].start, source.encoding)
            self.rewriting.edits_of(module).add(start, end, "")
            self.report.edited_at(module, start, f"field of '{name}' in the docstring")
        for match in re.finditer(rf"`{re.escape(name)}`", text):
            line = next(i for i, each in reversed(list(enumerate(lines))) if each.start <= match.start())
            if line not in removed:
                place = begin + _size(text, match.start(), source.encoding)
                self.report.leave_at(module, place, f"the docstring names '{name}', which is removed")


def _size(text: str, end: int, encoding: str) -> int:
    return len(text[:end].encode(encoding))


def _lines(text: str) -> list[_Line]:
    lines, start = [], 0
    for line in re.split(r"(?<=\n)", text):
        lines.append(_Line(start, line))
        start += len(line)
    return lines


def _holds_quotes(lines: Sequence[_Line], last: int) -> bool:
    return last >= len(lines) or (last == len(lines) - 1 and not lines[last].text.strip().endswith(_QUOTES))


def _blocks(lines: Sequence[_Line], name: str) -> Iterator[tuple[int, int]]:
    """Yield the line ranges that describe a parameter: Sphinx, Google and numpy style."""
    word = re.escape(name)
    sphinx = re.compile(
        rf"\s*:(?:param|parameter|arg|argument|key|keyword|type)\s+(?:[\w.\[\], |]+\s+)?\*{{0,2}}{word}\s*:"
    )
    google = re.compile(rf"\s+\*{{0,2}}{word}\s*(?:\([^)]*\))?\s*:(?=\s)")
    numpy = re.compile(rf"\s+\*{{0,2}}{word}\s*(?::.*)?$")
    for index, line in enumerate(lines):
        last = _end(lines, index)
        if sphinx.match(line.text):
            yield index, last
        elif google.match(line.text) and (header := _header(lines, index)) is not None:
            yield _with_header(lines, index, last, header, 1, line.indent)
        elif numpy.match(line.text) and (header := _underlined(lines, index)) is not None:
            yield _with_header(lines, index, last, header, 2, line.indent)


def _end(lines: Sequence[_Line], index: int) -> int:
    """Return the line behind an entry: what is indented deeper belongs to it."""
    last = index + 1
    while last < len(lines):
        following = next((each for each in lines[last:] if not each.is_blank), None)
        if following is None or following.indent <= lines[index].indent:
            break
        if following.text.strip() in _QUOTES:
            break
        last += 1
    return last


def _header(lines: Sequence[_Line], index: int) -> int | None:
    """Return the line of the Google section that an entry is in."""
    for place in range(index - 1, -1, -1):
        line = lines[place]
        if not line.is_blank and line.indent < lines[index].indent:
            return place if _GOOGLE.match(line.text) else None
    return None


def _underlined(lines: Sequence[_Line], index: int) -> int | None:
    """Return the line of the numpy section that an entry is in."""
    for place in range(index - 1, 0, -1):
        line = lines[place]
        if _UNDERLINE.match(line.text) and line.indent == lines[index].indent:
            return place - 1 if _NUMPY.match(lines[place - 1].text) else None
    return None


def _with_header(
    lines: Sequence[_Line], index: int, last: int, header: int, size: int, indent: int
) -> tuple[int, int]:
    """Take the section's header along if the entry is the only one in it."""
    before = [each for each in lines[header + size : index] if not each.is_blank]
    following = next((each for each in lines[last:] if not each.is_blank), None)
    more = (
        following is not None
        and following.indent == indent
        and following.text.strip() not in _QUOTES
        and (size == 1 or not _starts_section(lines, lines.index(following)))
    )
    if before or more:
        return index, last
    # The section's own blank line goes with it.
    start = header - 1 if header and lines[header - 1].is_blank else header
    return start, last


def _starts_section(lines: Sequence[_Line], index: int) -> bool:
    return index + 1 < len(lines) and _UNDERLINE.match(lines[index + 1].text) is not None
