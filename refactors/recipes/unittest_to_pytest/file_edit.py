"""The edit of one file: what its families change in it, and the imports that this takes or leaves unused."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_edits import named_elsewhere, removable_imports
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.indentation import indent_unit
from overhaul.refactors.name_tokens import Span, name_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit, Failure, Site
from overhaul.refactors.recipes.change_signature.line_length import longest_line
from overhaul.refactors.recipes.unittest_to_pytest.layout import Layout
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.statement_removal import removed_statements
from overhaul.refactors.text import Splice, parse_source, splice
from overhaul.refactors.unused_imports import unused_without

_Status = Literal["resolved", "unresolved"]


@dataclass(slots=True)
class FileEdit:
    """Collects the edits and sites of a file."""

    project: Project
    module: Module
    edits: list[Splice] = field(default_factory=list)
    renamed: dict[Span, str] = field(default_factory=dict)
    sites: dict[tuple[int, str], Site] = field(default_factory=dict)
    needs: set[ImportStatement] = field(default_factory=set)
    removed: set[ast.stmt] = field(default_factory=set)
    consumed: list[tuple[ast.expr, Scope]] = field(default_factory=list)
    longest: int = 0
    step: str = ""
    _starts: list[Span] | None = None

    def __post_init__(self) -> None:
        self.longest = longest_line(self.project, self.module)
        self.step = indent_unit(self.module)

    def layout(self, statement: ast.stmt) -> Layout:
        """Return what writes a statement anew."""
        return Layout(self.module, self.rendered, statement, self.longest, self.step)

    def note(self, node: ast.expr | ast.stmt, symbol: str, status: _Status, reason: str) -> None:
        """Note a site at a node; what is proved of a place is not reported as well."""
        offset = self.module.source.start(node)
        line, column = self.module.source.position(offset)
        self.sites[offset, symbol] = Site(self.module.path, line, column, symbol, status, reason)

    def replace(self, node: ast.expr | ast.stmt, text: str, needs: Iterable[ImportStatement] = ()) -> None:
        """Replace a node by text."""
        self.edits.append((self.module.source.start(node), self.module.source.end(node), text))
        self.needs |= set(needs)

    def rename(self, node: ast.AST, old: str, new: str) -> None:
        """Replace the name that a node carries."""
        span = name_span(self.module.bindings, node, old)
        assert span is not None  # noqa: S101 - names of attributes and functions are written as such
        self.renamed[span] = new
        self._starts = None

    def consume(self, expression: ast.expr) -> None:
        """Note a name or dotted name that is used no more."""
        self.consumed.append((expression, self.module.bindings.scope_of(expression)))

    def drop_bases(self, node: ast.ClassDef, gone: list[ast.expr]) -> None:
        """Take bases out of a class statement."""
        spans = base_spans(self.module, node, gone)
        assert spans is not None  # noqa: S101 - asked before
        for start, end in spans:
            self.edits.append((start, end, ""))
        for base in gone:
            self.consume(base)

    def outcome(self) -> Edit | Failure | None:
        """Return the edit of the file, or why it cannot be edited."""
        if not self.edits and not self.renamed and not self.removed:
            return None
        self.edits += removed_statements(self.module, self.removed) if self.removed else []
        rewrite = FileRewrite(self.project, self.module, "")
        for start, end, text in [*self.edits, *self._renamed_outside()]:
            rewrite.splices[start, end] = text
        unused = self._unused()
        imports = [
            each for each in self.module.source.tree.body if isinstance(each, ast.Import | ast.ImportFrom)
        ]
        pytest = ImportStatement("pytest")
        if (
            len(imports) == 1
            and self.needs == {pytest}
            and [each.node for each in unused] == imports[0].names
        ):
            rewrite.take(imports[0].names[0], pytest, "pytest takes the place of unittest")
        else:
            rewrite.import_on_top(self.needs)
            rewrite.removed += unused
        try:
            edit = rewrite.edit()
        except (UnicodeEncodeError, ValueError) as error:
            return self._failure(str(error))
        assert edit is not None  # noqa: S101 - something is changed
        parsed = parse_source(self.module.path, edit.content)
        if isinstance(parsed, Failure):
            return self._failure(parsed.error)
        count = sum(site.status == "resolved" for site in self.sites.values())
        return Edit(edit.path, edit.old_hash, edit.content, count)

    def rendered(self, start: int, end: int) -> str:
        """Return the text between two offsets with what is renamed in it."""
        if self._starts is None:
            self._starts = sorted(self.renamed)
        low = bisect_left(self._starts, (start, start))
        inside = [
            each for each in self._starts[low : bisect_left(self._starts, (end, end))] if each[1] <= end
        ]
        source = self.module.source
        if not inside:
            return source.slice(start, end)
        splices = [(low - start, high - start, self.renamed[low, high]) for low, high in inside]
        return splice(source.content[start:end], splices, source.encoding).decode(source.encoding)

    def _renamed_outside(self) -> Iterator[Splice]:
        """Yield what is renamed outside of what is written anew."""
        edits = sorted(self.edits)
        for start, end in sorted(self.renamed):
            index = bisect_left(edits, (start + 1,)) - 1
            if index < 0 or edits[index][1] < end:
                yield start, end, self.renamed[start, end]

    def _unused(self) -> list[Binding]:
        unused = removable_imports(self.module, unused_without(self.module, self.consumed))
        taken = named_elsewhere(self.project, [(self.module.name, each.name) for each in unused])
        return [each for each in unused if (self.module.name, each.name) not in taken]

    def _failure(self, error: str) -> Failure:
        return Failure(self.module.path, f"is left as it is, because the edited file {error}")


def base_spans(module: Module, node: ast.ClassDef, gone: list[ast.expr]) -> list[Span] | None:
    """Return the bytes that go with some bases of a class; None where something else stands among them."""
    source, bases = module.source, node.bases
    name = name_span(module.bindings, node, node.name)
    if not gone or name is None:
        return []
    if len(gone) == len(bases):
        match = re.compile(rb"\s*,?\s*\)").match(source.content, source.end(bases[-1]))
        opening = source.content[name[1] : source.start(bases[0])]
        between = [source.content[source.end(one) : source.start(other)] for one, other in pairwise(bases)]
        is_plain = opening.strip() == b"(" and all(each.strip() == b"," for each in between)
        return [(name[1], match.end())] if match and is_plain else None
    spans: list[Span] = []
    for base in gone:
        index = bases.index(base)
        is_last = all(each in gone for each in bases[index:])
        if is_last:
            span = source.end(bases[index - 1]), source.end(base)
        else:
            span = source.start(base), source.start(bases[index + 1])
        beside = source.content[span[0] : source.start(base)] + source.content[source.end(base) : span[1]]
        if beside.strip() != b",":
            return None
        spans.append(span)
    return spans
