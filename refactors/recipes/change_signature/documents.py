"""What the search for uses could not prove: code on unknown receivers, strings, and calls in documentation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.docstrings import docstrings
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.inference import Inference
from overhaul.refactors.nested_edits import NestedEdits
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Edit, Failure, Site, content_hash
from overhaul.refactors.recipes.change_signature.arguments import arguments_of_call
from overhaul.refactors.recipes.change_signature.arrangement import arrange, is_same
from overhaul.refactors.recipes.change_signature.call_sites import CallSites
from overhaul.refactors.recipes.change_signature.call_text import write_call
from overhaul.refactors.recipes.change_signature.references import why_reported
from overhaul.refactors.recipes.change_signature.report import Report
from overhaul.refactors.recipes.change_signature.rewriting import Rewriting
from overhaul.refactors.text import Splice, parse_source, splice

_DOCUMENTS = (".rst", ".md")
_UNREAD = (".ipynb", ".pyx", ".pxd")
_SETTINGS = (".toml", ".cfg", ".ini")
_EDITABLE = "-p docs=yes edits it"


class DocumentCalls:
    """Sorts the unresolved sites: most mentions of a function do not depend on its parameters."""

    def __init__(
        self, inference: Inference, sites: CallSites, rewriting: Rewriting, report: Report, edit: bool
    ) -> None:
        self.inference = inference
        self.project = inference.project
        self.sites = sites
        self.rewriting = rewriting
        self.report = report
        self.edit = edit
        self.splices: dict[str, list[Splice]] = {}

    def sort(self, unresolved: Iterable[Site]) -> None:
        """Look at each site."""
        for site in unresolved:
            if self.sites.is_compatible:
                continue
            if site.path.endswith(_DOCUMENTS):
                self._document(site)
            elif site.path.endswith((".py", ".pyi")):
                module = self.project.module(site.path)
                if module is not None:
                    self._code(module, site)
                else:
                    self.report.take_over(site)
            elif site.path.endswith(_SETTINGS):
                if self._would_change("f()"):
                    self.report.take_over(site)
            else:
                self.report.take_over(site)

    def _code(self, module: Module, site: Site) -> None:
        offset = module.source.offset_of_character(site.line, site.column)
        if offset is None:
            return
        node = self._node_at(module, offset)
        if node is not None:
            above = module.bindings.parents.get(node)
            if isinstance(above, ast.Call) and above.func is node:
                if above not in self.sites.seen and self.sites.would_change(module, above):
                    self.report.take_over(site)
            elif self.sites.is_reported(module, node):
                self.report.leave_at(module, offset, f"{why_reported(module, node)}; {site.reason}")
            return
        for constant in docstrings(module):
            if module.source.start(constant) <= offset < module.source.end(constant):
                end = module.source.end(constant)
                self._text(site, module.source.slice(offset, end), offset, module)
                return
        if "inside a longer string" in site.reason:  # prose, unless it is code that calls the function
            line_end = module.source.content.find(b"\n", offset)
            self._text(site, module.source.slice(offset, line_end), offset, module)
        else:
            self.report.take_over(site)

    def _node_at(self, module: Module, offset: int) -> ast.Name | ast.Attribute | None:
        """Return the name or attribute whose name begins at an offset."""
        name = self.sites.callees.name
        for attribute, _ in module.bindings.attributes.get(name, ()):
            if module.source.end(attribute) - len(name.encode(module.source.encoding)) == offset:
                return attribute
        for names in module.bindings.names.values():
            for node, _ in names:
                if module.source.start(node) == offset:
                    return node
        return None

    def _document(self, site: Site) -> None:
        content = self.project.tree.read(site.path)
        text = content.decode("utf-8", "surrogateescape")
        lines = re.split(r"(?<=\n)", text)
        before = "".join(lines[: site.line - 1]) + lines[site.line - 1][: site.column - 1]
        offset = len(before.encode("utf-8", "surrogateescape"))
        self._text(site, text[len(before) :], offset, None)

    def _text(self, site: Site, text: str, offset: int, module: Module | None) -> None:
        """Look at what follows a mention in documentation: only a call depends on the parameters."""
        snippet = _call_text(text)
        if snippet is None:
            if re.match(r"\w+\((?!\))", text):
                self.report.take_over(site)
            return
        new = self._rewritten(snippet)
        if new is None:
            return
        is_proved = site.reason.endswith(_EDITABLE) and self.sites.callees.kind != "method"
        if not is_proved or isinstance(new, Doubt) or not self.edit:
            self.report.take_over(site)
            return
        if module is not None:
            end = offset + len(snippet.encode(module.source.encoding))
            self.rewriting.edits_of(module).add(offset, end, new)
            self.report.edited_at(module, offset, "call in the documentation")
        else:
            self.splices.setdefault(site.path, []).append((offset, offset + len(snippet.encode()), new))
            self.report.take_over(
                Site(site.path, site.line, site.column, site.symbol, "resolved", "call in the documentation")
            )

    def edits(self) -> list[Edit]:
        """Return the new documents."""
        found = []
        for path, splices in sorted(self.splices.items()):
            content = self.project.tree.read(path)
            found.append(
                Edit(path, content_hash(content), splice(content, splices, "utf-8"), self.report.count(path))
            )
        return found

    def _would_change(self, snippet: str) -> bool:
        return self._rewritten(snippet) is not None

    def _rewritten(self, snippet: str) -> str | Doubt | None:
        """Return a call in the documentation as it should be, None if it stays as it is."""
        source = parse_source("snippet.py", snippet.encode())
        if isinstance(source, Failure):
            return Doubt("it is no Python")
        statement = source.tree.body[0]
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            return None
        call, arguments = statement.value, arguments_of_call(statement.value)
        placed = arrange(ModuleBindings(source), self.sites.definitions.primary, arguments, self.sites.style)
        if isinstance(placed, Doubt):
            return placed
        if is_same(placed, arguments):
            return None
        written = write_call(NestedEdits(source), call, (), placed, 0)
        if isinstance(written, Doubt):
            return written
        (start, end), text = written
        return source.splice([(start, end, text)]).decode()


def _call_text(text: str) -> str | None:
    """Return the call that a text begins with, if it ends on its line."""
    line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    for match in re.finditer(r"\)", line):
        piece = line[: match.end()]
        try:
            tree = ast.parse(piece, mode="eval").body
        except (SyntaxError, ValueError):
            continue
        return piece if isinstance(tree, ast.Call) else None
    return None
