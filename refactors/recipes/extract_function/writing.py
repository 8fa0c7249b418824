"""The text of the new function and of its calls."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.indentation import (
    first_line,
    indent_of,
    indent_unit,
    line_text,
    lines_in_strings,
    newline_of,
    reindented,
)
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.extract_function.annotated import Annotations
from overhaul.refactors.recipes.extract_function.placement import Home, anchor_line
from overhaul.refactors.recipes.extract_function.region import Region
from overhaul.refactors.text import Splice

_LONGEST_LINE = 88


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for one region and its home."""

    region: Region
    home: Home
    name: str

    @property
    def module(self) -> Module:
        return self.home.module

    def parameters(self, region: Region) -> list[str]:
        """Return the names that the call in the place of a region hands over."""
        return [name for name in region.inputs if name != self.home.first_parameter]

    def call(self, region: Region) -> str:
        """Return the text of the call, for this region or one that is equal to it."""
        callee = f"{self.home.receiver}.{self.name}" if self.home.method != "none" else self.name
        call = f"{callee}({', '.join(self.parameters(region))})"
        return f"await {call}" if region.jumps.awaits else call

    def replacement(self, region: Region) -> Splice:
        """Return the splice that puts the call in the place of a region."""
        source = region.module.source
        expression = region.selection.expression
        call = self.call(region)
        if expression is not None:
            start, end = source.start(expression), source.end(expression)
            before = source.content[start - 1 : start]
            above = region.module.bindings.parents.get(expression)
            is_bare_generator = (
                isinstance(expression, ast.GeneratorExp)
                and isinstance(above, ast.Call)
                and source.end(above) == end
            )
            touches = before.isalnum() or before == b"_"
            if is_bare_generator or (region.jumps.awaits and not isinstance(above, ast.stmt)):
                call = f"({call})"
            return start, end, f" {call}" if touches and not call.startswith("(") else call
        first, last = region.selection.lines
        indent = indent_of(source, first_line(region.selection.statements[0]))
        statement = self._assignment(region, call)
        if len(indent) + len(statement) > _LONGEST_LINE and self.parameters(region):
            statement = self._folded(statement, indent)
        start = source.line_starts[first - 1]
        end = start + len(line_text(source, first).encode(source.encoding))
        end = source.line_starts[last - 1] + len(line_text(source, last).encode(source.encoding))
        return start, end, indent + statement

    def _assignment(self, region: Region, call: str) -> str:
        if region.jumps.returns:
            return f"return {call}"
        if region.outputs:
            return f"{', '.join(region.outputs)} = {call}"
        return call

    def _folded(self, statement: str, indent: str) -> str:
        newline, unit = newline_of(self.module.source), indent_unit(self.module)
        head, _, arguments = statement.partition("(")
        return f"{head}({newline}{indent}{unit}{arguments[:-1]}{newline}{indent})"

    def definition(self) -> Splice:
        """Return the splice that adds the function. Raises ParameterError if the file's tokens cannot be read."""
        source, newline = self.module.source, newline_of(self.module.source)
        indent = indent_of(source, first_line(self.home.anchor))
        lines = [*self._header(indent), *self._body(indent + indent_unit(self.module))]
        text = newline.join(lines)
        gap = newline * (2 if self.home.method != "none" or indent else 3)
        if self.home.before:
            line = anchor_line(self.home)
            start = source.line_starts[line - 1]
            return start, start, self._gap_above(line, indent) + text + gap
        line = self._last_line(indent)
        end = source.line_starts[line - 1] + len(line_text(source, line).encode(source.encoding))
        return end, end, gap + text

    def _gap_above(self, line: int, indent: str) -> str:
        """Return the blank lines that are missing above a definition."""
        blank = 0
        while line - blank > 1 and not line_text(self.module.source, line - blank - 1).strip():
            blank += 1
        above = line - blank - 1
        opens_block = above < 1 or (indent and len(indent_of(self.module.source, above)) < len(indent))
        wanted = 0 if opens_block else 1 if indent else 2
        return newline_of(self.module.source) * max(0, wanted - blank)

    def _last_line(self, indent: str) -> int:
        """Return the last line of the anchor, with the comments that still belong to its body."""
        source = self.module.source
        line = self.home.anchor.end_lineno or self.home.anchor.lineno
        following = line + 1
        while following <= len(source.line_starts):
            text = line_text(source, following)
            if text.strip() and not (
                text.lstrip().startswith("#") and len(indent_of(source, following)) > len(indent)
            ):
                break
            if text.strip():
                line = following
            following += 1
        return line

    def _header(self, indent: str) -> list[str]:
        decorator = {"class": "@classmethod", "static": "@staticmethod"}.get(self.home.method)
        annotations = Annotations(self.region, self.home)
        first = self.home.first_parameter
        written = [
            *([first] if first else []),
            *(annotations.parameter(name) for name in self.parameters(self.region)),
        ]
        keyword = "async def" if self.region.jumps.awaits else "def"
        ending = f"){annotations.result()}:"
        header = f"{indent}{keyword} {self.name}({', '.join(written)}{ending}"
        lines = [f"{indent}{decorator}"] if decorator else []
        if len(header) <= _LONGEST_LINE or not written:
            return [*lines, header]
        inner = indent + indent_unit(self.module)
        return [
            *lines,
            f"{indent}{keyword} {self.name}(",
            *(f"{inner}{each}," for each in written),
            f"{indent}{ending}",
        ]

    def _body(self, indent: str) -> list[str]:
        source = self.module.source
        expression = self.region.selection.expression
        first, last = self.region.selection.lines
        bound = self.region.globals_bound
        declared = [f"{indent}global {', '.join(bound)}"] if bound else []
        if expression is not None:
            text = source.slice(source.start(expression), source.end(expression))
            lines = self._moved(
                text.splitlines(), expression.lineno, _statement_indent(self.module, expression), indent
            )
            if isinstance(expression, ast.NamedExpr) or not _is_bracketed(text):
                lines[0] = f"({lines[0]}"
                lines[-1] += ")"
            return [*declared, f"{indent}return {lines[0]}", *lines[1:]]
        old = indent_of(source, first_line(self.region.selection.statements[0]))
        raw = [line_text(source, line) for line in range(first, last + 1)]
        ending = self._ending(indent)
        value = self._returned_value()
        if value is not None:
            start = value.lineno - first
            column = value.col_offset
            prefix = raw[start].encode()[:column].decode() if source.encoding == "utf-8" else None
            if prefix is not None and prefix.strip().endswith("="):
                raw[start] = f"{old}return {raw[start][len(prefix) :]}"
                ending = []
        lines = self._moved(raw, first, old, indent, whole=True)
        return [*declared, *lines, *ending]

    def _ending(self, indent: str) -> list[str]:
        if not self.region.outputs or self.region.jumps.returns:
            return []
        return [f"{indent}return {', '.join(self.region.outputs)}"]

    def _returned_value(self) -> ast.expr | None:
        """Return the value of a last `name = value` that can be returned at once."""
        last = self.region.selection.nodes[-1]
        if not isinstance(last, ast.Assign) or len(last.targets) != 1 or self.region.jumps.returns:
            return None
        target = last.targets[0]
        if not isinstance(target, ast.Name) or self.region.outputs != [target.id]:
            return None
        source = self.module.source
        between = source.slice(source.end(target), source.start(last.value)).strip()
        first_statement = last.lineno == last.value.lineno and between == "="
        captured = any(
            isinstance(inner, ast.Name) and inner.id == target.id
            for each in self.region.selection.nodes
            for node in ast.walk(each)
            if isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef | ast.GeneratorExp)
            for inner in ast.walk(node)
        )
        return last.value if first_statement and not captured else None

    def _moved(self, lines: Sequence[str], first: int, old: str, new: str, whole: bool = False) -> list[str]:
        inside = lines_in_strings(self.module.source.text) if len(lines) > 1 else set()
        if inside is None:
            raise ParameterError(
                f"{self.module.path}: its tokens cannot be read, so that lines cannot be moved"
            )
        moved = reindented(lines, {number - first for number in inside}, old, new)
        return moved if whole else [lines[0], *moved[1:]]


def _statement_indent(module: Module, node: ast.expr) -> str:
    return indent_of(module.source, module.bindings.statement_of(node).lineno)


def _is_bracketed(text: str) -> bool:
    """Tell whether an expression of several lines needs no further brackets."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True
