"""The edit of the file that loses the symbol: the lines go, what is left imports it, unused imports go as well."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.exported_names import exported_string, without_export
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_edits import named_elsewhere, removable_imports
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.import_places import from_import, module_import
from overhaul.refactors.import_text import newline
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.move_symbol.compatibility import Alias, warning_alias
from overhaul.refactors.recipes.move_symbol.definition import Definition
from overhaul.refactors.recipes.move_symbol.importers import Move, Style
from overhaul.refactors.recipes.move_symbol.target_rewrite import first_immediate_use
from overhaul.refactors.scopes import Binding


@dataclass(slots=True)
class Origin:
    """The old module's file. `left` are the uses of what moves that stay in it."""

    project: Project
    rewrite: FileRewrite
    move: Move
    alias: Alias
    definitions: Sequence[Definition]
    relative: bool
    left: Sequence[ast.Name] = field(default_factory=list)
    style: Style = "as-before"
    binds_name: bool = True

    @property
    def module(self) -> Module:
        return self.rewrite.module

    def edit(self, copied: Collection[Binding]) -> None:
        """Take the lines out; `copied` are the imports that they used."""
        for definition in self.definitions:
            self.rewrite.splices[definition.removed] = ""
            start = self.module.source.start(definition.first)
            self.rewrite.resolve(start, f"definition: it moves to {self.move.new.name}")
        self.binds_name = self.alias == "yes" or (self.alias == "no" and bool(self.left))
        self._export()
        self._import()
        self._remove_imports(copied)

    def _export(self) -> None:
        constant = exported_string(self.module, self.move.name)
        if constant is None or self.alias != "no":
            return
        start = self.module.source.start(constant)
        splice = without_export(self.module, constant)
        if splice is None:
            self.rewrite.leave(start, f"__all__ still names '{self.move.name}', which is gone from here")
        else:
            self.rewrite.replace(*splice, "name in __all__")

    def _import(self) -> None:
        if self.alias == "warn" and self.left and not self.module.path.endswith(".pyi"):
            # The module must not bind the name, or its __getattr__ is never asked: it is bound under a private one.
            self._import_privately()
        elif self.left and self.alias == "no" and self._import_module():
            return
        elif self.left or self.alias == "yes" or (self.alias == "warn" and self.module.path.endswith(".pyi")):
            is_public = self.alias != "no" and exported_string(self.module, self.move.name) is None
            self._add(self._statement(self.move.name if is_public else None))
        if self.alias == "warn" and not self.module.path.endswith(".pyi"):
            self._add_warning()

    def _add_warning(self) -> None:
        """Put the module's `__getattr__` at its end."""
        content = self.module.source.content
        text = warning_alias(self.project, self.module, self.move, self.relative)
        end = (len(content), len(content))
        span = next((each.removed for each in self.definitions if each.removed[1] == len(content)), end)
        before = content[: span[0]]
        if not before.strip():
            text = text.lstrip("\n")
        elif not before.endswith((b"\n", b"\r")):
            text = "\n" + text
        self.rewrite.splices[span] = text.replace("\n", newline(self.module))

    def _statement(self, alias: str | None) -> ImportStatement:
        return from_import(
            self.project, self.module.path, self.move.new, self.move.name, self.relative, alias
        )

    def _add(self, statement: ImportStatement) -> None:
        before = first_immediate_use(self.module, [self.move.name], self.definitions)
        self.rewrite.import_on_top([statement], None if before is None else self.module.source.start(before))

    def _import_module(self) -> bool:
        """Write what is left as `new.name` where that style is asked for and fits."""
        if self.style not in ("module", "from-package"):
            return False
        statement = ImportStatement(self.move.new.name)
        if self.style == "from-package":
            statement = module_import(self.project, self.module.path, self.move.new, self.relative)
        local = statement.local_name
        spans = [name_span(self.module.bindings, node, self.move.name) for node in self.left]
        bound = any(local in scope.bindings for scope in self.module.scope.subtree())
        if bound or local in self.module.bindings.names or None in spans:
            return False
        text = statement.local_name if statement.name else statement.module
        for span in spans:
            if span is not None:
                self.rewrite.replace(span, f"{text}.{self.move.name}", "use in the scope that defined it")
        self.binds_name = False
        self._add(statement)
        return True

    def _import_privately(self) -> None:
        private = f"_{self.move.name.lstrip('_')}"
        while private in self.module.bindings.names or private in self.module.scope.bindings:
            private = f"{private}_"  # a second underscore before it would make it another name inside classes
        self._add(self._statement(private))
        source = self.module.source
        for node in self.left:
            start = source.start(node)
            self.rewrite.replace(
                (start, start + len(node.id.encode(source.encoding))), private, "use in the module that warns"
            )

    def _remove_imports(self, copied: Collection[Binding]) -> None:
        """Remove the imports that only the moved lines used."""
        unused = [each for each in dict.fromkeys(copied) if not self._is_used(each)]
        unused = removable_imports(self.module, unused)
        names = {(self.module.name, each.name) for each in unused}
        kept = named_elsewhere(self.project, names) if names else set()
        for binding in unused:
            if (self.module.name, binding.name) not in kept:
                self.rewrite.removed.append(binding)

    def _is_used(self, binding: Binding) -> bool:
        return any(
            scope.lookup(binding.name, node) is self.module.scope
            and not any(each.holds(node.lineno) for each in self.definitions)
            for node, scope in self.module.bindings.names.get(binding.name, ())
        )
