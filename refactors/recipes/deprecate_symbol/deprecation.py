"""One deprecation under way: what changes in each file."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.docstrings import docstring_of
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_needs import ImportStatement, Need, local_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Edit, Failure, Site
from overhaul.refactors.recipes.deprecate_symbol.bodies import warning_splice
from overhaul.refactors.recipes.deprecate_symbol.callers import Callers
from overhaul.refactors.recipes.deprecate_symbol.definitions import (
    is_deprecated,
    overrides,
    warned,
)
from overhaul.refactors.recipes.deprecate_symbol.docstring_notes import docstring_splice, has_note
from overhaul.refactors.recipes.deprecate_symbol.notice import Notice
from overhaul.refactors.recipes.deprecate_symbol.replacement import Replacement
from overhaul.refactors.recipes.rename_symbol.usages import Usages
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.symbols.target import MemberTarget, VariableTarget
from overhaul.refactors.text import Splice, parse_source

_WARN = Need("warnings.warn", "warnings.warn", ImportStatement("warnings"))
Definition = FunctionNode | ast.ClassDef


@dataclass(slots=True)
class Deprecation:
    """The files that change, by path."""

    inference: Inference
    target: VariableTarget | MemberTarget
    notice: Notice
    rewrites: dict[str, FileRewrite] = field(default_factory=dict)

    def rewrite(self, module: Module) -> FileRewrite:
        """Return what changes in a file."""
        if module.path not in self.rewrites:
            self.rewrites[module.path] = FileRewrite(self.inference.project, module, self.target.symbol)
        return self.rewrites[module.path]

    def warn(self, module: Module, nodes: Sequence[Definition]) -> bool:
        """Have all of these definitions warn, or none; tell whether they do now."""
        changes = [self._warning(module, each) for each in nodes]
        doubts = [(node, each) for node, each in zip(nodes, changes, strict=True) if isinstance(each, Doubt)]
        for node, doubt in doubts:
            self.leave(module, node, doubt.reason)
        rewrite = self.rewrite(module)
        for change in changes if not doubts else ():
            assert not isinstance(change, Doubt)  # noqa: S101 - there is none
            (start, end, text), documented, needs_import = change
            rewrite.splices[start, end] = text
            place = _place(module, documented, self.target.name)
            rewrite.resolve(place, "the definition, which warns from now on")
            if needs_import:
                rewrite.import_on_top([_WARN.statement])
            self._note(module, documented)
        return not doubts

    def leave(self, module: Module, node: ast.AST, reason: str) -> None:
        """Report the place of a name."""
        self.rewrite(module).leave(_place(module, node, self.target.name), reason)

    def _warning(self, module: Module, node: Definition) -> tuple[Splice, Definition, bool] | Doubt:
        """Return the splice of the warning, the definition whose docstring says so, and whether an import is needed."""
        found = warned(self.inference, module, node)
        if isinstance(found, Doubt):
            return found
        if self.inference.project.table.locate("warnings") is not None:
            return Doubt("the tree has a module 'warnings' of its own, which an import may find")
        function = found.function
        called = local_name(module, module.bindings.scopes[function], function.lineno, _WARN)
        if isinstance(called, Doubt):
            return called
        change = warning_splice(module, function, self.notice, called.text if called else "warnings.warn")
        return change if isinstance(change, Doubt) else (change, found.documented, called is None)

    def _note(self, module: Module, node: Definition) -> None:
        docstring = docstring_of(node)
        if docstring is None or has_note(docstring):
            return
        change = docstring_splice(module, docstring, self.notice)
        if change is None:
            why = "the docstring is not written in a way that takes the note '.. deprecated::' in"
            self.rewrite(module).leave(module.source.start(docstring), why)
        else:
            self.rewrite(module).replace((change[0], change[1]), change[2], "the docstring says it")

    def report_overrides(self) -> None:
        """Report what runs in the place of a deprecated method, in classes that inherit from its own."""
        if not isinstance(self.target, MemberTarget):
            return
        for module, binding in overrides(self.inference, self.target):
            node = binding.node
            if not isinstance(node, FunctionNode) or not is_deprecated(node):
                self.leave(
                    module, node, "overrides the deprecated method, and does not warn where it is called"
                )

    def treat_uses(
        self, usages: Usages, replacement: Replacement | None, advice: str, is_class: bool
    ) -> None:
        """Move or report the repository's own uses, and report what may be one."""
        by_path: dict[str, Module] = {each.module.path: each.module for each in usages.proved}
        for path, module in sorted(by_path.items()):
            callers = Callers(self.inference, self.target, replacement, self.rewrite(module), advice)
            callers.find([each for each in usages.proved if each.module.path == path], is_class)
        for site in usages.unresolved:
            found = self.inference.project.module(site.path) if site.path.endswith(".py") else None
            if found is not None and _is_code(found, self.target.name, site):
                offset = found.source.offset_of_character(site.line, site.column)
                self.rewrite(found).leave(offset or 0, f"may be a use that warns from now on: {site.reason}")

    def outcome(self) -> tuple[list[Edit], list[Failure]]:
        """Return the edits; a file that cannot be edited is a failure, and its sites are reports."""
        edits: list[Edit] = []
        failures: list[Failure] = []
        for path, rewrite in list(self.rewrites.items()):
            try:
                edit = rewrite.edit()
            except UnicodeEncodeError as error:
                failure: Failure | None = Failure(
                    path, f"is left as it is: its encoding has not all characters: {error}"
                )
            else:
                parsed = parse_source(path, edit.content) if edit is not None else None
                failure = parsed if isinstance(parsed, Failure) else None
                if edit is not None and failure is None:
                    edits.append(edit)
            if failure is not None:
                self.rewrites[path] = rewrite.withdrawn(failure.error)
                failures.append(Failure(path, f"is left as it is, because the edited file {failure.error}"))
        return edits, failures

    def sites(self) -> list[Site]:
        """Return every site of the Python files."""
        return [site for rewrite in self.rewrites.values() for site in rewrite.sites.values()]


def _place(module: Module, node: ast.AST, name: str) -> int:
    span = name_span(module.bindings, node, name)
    return (
        span[0] if span else module.source.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
    )


def _is_code(module: Module, name: str, site: Site) -> bool:
    """Whether a site is the name in code, not in a string or a comment."""
    offset = module.source.offset_of_character(site.line, site.column)
    nodes: Collection[ast.AST] = [
        *(node for node, _ in module.bindings.attributes.get(name, ())),
        *(node for node, _ in module.bindings.names.get(name, ())),
    ]
    return any(_place(module, node, name) == offset for node in nodes)
