"""The other files that use the symbol: their imports, dotted uses and star imports lead to its new module."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from overhaul.refactors.dotted_chains import dotted_span, is_deletion, is_still_used
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.exported_names import exported_string
from overhaul.refactors.file_rewrite import FileRewrite, Import
from overhaul.refactors.import_edits import named_elsewhere, removable_imports
from overhaul.refactors.import_needs import (
    ImportStatement,
    Need,
    is_builtin,
    local_name,
)
from overhaul.refactors.import_places import (
    Place,
    absolute_text,
    from_import,
    module_import,
    relative_text,
)
from overhaul.refactors.imports import dotted_names
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding, Scope

Style = Literal["as-before", "module", "from-package", "from-module"]


@dataclass(frozen=True, slots=True)
class Move:
    """A name, the module that it leaves and the one that it goes to."""

    name: str
    old: Place
    new: Place

    @property
    def symbol(self) -> str:
        return f"{self.old.name}.{self.name}"


@dataclass(slots=True)
class Importer:
    """The changes of one file that uses the symbol of another."""

    inference: Inference
    rewrite: FileRewrite
    move: Move
    style: Style
    edited: dict[ast.AST, set[ast.AST]] = field(default_factory=dict)

    @property
    def module(self) -> Module:
        return self.rewrite.module

    def import_from(self, alias: ast.alias) -> None:
        """Follow `from old import name`."""
        module, project = self.module, self.inference.project
        statement = module.bindings.parents[alias]
        assert isinstance(statement, ast.ImportFrom)  # noqa: S101 - found as such
        text = None
        if statement.level:
            text = relative_text(project, module.path, self.move.new)
        if text is None:
            written = statement.module or "" if not statement.level else self.move.old.name
            text = absolute_text(written, self.move.old, self.move.new)
        dots = "." * statement.level
        reason = f"import from {dots}{statement.module or ''}"
        self.rewrite.take(alias, ImportStatement(text, self.move.name, alias.asname), reason)

    def attribute(self, node: ast.Attribute) -> None:
        """Follow `old.name`, by way of the import that gives `old`."""
        module = self.module
        start, shown = module.source.start(node), ast.unparse(node.value)
        chain = dotted_names(node)
        first = chain[0] if chain else None
        scope = module.bindings.scope_of(node)
        owner = scope.lookup(first.id, first) if isinstance(first, ast.Name) else None
        if owner is None or not isinstance(first, ast.Name):
            self.rewrite.leave(start, f"the module is reached through '{shown}', which no import binds")
            return
        binding = self._binding(owner, first.id, shown)
        if binding is None:
            self.rewrite.leave(start, f"'{shown}' is bound in several ways or by no import")
            return
        span = dotted_span(self.module, node)
        if span is None:
            self.rewrite.leave(start, f"'{shown}.{self.move.name}' is not written there as it is")
            return
        if not isinstance(node.ctx, ast.Load):
            self.rewrite.leave(
                start, f"sets '{self.move.name}' on the old module, where the new one does not look it up"
            )
            return
        statement = module.bindings.parents[binding.node]
        assert isinstance(statement, Import)  # noqa: S101
        route = self._route(binding, statement, scope, node.lineno)
        if route is None:
            self.rewrite.leave(start, f"no import of '{self.move.new.name}' fits there: its names are taken")
            return
        text, wanted = route
        if wanted is not None:
            self.rewrite.import_beside(statement, wanted)
        self.edited.setdefault(binding.node, set()).add(first)
        self.rewrite.replace(span, text, f"attribute of the module '{shown}'")

    def star_import(self, statement: ast.ImportFrom) -> None:
        """Import by its name what a star import no longer brings."""
        text = (
            relative_text(self.inference.project, self.module.path, self.move.new)
            if statement.level
            else None
        )
        is_used = self.move.name in self.module.bindings.names or exported_string(self.module, self.move.name)
        alias = None if is_used else self.move.name  # as type checkers want a re-export (PEP 484)
        wanted = ImportStatement(text or self.move.new.name, self.move.name, alias)
        self.rewrite.import_beside(statement, wanted)
        self.rewrite.resolve(
            self.module.source.start(statement), f"star import that no longer brings '{self.move.name}'"
        )

    def _binding(self, owner: Scope, name: str, shown: str) -> Binding | None:
        """Return the import that binds the first name of a chain; of `import a.b` and `import a.c` the right one."""
        bindings = [each for each in owner.bindings[name] if not is_deletion(each)]
        if not all(isinstance(each.node, ast.alias) for each in bindings):
            return None
        if len(bindings) == 1:
            return bindings[0]
        fitting = [
            each
            for each in bindings
            if isinstance(each.node, ast.alias)
            and isinstance(self.module.bindings.parents[each.node], ast.Import)
            and each.node.asname is None
            and each.node.name == shown
        ]
        return fitting[0] if fitting else None

    def _route(
        self, binding: Binding, statement: Import, scope: Scope, line: int
    ) -> tuple[str, ImportStatement | None] | None:
        """Return how the symbol is written at a place, and the import that this needs."""
        for wanted in self._candidates(binding, statement):
            text = wanted.local_name if wanted.name or wanted.alias else wanted.module
            is_symbol = wanted.name == self.move.name and wanted.module == self._new_text(statement)
            dotted = text if is_symbol else f"{text}.{self.move.name}"
            found = self._local(wanted, dotted, scope, line)
            if isinstance(found, Doubt):
                continue
            if found is not None:
                return found, None
            return dotted, wanted
        return None

    def _candidates(self, binding: Binding, statement: Import) -> Iterator[ImportStatement]:
        project, path, new = self.inference.project, self.module.path, self.move.new
        alias = binding.node
        assert isinstance(alias, ast.alias)  # noqa: S101
        relative = isinstance(statement, ast.ImportFrom) and statement.level > 0
        plain = ImportStatement(self._new_text(statement))
        from_package = module_import(project, path, new, relative)
        if not relative and from_package.name:
            package, _, leaf = self._new_text(statement).rpartition(".")
            from_package = ImportStatement(package, leaf) if package else ImportStatement(leaf)
        from_module = from_import(
            project, path, Place(new.key, self._new_text(statement)), self.move.name, relative
        )
        is_plain = isinstance(statement, ast.Import) and alias.asname is None
        styles = {
            "as-before": [plain, from_package] if is_plain else [from_package, plain],
            "module": [plain, from_package],
            "from-package": [from_package, plain],
            "from-module": [from_module, from_package, plain],
        }
        yield from styles[self.style]
        if self.style != "from-module":
            yield from_module
        yield ImportStatement(from_package.module, from_package.name, f"{new.leaf}_module")

    def _new_text(self, statement: Import) -> str:
        """Return the absolute name of the new module as the file's own imports have it."""
        if isinstance(statement, ast.ImportFrom):
            if statement.level:
                return self.move.new.name
            names = [f"{statement.module}.{alias.name}" for alias in statement.names]
        else:
            names = [alias.name for alias in statement.names]
        for name in names:
            found = self.inference.project.absolute(self.module, name)
            if isinstance(found, Location) and found.key == self.move.old.key:
                return absolute_text(name, self.move.old, self.move.new)
        return self.move.new.name

    def _local(self, wanted: ImportStatement, dotted: str, scope: Scope, line: int) -> str | Doubt | None:
        """Return how the place calls it already, None if it can be imported as wanted, or why not."""
        module = self.module
        absolute = ImportStatement(self.move.new.name)
        need = Need(dotted, f"{self.move.new.name}.{self.move.name}", absolute)
        found = local_name(module, scope, line, need)
        if found is not None and not isinstance(found, Doubt):
            return found.text
        local = wanted.local_name
        owner = scope.lookup(local)
        bound = [each for each in module.scope.subtree() if local in each.bindings]
        if wanted.name is None and wanted.alias is None:
            # `import a.b` beside `import a.c`: both bind `a`, to the same.
            same = [
                each
                for each in (owner.bindings[local] if owner else [])
                if isinstance(each.node, ast.alias)
                and isinstance(module.bindings.parents[each.node], ast.Import)
                and each.node.asname is None
            ]
            if owner is not None and len(same) == len(owner.bindings[local]):
                return None
        elsewhere = any(
            place.lookup(local, node) is None for node, place in module.bindings.names.get(local, ())
        )
        if bound or elsewhere or is_builtin(local):
            return Doubt(f"'{local}' means something else")
        return None

    def unused(self) -> list[Binding]:
        """Return the imports that only the uses that were changed needed."""
        found = []
        for alias, firsts in self.edited.items():
            statement = self.module.bindings.parents[alias]
            assert isinstance(alias, ast.alias)  # noqa: S101
            if isinstance(statement, Import) and not is_still_used(self.module, alias, firsts):
                name = alias.asname or alias.name.partition(".")[0]
                scope = self.module.bindings.scope_of(alias)
                found += [each for each in scope.bindings.get(name, ()) if each.node is alias]
        return found


def remove_unused(importers: Collection[Importer]) -> None:
    """Take away the imports of the old module that nothing needs any more, and that nobody takes from the file."""
    unused = {
        (importer.module.name, binding.name): (importer, binding)
        for importer in importers
        for binding in importer.unused()
    }
    kept = {
        key for key, (importer, _) in unused.items() if named_elsewhere(importer.inference.project, [key])
    }
    for key, (importer, binding) in unused.items():
        statement = importer.module.bindings.parents[binding.node]
        if key in kept or not isinstance(binding.node, ast.alias):
            continue
        if isinstance(statement, Import) and _is_removable(importer.module, binding):
            importer.rewrite.taken.setdefault(statement, {})[binding.node] = None


def _is_removable(module: Module, binding: Binding) -> bool:
    if removable_imports(module, [binding]):
        return True
    # Beside another `import a.c`, `import a.b` shares its name; taking it away leaves the name bound.
    others = binding.scope.bindings[binding.name]
    if len(others) == 1:
        return False
    alone = Scope(binding.scope.kind, binding.scope.node, None)
    alone.bindings[binding.name] = [binding]
    return bool(removable_imports(module, [Binding(binding.name, binding.node, alone)]))
