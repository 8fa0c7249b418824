"""Jupyter notebooks as Python and Markdown texts, and edits of those texts as edits of the JSON: outputs stay.

The cells of a kind are joined to one text with a marker line before each. Lines that only IPython understands
(`%magic`, `!command`, `name?`) become Python that parses and remembers them, since a text must come back exactly.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json.decoder import JSONDecoder, scanstring  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any, Literal

CellKind = Literal["code", "markdown"]
_MARKERS = {"code": "# [overhaul: cell {}]", "markdown": "<!-- [overhaul: cell {}] -->"}
_NO_CODE = re.compile("[\0\ud800-\udfff]")
_MARKER = re.compile(r"^(?:# \[overhaul: cell (\d+)\]|<!-- \[overhaul: cell (\d+)\] -->)\n", re.MULTILINE)
_KEPT = "  # [overhaul: line] "
_KEPT_LINE = re.compile(rf"^[^\n]*?{re.escape(_KEPT)}(\d+) ([^\n]*)$", re.MULTILINE)
_HIDDEN_CELL = "# [overhaul: text] "
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
_MAGIC = re.compile(r"^(\s*)([%!?]|[\w.\[\], ]+=\s*[%!]|.*\?\s*$)")
# Magics that are given Python: what they run is code like any other.
_TIMED = re.compile(r"^(\s*)(%(?:time|timeit|prun|memit)\s+(?:-\w+(?:\s*\d+)?\s+)*)(\S.*)$")
_PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun", "%%memit")


class NotANotebook(Exception):
    """The file is no notebook of format 4 whose cells can be read."""


class _Text(str):
    """A string value of a JSON document with its place there, quotes included."""

    __slots__ = ("end", "start")
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `strings` are the JSON strings that make its source, one a line or one for all."""

    number: int
    kind: CellKind
    strings: Sequence[_Text]
    is_list: bool
    text: str  # as it is in the notebook
    shown: str  # as Python that parses


