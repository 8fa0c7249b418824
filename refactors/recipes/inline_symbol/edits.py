"""What an inlining has decided so far, file by file, and the edits that this makes."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.import_edits import (
    added_imports,
    named_elsewhere,
    removable_imports,
    removed_imports,
    without_double_blanks,
)
from overhaul.refactors.import_needs import ImportStatement, runs_later
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit, Failure, Site, SiteStatus, content_hash
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.text import Splice, parse_source


@dataclass(slots=True, eq=False)
class FileChange:
    """The splices of one file; `removed` are the spans of code that goes, with the names used in it."""

    module: Module
    splices: list[Splice] = field(default_factory=list)
    removed: list[Span] = field(default_factory=list)
    imports: set[ImportStatement] = field(default_factory=set)
    imported_before: list[int] = field(default_factory=list)
    kept: set[ast.AST] = field(default_factory=set)
    dropped: list[Binding] = field(default_factory=list)

    def replace(self, span: Span, text: str) -> None:
        """Replace code; the names in it are no longer used there."""
        self.splices.append((*span, text))
        self.removed.append(span)

    def unused_imports(self) -> list[Binding]:
        """Return the imports that only code which goes has used."""
        found = []
        for name, bindings in self.module.scope.bindings.items():
            if not all(isinstance(each.node, ast.alias) for each in bindings):
                continue
            uses = [
                use
                for use, scope in self.module.bindings.names.get(name, ())
                if scope.lookup(name, use) is self.module.scope
            ]
            if uses and all(self._goes(use) for use in uses):
                found += [each for each in bindings if each.node not in self.kept]
        return found

    def _goes(self, node: ast.expr) -> bool:
        place = self.module.source.start(node)
        return any(start <= place < end for start, end in self.removed)

    def content(self, project: Project) -> bytes:
        """Return the new content. Raises UnicodeEncodeError."""
        splices = _joined(self.splices)
        content = self._with_imports(project, self.module.source.splice(splices), splices)
        removable = removable_imports(self.module, self.unused_imports())
        taken = named_elsewhere(project, {(self.module.name, each.name) for each in removable})
        gone = [each for each in removable if (self.module.name, each.name) not in taken]
        return self._without_imports(
            content, {_import_key(self.module, each) for each in [*self.dropped, *gone]}
        )

    def _with_imports(self, project: Project, content: bytes, splices: Sequence[Splice]) -> bytes:
        """Add the imports one by one, so that names of one module come into one statement."""
        source = self.module.source
        before = min(self.imported_before, default=len(source.content))
        before += sum(
            len(text.encode(source.encoding)) - (end - start) for start, end, text in splices if end <= before
        )
        for statement in sorted(self.imports, key=str):
            module = self._parsed(content)
            if module is None:
                return content
            added = module.source.splice(added_imports(project, module, [statement], before))
            before += len(added) - len(content)
            content = added
        return content

    def _parsed(self, content: bytes) -> Module | None:
        """Return the file with new content; None if it does not parse, which is reported with the edit."""
        parsed = parse_source(self.module.path, content)
        if isinstance(parsed, Failure):
            return None
        return Module(self.module.path, self.module.key, self.module.name, parsed, ModuleBindings(parsed))

    def _without_imports(self, content: bytes, keys: Collection[object]) -> bytes:
        """Remove imports from what the file has become: new names may stand in the same statements."""
        module = self._parsed(content) if keys else None
        if module is None:
            return content
        bindings = [
            binding
            for scope in module.scope.subtree()
            for found in scope.bindings.values()
            for binding in found
            if isinstance(binding.node, ast.alias) and _import_key(module, binding) in keys
        ]
        return module.source.splice(without_double_blanks(content, removed_imports(module, bindings)))


def _import_key(module: Module, binding: Binding) -> object:
    """Return what tells an import from others, wherever its line is."""
    alias, statement = binding.node, module.bindings.parents[binding.node]
    scopes = []
    scope: Scope | None = binding.scope
    while scope is not None:
        scopes.append(getattr(scope.node, "name", ""))
        scope = scope.parent
    fields = [getattr(alias, "name", ""), getattr(alias, "asname", None)]
    return (*fields, getattr(statement, "module", None), getattr(statement, "level", 0), tuple(scopes))


def _joined(splices: Iterable[Splice]) -> list[Splice]:
    """Return the splices with removals that overlap made one: both may take the blank lines between them."""
    found: list[Splice] = []
    for start, end, text in sorted(set(splices)):
        if found and start < found[-1][1] and not text and not found[-1][2]:
            found[-1] = (found[-1][0], max(end, found[-1][1]), "")
        else:
            found.append((start, end, text))
    return found


@dataclass(slots=True)
class Changes:
    """All files' changes, and the sites: a use is replaced, or left with the reason."""

    project: Project
    symbol: str
    files: dict[str, FileChange] = field(default_factory=dict)
    sites: dict[tuple[str, int], Site] = field(default_factory=dict)
    others: list[Site] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def of(self, module: Module) -> FileChange:
        """Return the changes of a file."""
        if module.path not in self.files:
            self.files[module.path] = FileChange(module)
        return self.files[module.path]

    def note(self, module: Module, offset: int, status: SiteStatus, reason: str) -> None:
        """Add a site, or change what is said of one."""
        line, column = module.source.position(offset)
        self.sites[module.path, offset] = Site(module.path, line, column, self.symbol, status, reason)

    @property
    def unresolved(self) -> Sequence[Site]:
        return [
            *(site for site in self.sites.values() if site.status == "unresolved"),
            *self.others,
        ]

    def need(self, module: Module, statements: Iterable[ImportStatement], node: ast.AST) -> None:
        """Add imports that code put in the place of a node needs."""
        change = self.of(module)
        wanted = set(statements)
        change.imports |= wanted
        if wanted and not runs_later(module.bindings.scope_of(node)):
            change.imported_before.append(module.source.start(module.bindings.statement_of(node)))

    def edits(self) -> list[Edit]:
        """Return the edits; a file that an edit would break is a failure."""
        found = []
        for path, change in sorted(self.files.items()):
            if not change.splices and not change.dropped:
                continue
            count = sum(key[0] == path and site.status == "resolved" for key, site in self.sites.items())
            outcome = self._edit(change, count)
            if isinstance(outcome, Edit):
                found.append(outcome)
            else:
                self.failures.append(outcome)
        return found

    def _edit(self, change: FileChange, count: int) -> Edit | Failure:
        source = change.module.source
        try:
            content = change.content(self.project)
        except UnicodeEncodeError:
            return Failure(source.path, f"its encoding, {source.encoding}, has not all characters")
        parsed = parse_source(source.path, content)
        if isinstance(parsed, Failure):
            return Failure(source.path, f"is left as it is, because the edited file {parsed.error}")
        return Edit(source.path, content_hash(source.content), content, count)

    def all_sites(self) -> list[Site]:
        """Return every site by place."""
        return sorted(
            [*self.sites.values(), *self.others],
            key=lambda site: (site.path, site.line, site.column, site.reason),
        )
