"""Attributes in the fields of format strings: `"{0.name}".format(user)`, `"%(name)s" % vars(user)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Literal

from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.attribute_strings import NO_TYPE, OPTION, AttributeStrings
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.values import Unknown, Values

Answer = Literal[True, False] | None


class FormatFields:
    """The fields of the format strings of files that have the name."""

    def __init__(self, inference: Inference, findings: Findings, attributes: AttributeStrings) -> None:
        self.inference = inference
        self.findings = findings
        self.old = findings.old
        self.attributes = attributes
        name = re.escape(self.old)
        self._field = re.compile(rf"\{{[^{{}}]*\.{name}(?!\w)")
        self._root = re.compile(rf"\{{{name}[^\w{{}}][^{{}}]*\}}|\{{{name}\}}|%\({name}\)")

    def judge(self, module: Module, constant: ast.Constant, text: str) -> None:
        """Report or edit the fields that name the symbol."""
        if self._field.search(text):
            for start, root, path in self._fields(text):
                for index, (offset, part) in enumerate(path):
                    if part == self.old:
                        values = self._values(module, constant, root, [each for _, each in path[:index]])
                        meant = None if values is None else self.attributes.means(values)
                        if values is None or meant is not False or _is_unknown(values):
                            self._report(module, constant, start + offset, meant)
        if self._root.search(text):
            owner = self._namespace(module, constant)
            if owner is not None:
                meant = self.attributes.means(owner)
                for match in self._root.finditer(text):
                    if meant is not False:
                        self._report(module, constant, match.start() + match.group().index(self.old), meant)

    def _report(self, module: Module, constant: ast.Constant, start: int, meant: Answer) -> None:
        span = string_span(module.source, constant, start, len(self.old))
        if meant and span is not None and self.attributes.edit:
            self.findings.replace(module, span, self.findings.new, "field of a format string", constant)
        else:
            offset = span[0] if span else module.source.start(constant)
            self.findings.leave_at(module, offset, f"field of a format string{OPTION if meant else NO_TYPE}")

    def _fields(self, text: str) -> Iterator[tuple[int, str, list[tuple[int, str]]]]:
        """Yield where each field starts, its root, and its attributes with their offsets in the field."""
        numbered = 0
        for match in re.finditer(r"(?<!\{)(?:\{\{)*\{([^{}!:]*)", text):
            field = match[1]
            root = re.match(r"[^.\[]*", field)
            name = root.group() if root else ""
            if not name:
                name, numbered = str(numbered), numbered + 1
            path = [(found.start(1), found[1]) for found in re.finditer(r"\.(\w+)", field)]
            yield match.start(1), name, path

    def _values(self, module: Module, constant: ast.Constant, root: str, before: list[str]) -> Values | None:
        """Return the values of a field's object; None if the string is not formatted where it stands."""
        call = self._call(module, constant)
        if call is None:
            return None
        node: ast.expr | None = None
        if root.isdigit() and not any(isinstance(each, ast.Starred) for each in call.args):
            node = call.args[int(root)] if int(root) < len(call.args) else None
        else:
            node = next((each.value for each in call.keywords if each.arg == root), None)
        if node is None:
            return None
        values = self.inference.values(module, node)
        for part in before:
            values = tuple(each for value in values for each in self.inference.member_values(value, part))
        return values

    @staticmethod
    def _call(module: Module, constant: ast.Constant) -> ast.Call | None:
        """Return the call of `"...".format(...)` or `.format_map(...)`."""
        method = module.bindings.parents.get(constant)
        call = module.bindings.parents.get(method) if isinstance(method, ast.Attribute) else None
        is_format = isinstance(method, ast.Attribute) and method.attr in ("format", "format_map")
        return call if is_format and isinstance(call, ast.Call) and call.func is method else None

    def _namespace(self, module: Module, constant: ast.Constant) -> Values | None:
        """Return the owner of the namespace that fills a string's plain fields: `% vars(x)`, `.format(**vars(x))`."""
        above = module.bindings.parents.get(constant)
        if isinstance(above, ast.BinOp) and isinstance(above.op, ast.Mod) and above.left is constant:
            return self.attributes.namespace(module, above.right)
        call = self._call(module, constant)
        if call is None:
            return None
        given = [each.value for each in call.keywords if each.arg is None]
        given += call.args if getattr(call.func, "attr", "") == "format_map" else []
        found = [self.attributes.namespace(module, each) for each in given]
        return next((each for each in found if each is not None), None)


def _is_unknown(values: Values) -> bool:
    return not values or any(isinstance(value, Unknown) for value in values)