class Notebook:
    """A parsed notebook. Raises NotANotebook; cells that are no Python are in `unread`, with their place and reason."""

    def __init__(self, content: bytes) -> None:
        try:
            self.document = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise NotANotebook(f"cannot be decoded: {error}") from error
        self._mark = content[: len(content) - len(self.document.encode())]
        notebook = _load(self.document)
        cells = notebook.get("cells") if isinstance(notebook, dict) else None
        if not isinstance(cells, list) or notebook.get("nbformat") != 4:
            raise NotANotebook("is no notebook of format 4; convert it with: jupyter nbconvert --to notebook")
        self.is_python = _language(notebook) in ("python", "")
        self.unread: list[tuple[int, str]] = []
        self.cells = [
            cell for number, each in enumerate(cells, 1) if (cell := self._cell(number, each)) is not None
        ]

    def text(self, kind: CellKind) -> str:
        """Return all cells of a kind as one text; empty if there is none."""
        cells = [cell for cell in self.cells if cell.kind == kind]
        return "".join(f"{_MARKERS[kind].format(cell.number)}\n{cell.shown}\n" for cell in cells)

    def edited(self, texts: dict[CellKind, str]) -> bytes:
        """Return the file with new texts of cells. Raises NotANotebook if they are no longer told apart."""
        by_number = {cell.number: cell for cell in self.cells}
        pieces: list[tuple[int, int, str]] = []
        for kind, text in texts.items():
            parts = list(_split(text))
            expected = [cell.number for cell in self.cells if cell.kind == kind]
            if [number for number, _ in parts] != expected:
                raise NotANotebook("an edit goes over the border of cells")
            for number, shown in parts:
                cell = by_number[number]
                if shown != cell.shown:
                    pieces += self._spliced(cell, _restored(shown))
        document = self.document
        for start, end, replacement in sorted(pieces, reverse=True):
            document = document[:start] + replacement + document[end:]
        return self._mark + document.encode()

    def place(self, kind: CellKind, line: int, column: int) -> tuple[int, int, int, int]:
        """Return line and column in the file for those of a text, then the cell's number and the line in it."""
        shown_line = line
        for cell in self.cells:
            if cell.kind != kind:
                continue
            lines = cell.shown.count("\n") + 2  # the marker's too
            if shown_line <= lines:
                inside = max(1, shown_line - 1)
                return (*self._place_in(cell, inside, column), cell.number, inside)
            shown_line -= lines
        return 1, 1, 1, 1

    def _place_in(self, cell: Cell, line: int, column: int) -> tuple[int, int]:
        lines, shown = cell.text.split("\n"), cell.shown.split("\n")
        if lines[line - 1 : line] != shown[line - 1 : line]:
            column = 1 if len(shown[line - 1]) != len(lines[line - 1]) else column
        offset = sum(len(each) + 1 for each in lines[: line - 1]) + min(column - 1, len(lines[line - 1]))
        for string in cell.strings:
            if offset < len(string) or string is cell.strings[-1]:
                return self._position(_raw_offset(self.document, string, offset))
            offset -= len(string)
        return 1, 1

    def _position(self, offset: int) -> tuple[int, int]:
        before = self.document[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def _cell(self, number: int, cell: Any) -> Cell | None:
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown"):
            return None
        source = cell.get("source", "")
        strings = source if isinstance(source, list) else [source]
        if not all(isinstance(each, _Text) for each in strings):
            raise NotANotebook(f"cell {number} has no source that is text")
        text, kind = "".join(strings), cell["cell_type"]
        if _NO_CODE.search(text):
            self.unread.append(
                (number, "has a null character, or half of one, which no Python file can have")
            )
            return None
        if (
            not strings
            or "\r" in text
            or _MARKER.search(f"{text}\n")
            or _KEPT in text
            or _HIDDEN_CELL in text
        ):
            if strings:
                self.unread.append((number, "has line ends or marks that cannot be kept"))
            return None
        if kind == "code" and not self.is_python:
            return None
        shown = text
        if kind == "code":
            shown, error = _as_python(text)
            if error:
                self.unread.append((number, error))
        return Cell(number, kind, strings, isinstance(source, list), text, shown)

    def _spliced(self, cell: Cell, text: str) -> list[tuple[int, int, str]]:
        first, last = cell.strings[0], cell.strings[-1]
        plain = "\\u" in self.document[first.start : last.end]
        if not cell.is_list:
            return [(first.start, first.end, json.dumps(text, ensure_ascii=plain))]
        lines = re.findall(r"[^\n]*\n|[^\n]+", text) or [""]
        if len(lines) == len(cell.strings):
            return [
                (old.start, old.end, json.dumps(new, ensure_ascii=plain))
                for old, new in zip(cell.strings, lines, strict=True)
                if old != new
            ]
        separator = ", "
        if len(cell.strings) > 1:
            separator = self.document[first.end : cell.strings[1].start]
        else:
            before = self.document[: first.start]
            indent = before[len(before.rstrip()) :]
            separator = f",{indent}" if "\n" in indent else separator
        return [
            (first.start, last.end, separator.join(json.dumps(line, ensure_ascii=plain) for line in lines))
        ]


def _load(document: str) -> Any:
    decoder = JSONDecoder()

    def located(text: str, end: int, strict: bool) -> tuple[_Text, int]:
        value, after = scanstring(text, end, strict)
        found = _Text(value)
        found.start, found.end = end - 1, after
        return found, after

    # json's own scanner in Python asks the decoder for both (json/scanner.py).
    vars(decoder).update(parse_string=located)
    vars(decoder).update(scan_once=py_make_scanner(decoder))
    try:
        return decoder.decode(document)
    except (ValueError, RecursionError) as error:
        raise NotANotebook(f"does not parse as JSON: {error}") from error


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    for name, key in (("language_info", "name"), ("kernelspec", "language")):
        part = metadata.get(name) if isinstance(metadata, dict) else None
        if isinstance(part, dict) and isinstance(part.get(key), str):
            return str(part[key]).lower()
    return ""


def _split(text: str) -> Iterator[tuple[int, str]]:
    """Give each cell's number and text; what an edit put before the first marker belongs to the first cell."""
    marks = list(_MARKER.finditer(text))
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        before = text[: mark.start()] if not index else ""
        yield int(mark[1] or mark[2]), before + text[mark.end() : end].removesuffix("\n")


def _parses(text: str) -> str:
    """Return why a text is no Python, or nothing."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return f"does not parse: line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"does not parse: {error}"
    return ""


def _as_python(text: str) -> tuple[str, str]:
    """Return a code cell as Python that parses, and why it is none if all of it had to be hidden."""
    if not _parses(text):
        return text, ""
    first, *rest = text.split("\n")
    if first.startswith("%%") and first.split()[0] not in _PYTHON_CELLS:
        return _hidden(text), ""
    lines = [_shown_line(first)] if not first.startswith("%%") else [f"pass{_KEPT}0 {first}"]
    shown = "\n".join([*lines, *map(_shown_line, rest)])
    error = _parses(shown)
    return (_hidden(text), error) if error else (shown, "")


def _hidden(text: str) -> str:
    return "\n".join(f"{_HIDDEN_CELL}{line}" for line in text.split("\n"))


def _shown_line(line: str) -> str:
    timed = _TIMED.match(line)
    if timed and not _parses(timed[3]):
        return f"{timed[1]}{timed[3]}{_KEPT}{len(timed[2])} {timed[2]}"
    magic = _MAGIC.match(line)
    return f"{magic[1]}pass{_KEPT}0 {line}" if magic else line


def _restored(shown: str) -> str:
    """Return a cell's text from its Python."""
    lines = []
    for line in shown.split("\n"):
        kept = _KEPT_LINE.match(line)
        if line.startswith(_HIDDEN_CELL):
            lines.append(line.removeprefix(_HIDDEN_CELL))
        elif kept and int(kept[1]):
            code = line[: line.index(_KEPT)]
            indent = code[: len(code) - len(code.lstrip())]
            lines.append(f"{indent}{kept[2]}{code.lstrip()}")
        else:
            lines.append(kept[2] if kept else line)
    return "\n".join(lines)


def _raw_offset(document: str, string: _Text, offset: int) -> int:
    """Return where a character of a JSON string is in the document."""
    position = string.start + 1
    for count, match in enumerate(_ESCAPE.finditer(document, position, string.end - 1)):
        if count == offset:
            return match.start()
        position = match.end()
    return position
