"""The import statements that a move changes: those of the module elsewhere, and the relative ones inside it."""

from __future__ import annotations

import ast
import re

from overhaul.refactors.modules import Location, join, parent
from overhaul.refactors.name_tokens import alias_spans
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.move_module.rendering import name_at, relative_name
from overhaul.refactors.recipes.move_module.source_text import beside, removal, source_span, source_splice
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.relocation import Relocation
from overhaul.refactors.scopes import Binding, Scope


class MovedImports:
    """Rewrites imports one by one; the names that they bind stay, except for the top of a plain `import a.b`."""

    def __init__(self, relocation: Relocation, findings: Findings) -> None:
        self.relocation = relocation
        self.project = relocation.project
        self.findings = findings

    def find_in(self, module: Module) -> None:
        """Find the imports of one file."""
        for statement, scope in module.bindings.imports:
            if isinstance(statement, ast.Import):
                self._import(module, statement, scope)
            else:
                self._import_from(module, statement, scope)

    def _import_from(self, module: Module, statement: ast.ImportFrom, scope: Scope) -> None:
        key = self._source_key(module, statement)
        if key is None:
            return
        covered = self.relocation.covers(key)
        moved = [] if covered else [each for each in statement.names if self.is_moved(module, each, scope)]
        if len(moved) < len(statement.names):
            self._change_source(module, statement, self._source_after(module, statement, key))
        if moved:
            text = self._parent_after(module, statement, key)
            if len(moved) == len(statement.names):
                self._redirect(module, statement, text)
            else:
                self._split(module, statement, moved, text)

    def _source_key(self, module: Module, statement: ast.ImportFrom) -> str | None:
        """Return the key of the module that a from-import reads, whether it exists or is made by a build."""
        name = statement.module or ""
        if statement.level:
            folder = parent(module.path)
            for _ in range(statement.level - 1):
                if not folder:
                    return None
                folder = parent(folder)
            return join(folder, name.replace(".", "/"))
        found = self.project.absolute(module, name)
        if isinstance(found, Location):
            return found.key
        if found is None and name.startswith(f"{self.relocation.old_name}."):
            return self.relocation.old_key + name[len(self.relocation.old_name) :].replace(".", "/")
        return None

    def is_moved(self, module: Module, alias: ast.alias, scope: Scope) -> bool:
        """Tell whether a name of a from-import of the old package is the module itself."""
        if alias.name != self.relocation.leaf:
            return False
        statement = module.bindings.parents[alias]
        source = self._source_key(module, statement) if isinstance(statement, ast.ImportFrom) else None
        binding = Binding(alias.asname or alias.name, alias, scope)
        return source == parent(self.relocation.old_key) and self.relocation.is_reached(
            self.project.imported(module, binding)
        )

    def _source_after(self, module: Module, statement: ast.ImportFrom, key: str) -> str:
        new_key = self.relocation.key_after(key)
        if statement.level:
            return relative_name(self.relocation, module.path, new_key) or name_at(self.relocation, new_key)
        if self.relocation.covers(key):
            return self.relocation.written_after(statement.module or "", key)
        return statement.module or ""

    def _parent_after(self, module: Module, statement: ast.ImportFrom, key: str) -> str:
        """Return the package from which the module itself is imported afterwards; empty at the top."""
        if statement.level:
            relative = relative_name(self.relocation, module.path, parent(self.relocation.new_key))
            return relative or self.relocation.new_parent
        written = f"{statement.module}.{self.relocation.leaf}"
        return self.relocation.written_after(written, join(key, self.relocation.leaf)).rpartition(".")[0]

    def _change_source(self, module: Module, statement: ast.ImportFrom, text: str) -> None:
        start, end = source_span(module, statement)
        written = re.sub(r"[\s\\]", "", module.source.slice(start, end))
        if not text:
            self.findings.leave_at(
                module, start, f"import from '{written}', which has no name in the new place"
            )
        elif text != written:
            *span, replacement = source_splice(module, statement, text)
            self.findings.replace(
                module, (span[0], span[1]), replacement, f"import from {written}", statement
            )

    def _redirect(self, module: Module, statement: ast.ImportFrom, text: str) -> None:
        """Import the module, which is all that the statement imports, from its new package."""
        if text:
            self._change_source(module, statement, text)
            return
        span = module.source.start(statement), module.source.end(statement)
        names = ", ".join(_as_written(alias) for alias in statement.names)
        self.findings.replace(module, span, f"import {names}", "import of the module", statement)

    def _split(self, module: Module, statement: ast.ImportFrom, moved: list[ast.alias], text: str) -> None:
        """Give the module a statement of its own beside that of the names which stay."""
        names = ", ".join(_as_written(alias) for alias in moved)
        added = f"from {text} import {names}" if text else f"import {names}"
        written = re.sub(r"[\s\\]", "", module.source.slice(*source_span(module, statement)))
        if len(moved) > 1:
            self.findings.leave(
                module, moved[0], f"the module is imported twice from {written}, beside other names"
            )
            return
        self._take_out(module, statement, moved[0], added, _order(text) < _order(written))

    def _take_out(
        self,
        module: Module,
        statement: ast.Import | ast.ImportFrom,
        alias: ast.alias,
        text: str,
        before: bool,
    ) -> None:
        start, end, _ = removal(module, statement, alias)
        line, column = module.source.position(module.source.start(alias))
        self.findings.put(module.path, (start, end), "", line, column, "import of the module")
        place, _, added = beside(module, statement, text, before)
        self.findings.splices[module.path][place, place] = added

    def _import(self, module: Module, statement: ast.Import, scope: Scope) -> None:
        for alias in statement.names:
            written = self.moved_part(module, alias)
            if written is None:
                continue
            rest = alias.name[len(written) :]
            new = self.relocation.written_after(written, self.relocation.old_key) + rest
            if alias.asname is None and not rest and "." not in written and self.keeps_name(module, scope):
                self._import_by_name(module, statement, alias, new)
            elif new != alias.name:
                spans = alias_spans(module.source, alias)
                last = spans[-2] if alias.asname else spans[-1]
                reason = f"import of {alias.name}"
                self.findings.replace(module, (spans[0][0], last[1]), new, reason, alias)

    def moved_part(self, module: Module, alias: ast.alias) -> str | None:
        """Return the beginning of a plain import's dotted name that is the module; None if it is not in it."""
        parts = alias.name.split(".")
        for count in range(1, len(parts) + 1):
            found = self.project.absolute(module, ".".join(parts[:count]))
            if isinstance(found, Location) and found.key == self.relocation.old_key:
                return ".".join(parts[:count])
        return None

    def keeps_name(self, module: Module, scope: Scope) -> bool:
        """Tell whether `import mod` of a module at the top can become `from package import mod`."""
        return "." in self.relocation.new_name and not any(
            isinstance(each.node, ast.alias)
            and isinstance(module.bindings.parents[each.node], ast.Import)
            and each.node.name.startswith(f"{self.relocation.leaf}.")
            and each.node.asname is None
            for each in scope.bindings.get(self.relocation.leaf, ())
        )

    def _import_by_name(self, module: Module, statement: ast.Import, alias: ast.alias, new: str) -> None:
        package, _, leaf = new.rpartition(".")
        text = f"from {package} import {leaf}"
        if len(statement.names) == 1:
            span = module.source.start(statement), module.source.end(statement)
            self.findings.replace(module, span, text, f"import of {alias.name}", alias)
        else:
            self._take_out(module, statement, alias, text, False)


def _as_written(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _order(source: str) -> tuple[int, str]:
    """Where a source stands among sorted imports: absolute ones, then relative ones from far to near."""
    dots = len(source) - len(source.lstrip("."))
    return (-dots if dots else -1_000), source.lower()
