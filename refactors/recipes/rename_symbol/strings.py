"""Names in strings: dotted paths (mock.patch, entry points), code, and whatever names an attribute."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Literal

from overhaul.refactors.docstrings import docstrings
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.attribute_strings import OPTION, AttributeStrings
from overhaul.refactors.recipes.rename_symbol.code_strings import CodeStrings
from overhaul.refactors.recipes.rename_symbol.computed_names import report_computed
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.format_fields import FormatFields
from overhaul.refactors.values import ModuleValue, Value, Values

_DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::[A-Za-z_][\w.]*)?(?![\w.]|:\w)")
_WHOLE = re.compile(
    r"\s*(?:[\w.-]+\s*=\s*)?[A-Za-z_]\w*(?:\.\w+)*(?::[A-Za-z_][\w.]*)?\s*(?:\[[\w, -]*\])?\s*"
)

Means = Callable[[Values], Literal[True, False] | None]


class StringNames:
    """Names in strings of Python files and of packaging files.

    `means` tells whether the attribute of a value is the symbol, None if that is unknown; `top` is the key of a
    top-level module that is renamed, of which strings may be the first component.
    """

    def __init__(
        self,
        inference: Inference,
        findings: Findings,
        means: Means,
        edit: bool,
        top: str | None,
        is_member: bool,
    ) -> None:
        self.inference = inference
        self.project = inference.project
        self.findings = findings
        self.old, self.new = findings.old, findings.new
        self.means = means
        self.edit = edit
        self.top = top
        self.attributes = AttributeStrings(inference, findings, means, self.path_values, edit, is_member)
        # Imports in such code are among the mentions of a module.
        self.code = CodeStrings(findings, is_member) if top is None else None
        self.fields = FormatFields(inference, findings, self.attributes)

    def find(self) -> None:
        """Look through every file that has the name."""
        for module in self.project.containing([self.old]):
            documented = set(docstrings(module))
            for constant, _ in module.bindings.strings:
                text = str(constant.value)
                if text == self.old:
                    self.attributes.judge(module, constant)
                if self.old not in text:
                    continue
                if self.code is not None and constant not in documented:
                    self.code.judge(module, constant, text)
                self.fields.judge(module, constant, text)
                if "." in text:
                    self.attributes.part(module, constant, text)
                if _WHOLE.fullmatch(text):
                    self._dotted(module, constant, text)
                else:
                    self._inside(module, constant, text, documented)
            for keyword, _ in module.bindings.keywords.get(self.old, ()):
                self.attributes.keyword(module, keyword)
            for constant in module.bindings.byte_strings:
                if self.old.encode() in constant.value:  # type: ignore[operator]
                    self._inside(module, constant, constant.value.decode("utf-8", "replace"), documented)  # type: ignore[union-attr]
        report_computed(self.inference, self.findings, self.means)
        for path in self.project.tree.containing([self.old], (".toml", ".cfg", ".ini")):
            self._packaging_file(path)

    def _inside(
        self, module: Module, constant: ast.Constant, text: str, documented: set[ast.Constant]
    ) -> None:
        """Report code or a message that has the qualified name in a longer string."""
        if constant in documented or isinstance(module.bindings.parents.get(constant), ast.JoinedStr):
            return
        if any(True for _ in self.matches(text, module)):
            self.findings.leave_at(
                module, module.source.start(constant), "qualified name inside a longer string"
            )

    def _dotted(self, module: Module, constant: ast.Constant, text: str) -> None:
        if constant in module.bindings.string_expressions:
            return
        for start in self.matches(text, module):
            span = string_span(module.source, constant, start, len(self.old))
            if span is None or not self.edit:
                offset = module.source.start(constant) if span is None else span[0]
                why = "" if self.edit else OPTION
                self.findings.leave_at(module, offset, f"qualified name in a string{why}")
            else:
                self.findings.replace(module, span, self.new, "qualified name in a string", constant)

    def matches(self, text: str, module: Module | None = None) -> Iterator[int]:
        """Yield where in a text a dotted path means the symbol."""
        for match in _DOTTED.finditer(text):
            parts = re.split(r"[.:]", match.group())
            if len(parts) == 1 and self.top is None:
                continue
            position = match.start()
            for index, part in enumerate(parts):
                if part == self.old and self._path_means(parts[:index], module):
                    yield position
                position += len(part) + 1

    def _path_means(self, before: list[str], module: Module | None) -> bool:
        if not before:
            found = self.project.table.locate(self.old) if self.top is not None else None
            return found is not None and found.key == self.top
        return self.means(self.path_values(before, module)) is True

    def path_values(self, parts: list[str], module: Module | None = None) -> Values:
        """Return what a dotted path means, read from the top of the tree."""
        location = self.project.table.locate(parts[0], module.path if module else "")
        values: Values = (ModuleValue(location),) if location is not None else ()
        for name in parts[1:]:
            values = tuple(each for value in values for each in self.inference.member_values(value, name))
        return values

    def _packaging_file(self, path: str) -> None:
        content = self.project.tree.read(path)
        text = content.decode("utf-8", "surrogateescape")
        for start in self.matches(text):
            line, column = _place(text, start)
            offset = len(text[:start].encode("utf-8", "surrogateescape"))
            if self.edit:
                span = (offset, offset + len(self.old.encode()))
                self.findings.put(path, span, self.new, line, column, "qualified name in a packaging file")
            else:
                self.findings.leave_in(
                    path, offset, line, column, f"qualified name in a packaging file{OPTION}"
                )


def _place(text: str, start: int) -> tuple[int, int]:
    before = text[:start]
    return before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1


def any_value(means: Callable[[Value], bool]) -> Means:
    """Return a judgement over all values of an expression from one over a single value."""

    def judge(values: Values) -> Literal[True, False] | None:
        answers = {means(value) for value in values}
        return True if True in answers else False if values else None

    return judge
