"""The imports that the moved lines get in their new module, under the same names or others where these are taken."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field

from overhaul.refactors.errors import NameTaken, ParameterError
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.imports import imported_name
from overhaul.refactors.name_tokens import Span, name_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.move_symbol.conditions import import_condition
from overhaul.refactors.recipes.move_symbol.moved_names import Use
from overhaul.refactors.scopes import Binding


@dataclass(slots=True)
class Needs:
    """What the target needs. `helpers` are the names that it imports back, each with its first use."""

    imports: set[ImportStatement] = field(default_factory=set)
    typing_imports: set[ImportStatement] = field(default_factory=set)
    rewrites: dict[Span, str] = field(default_factory=dict)
    helpers: dict[str, Use] = field(default_factory=dict)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    copied: list[Binding] = field(default_factory=list)


@dataclass(slots=True)
class TargetImports:
    """What is imported into the target for the moved lines of the old module; it goes into `needs`."""

    origin: Module
    target: Module
    needs: Needs

    def add(self, wanted: ImportStatement, uses: Sequence[Use], typing_only: bool = False) -> None:
        """Import something into the target, under another name if the target has given this one another meaning."""
        local = wanted.local_name
        existing = self.target.scope.bindings.get(local, [])
        meaning = _meaning(self.target, wanted)
        if existing:
            meant = {self._existing_meaning(each) for each in existing}
            always = any(import_condition(self.target, each) == "always" for each in existing)
            if meant == {meaning} and (always or typing_only) and self._is_loaded(wanted, existing):
                return
            if meant != {meaning}:
                wanted = self._under_other_name(wanted, uses, existing[0])
        elif hasattr(builtins, local) and any(
            scope.lookup(local, node) is None for node, scope in self.target.bindings.names.get(local, ())
        ):
            wanted = self._under_other_name(wanted, uses, None)
        if typing_only and not self.target.path.endswith(".pyi"):
            self.needs.typing_imports.add(wanted)
        else:
            self.needs.imports.add(wanted)

    def _is_loaded(self, wanted: ImportStatement, existing: Sequence[Binding]) -> bool:
        if wanted.name is not None or wanted.alias is not None:
            return True
        return any(
            isinstance(each.node, ast.alias) and f"{each.node.name}.".startswith(f"{wanted.module}.")
            for each in existing
        )

    def _existing_meaning(self, binding: Binding) -> str | None:
        return imported_name(self.target.bindings, binding, self.target.name, self.target.is_package)

    def _under_other_name(
        self, wanted: ImportStatement, uses: Sequence[Use], existing: Binding | None
    ) -> ImportStatement:
        local = wanted.local_name
        stem = wanted.module.strip(".").rpartition(".")[2] if wanted.name else local
        other = f"{stem}_{local}" if wanted.name else f"{local}_module"
        place = f"{self.target.path}:{existing.line}" if existing else f"{self.target.path}, as a builtin"
        names = {*self.target.bindings.names, *self.origin.bindings.names}
        bound = {name for scope in self.target.scope.subtree() for name in scope.bindings}
        is_dotted = wanted.name is None and wanted.alias is None and "." in wanted.module
        if other in names or other in bound or is_dotted or other == local:
            raise NameTaken(
                f"'{local}' means something else at {place} than in the code that moves ({wanted})."
                " Rename one of them first"
            )
        for use in uses:
            self.rewrite(use.node, other)
        return ImportStatement(wanted.module, wanted.name, other)

    def rewrite(self, node: ast.expr, text: str) -> None:
        """Write a name in the moved lines in another way. Raises ParameterError where it is not written as it is."""
        source = self.origin.source
        span = (source.start(node), source.end(node))
        if isinstance(node, ast.Name):
            span = name_span(self.origin.bindings, node, node.id) or (0, 0)
        elif isinstance(node, ast.Attribute):
            written = source.slice(*span).replace(" ", "")
            span = span if written == ast.unparse(node) else (0, 0)
        if span == (0, 0):
            raise ParameterError(
                f"{self.origin.path}:{node.lineno}: {ast.unparse(node)} would have to become {text}, but is not written"
                " there as it is. Simplify it first"
            )
        self.needs.rewrites[span] = text


def _meaning(target: Module, wanted: ImportStatement) -> str:
    """Return the absolute qualified name that an import binds in the target."""
    level = len(wanted.module) - len(wanted.module.lstrip("."))
    if not level:
        return wanted.bound
    parts = target.name.split(".")
    kept = parts[: len(parts) - level + target.is_package]
    return ".".join([*kept, *filter(None, [wanted.module.lstrip("."), wanted.name])])
