"""A symbol that gets another name: the old one stays, and warns: a function beside it, or a module's `__getattr__`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.definition_text import indentation, last_line, line_start
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.edited_tree import EditedTree
from overhaul.refactors.exported_names import exported_string, with_export
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_edits import named_elsewhere
from overhaul.refactors.import_needs import ImportStatement, Need, local_name
from overhaul.refactors.import_text import imports_one_a_line
from overhaul.refactors.indentation import indent_of, newline_of, shares_line
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import Span, name_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit, Failure, Site
from overhaul.refactors.recipes.deprecate_symbol.alias_text import alias_function, module_getattr
from overhaul.refactors.recipes.deprecate_symbol.notice import Notice
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.recipe import Parameters as RenameParameters
from overhaul.refactors.recipes.rename_symbol.search import Search
from overhaul.refactors.scopes import FunctionNode
from overhaul.refactors.symbols.target import MemberTarget, VariableTarget
from overhaul.refactors.text import parse_source

_WARN = Need("warnings.warn", "warnings.warn", ImportStatement("warnings"))


def renaming(inference: Inference, target: VariableTarget | MemberTarget, new: str) -> Findings:
    """Find what a rename of the symbol touches. Raises NameTaken."""
    findings = Findings(inference.project, target.symbol, target.name, new)
    Search(inference, findings, RenameParameters(target.symbol, new)).find(target)
    return findings


def offering(findings: Findings, home: str) -> Iterator[tuple[Module, ast.alias]]:
    """Yield the imports of the symbol through which their files, all but its own, offer it to others."""
    for usage in findings.usages.values():
        alias, module = usage.node, usage.module
        statement = module.bindings.parents.get(alias) if alias is not None else None
        if (
            not isinstance(alias, ast.alias)
            or not isinstance(statement, ast.ImportFrom)
            or module.path == home
        ):
            continue
        if alias.asname not in (None, alias.name) or module.bindings.scope_of(alias) is not module.scope:
            continue
        is_offered = (
            module.is_package or alias.asname is not None or exported_string(module, alias.name) is not None
        )
        if is_offered or named_elsewhere(findings.project, [(module.name, alias.name)]):
            yield module, alias


@dataclass(slots=True)
class OldName:
    """The edits of a rename, and what they are with the old name kept. `node` is the definition before the rename."""

    findings: Findings
    module: Module
    node: ast.stmt
    notice: Notice
    added: list[Site] = field(default_factory=list)
    rewrites: dict[str, FileRewrite] = field(default_factory=dict)
    renamed: list[Edit] = field(init=False)
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        self.renamed = self.findings.edits()
        self.project = Project(EditedTree(self.findings.project.tree, self.renamed))

    def keep(self) -> Doubt | None:
        """Put the old name beside the new one."""
        module = self.project.module(self.module.path)
        if module is None:
            return Doubt("the file does not parse once the symbol has its new name")
        if isinstance(self.node, FunctionNode):
            doubt = self._function(module, self.node)
        else:
            doubt = self._getattr(module)
        if doubt is not None:
            return doubt
        offered = dict.fromkeys(offering(self.findings, self.module.path))
        for file, alias in offered:
            if len(file.scope.bindings[self.findings.old]) > 1:
                return Doubt(
                    f"{file.path}:{alias.lineno} offers it to others, and binds it in another way as well"
                )
            self._offer(file, alias)
        for usage in self.findings.usages.values():
            if isinstance(usage.node, ast.Constant) and usage.node is exported_string(
                usage.module, self.findings.old
            ):
                self._export(usage.module, usage.node)
        return None

    def _function(self, module: Module, old: FunctionNode) -> Doubt | None:
        node = next(
            (
                each
                for each, _ in module.bindings.functions
                if each.name == self.findings.new and each.lineno == old.lineno
            ),
            None,
        )
        if node is None:
            return Doubt("the renamed definition is not found again")
        called = local_name(module, module.bindings.scopes[node], node.lineno, _WARN)
        if isinstance(called, Doubt):
            return called
        text = alias_function(
            self.module, old, self.findings.new, self.notice, called.text if called else "warnings.warn"
        )
        if isinstance(text, Doubt):
            return text
        end = newline_of(module.source)
        blank = end * (1 if indentation(module, node) else 2)
        self._put(module, line_start(module, last_line(module, node) + 1), blank + text, called is None)
        self._site(
            self.module, self._place(self.module, old), "the old name stays: it warns and calls the new one"
        )
        return None

    def _getattr(self, module: Module) -> Doubt | None:
        last = module.source.tree.body[-1]
        called = local_name(module, module.scope, (last.end_lineno or 1) + 1, _WARN)
        if isinstance(called, Doubt):
            return called
        text = module_getattr(
            module,
            self.findings.old,
            self.findings.new,
            self.notice,
            called.text if called else "warnings.warn",
        )
        self._put(module, len(module.source.content), text, called is None)
        why = "the old name stays: the module's __getattr__ warns and gives the new one"
        self._site(self.module, self._place(self.module, self.node), why)
        return None

    def _put(self, module: Module, place: int, text: str, needs_import: bool) -> None:
        before = module.source.content[:place]
        lead = "" if before.endswith((b"\n", b"\r")) else newline_of(module.source)
        rewrite = self._rewrite(module)
        rewrite.splices[place, place] = lead + text
        if needs_import:
            rewrite.import_on_top([_WARN.statement])

    def _offer(self, file: Module, alias: ast.alias) -> None:
        """Import the old name beside the new one."""
        statement = file.bindings.parents[alias]
        module = self.project.module(file.path)
        found = [
            each
            for other, _ in (module.bindings.imports if module is not None else ())
            if isinstance(other, ast.ImportFrom) and other.lineno == getattr(statement, "lineno", 0)
            for each in other.names
            if each.name == self.findings.new
        ]
        if module is None or not found:
            return
        written = self.findings.old + (f" as {self.findings.old}" if alias.asname else "")
        place, text = _beside(module, found[0], written)
        self._rewrite(module).splices[place, place] = text
        self._site(file, file.source.start(alias), "the old name can be imported from here as before")

    def _export(self, file: Module, constant: ast.Constant) -> None:
        module = self.project.module(file.path)
        change = with_export(module, self.findings.old) if module is not None else None
        place = file.source.start(constant)
        if module is None or change is None:
            line, column = file.source.position(place)
            why = "the old name belongs into this __all__ as well, which is not a list that is written out"
            self.added.append(Site(file.path, line, column, self.findings.symbol, "unresolved", why))
            return
        span, text = change
        self._rewrite(module).splices[span] = text
        self._site(file, place, "the old name stays in __all__")

    def _rewrite(self, module: Module) -> FileRewrite:
        if module.path not in self.rewrites:
            self.rewrites[module.path] = FileRewrite(self.project, module, self.findings.symbol)
        return self.rewrites[module.path]

    def _place(self, module: Module, node: ast.AST) -> int:
        span: Span | None = name_span(module.bindings, node, self.findings.old)
        return (
            span[0]
            if span
            else module.source.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        )

    def _site(self, module: Module, place: int, reason: str) -> None:
        line, column = module.source.position(place)
        self.added.append(Site(module.path, line, column, self.findings.symbol, "resolved", reason))

    def edits(self) -> list[Edit] | Failure:
        """Return the edits of both steps as one; a Failure, and nothing is to change, if a file cannot be written."""
        found = []
        for edit in self.renamed:
            rewrite = self.rewrites.get(edit.path)
            try:
                second = rewrite.edit() if rewrite is not None else None
            except UnicodeEncodeError as error:
                return Failure(
                    edit.path, f"is left as it is: its encoding has not all characters: {error.reason}"
                )
            content = second.content if second is not None else edit.content
            parsed = parse_source(edit.path, content) if edit.path.endswith(".py") else None
            if isinstance(parsed, Failure):
                return Failure(edit.path, f"is left as it is, because the edited file {parsed.error}")
            count = edit.sites + sum(
                each.path == edit.path and each.status == "resolved" for each in self.added
            )
            found.append(Edit(edit.path, edit.old_hash, content, count, edit.new_path))
        return found


def _beside(module: Module, alias: ast.alias, written: str) -> tuple[int, str]:
    """Return where another name is put into an import behind one of its names, and as what text."""
    source, statement = module.source, module.bindings.statement_of(alias)
    start, end = source.start(alias), source.end(alias)
    header = source.slice(source.start(statement), start)
    if imports_one_a_line(module) and not shares_line(module, statement) and "(" not in header:
        indent = indent_of(source, statement.lineno)
        return source.end(statement), f"{newline_of(source)}{indent}{header}{written}"
    indent = indent_of(source, alias.lineno)
    is_alone = start == source.line_starts[alias.lineno - 1] + len(indent)
    return end, f",{newline_of(source) + indent if is_alone else ' '}{written}"
