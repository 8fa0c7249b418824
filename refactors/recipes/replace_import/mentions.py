"""The old place in strings, docstrings, documents and packaging files: edited by option, otherwise reported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.annotations import last_name
from overhaul.refactors.docstrings import docstrings
from overhaul.refactors.links import link_sites
from overhaul.refactors.name_tokens import Span, string_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.replace_import.replacement import Replacement

_IMPORTERS = frozenset({"import_module", "__import__", "importorskip", "reload", "find_spec"})
_DOCUMENTS = (".rst", ".md")
_PACKAGING = (".toml", ".cfg", ".ini")
_UNREAD = (".ipynb", ".pyx", ".pxd")


@dataclass(slots=True)
class Mentions:
    """Replacements and reports by file."""

    project: Project
    replacement: Replacement
    docs: bool
    strings: bool
    replaced: dict[str, dict[Span, str]] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)

    def find(self) -> None:
        """Look through every file that has the last part of the old name."""
        words = [self.replacement.old.rpartition(".")[2]]
        for module in self.project.containing(words):
            documented = set(docstrings(module))
            for constant, _ in module.bindings.strings:
                if constant in documented:
                    self._docstring(module, constant)
                elif constant not in module.bindings.string_expressions:
                    self._string(module, constant)
        for path in self.project.tree.containing(words, (*_DOCUMENTS, *_PACKAGING, *_UNREAD)):
            self._file(path)
        self.sites += link_sites(self.project, words, self.replacement.old)

    def _string(self, module: Module, constant: ast.Constant) -> None:
        text = str(constant.value)
        if not re.fullmatch(r"[A-Za-z_][\w.]*(?::[\w.]+)?", text):
            return
        if not f"{text.replace(':', '.')}.".startswith(f"{self.replacement.old}."):
            return
        call = module.bindings.parents.get(constant)
        is_import = isinstance(call, ast.Call) and last_name(call.func) in _IMPORTERS
        if text == self.replacement.old and "." not in text and not is_import:
            return  # the plain word may be anything
        span = string_span(module.source, constant, 0, len(self.replacement.old))
        offset = span[0] if span else module.source.start(constant)
        line, column = module.source.position(offset)
        reason = "module imported by its name in a string" if is_import else "qualified name in a string"
        stays = (
            is_import and self.replacement.counterpart(module.name) is not None
        )  # the new place itself imports it
        edit, hint = (False, "") if stays else (self.strings, "-p strings=yes edits it")
        self._record(module.path, span, line, column, reason, edit, hint)

    def _docstring(self, module: Module, constant: ast.Constant) -> None:
        source = module.source
        begin = source.start(constant)
        text = source.slice(begin, source.end(constant))
        for start in self._places(text):
            first = begin + len(text[:start].encode(source.encoding))
            span = (first, first + len(self.replacement.old.encode(source.encoding)))
            line, column = source.position(first)
            self._record(module.path, span, line, column, "documentation", self.docs, "-p docs=yes edits it")

    def _file(self, path: str) -> None:
        text = self.project.document(path).decode("utf-8", "surrogateescape")
        packaging = path.endswith(_PACKAGING)
        for start in self._places(text):
            before = text[:start]
            first = len(before.encode("utf-8", "surrogateescape"))
            span = (first, first + len(self.replacement.old.encode()))
            line, column = before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1
            if path.endswith(_UNREAD):
                reason = "notebook or Cython file: imports in it are not edited"
                self._record(path, None, line, column, reason, False, "")
            elif packaging:
                reason, hint = "qualified name in a packaging file", "-p strings=yes edits it"
                self._record(path, span, line, column, reason, self.strings, hint)
            else:
                self._record(path, span, line, column, "documentation", self.docs, "-p docs=yes edits it")

    def _places(self, text: str) -> Iterator[int]:
        """Yield where a text names the old place: in full, or in code that imports from it."""
        old = re.escape(self.replacement.old)
        module = self.replacement.old.rpartition(".")[0]
        if module:
            pattern = rf"(?<![\w.]){old}(?!\w)"
        else:
            pattern = rf"(?:(?<=\bimport )|(?<=\bfrom )){old}(?!\w)|(?<![\w./-]){old}(?=\.[A-Za-z_]\w*\()"
        for match in re.finditer(pattern, text):
            yield match.start()

    def _record(
        self, path: str, span: Span | None, line: int, column: int, reason: str, edit: bool, hint: str
    ) -> None:
        symbol = self.replacement.old
        if span is None or not edit:
            text = f"{reason}; {hint}" if hint and not edit else reason
            self.sites.append(Site(path, line, column, symbol, "unresolved", text))
        else:
            self.replaced.setdefault(path, {})[span] = self.replacement.new
            self.sites.append(Site(path, line, column, symbol, "resolved", reason))
