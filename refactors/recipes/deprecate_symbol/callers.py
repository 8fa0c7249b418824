"""The repository's own uses of a deprecated symbol: moved to what replaces it where that is proved, else reported."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.exported_names import exported_string
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_edits import named_elsewhere
from overhaul.refactors.import_needs import ImportStatement, Need, local_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import alias_spans, name_span
from overhaul.refactors.project import Exported, Module
from overhaul.refactors.recipes.deprecate_symbol.replacement import Replacement
from overhaul.refactors.recipes.rename_symbol.findings import Usage
from overhaul.refactors.symbols.target import MemberTarget, VariableTarget, canonical
from overhaul.refactors.values import ClassDefinition, Instance, ModuleValue


@dataclass(slots=True)
class Callers:
    """What becomes of the uses in one file. `advice` is the reason of a report where there is no proved replacement."""

    inference: Inference
    target: VariableTarget | MemberTarget
    replacement: Replacement | None
    rewrite: FileRewrite
    advice: str

    @property
    def module(self) -> Module:
        return self.rewrite.module

    def find(self, usages: Iterable[Usage], is_class: bool) -> None:
        """Move or report every use of this file that warns."""
        uses = [each.node for each in usages]
        kept = [
            each
            for each in uses
            if isinstance(each, ast.Name | ast.Attribute) and self._warns(each, is_class)
        ]
        through: dict[ast.alias, list[ast.Name]] = {}
        for node in kept:
            alias = self._import_of(node)
            if isinstance(node, ast.Name) and alias is not None:
                through.setdefault(alias, []).append(node)
                continue
            change = self._moved(node)
            if isinstance(change, Doubt):
                self._leave(node, change)
            else:
                self._replace(node, change)
        for alias, names in through.items():
            self._through_import(alias, names)

    def _warns(self, node: ast.Name | ast.Attribute, is_class: bool) -> bool:
        """Whether a use calls the symbol or hands it on to who may: of a class, whether it is called or inherited."""
        above = self.module.bindings.parents.get(node)
        if isinstance(above, ast.Attribute) and above.attr in ("setter", "getter", "deleter"):
            return False
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            return False
        if not is_class:
            return True
        is_base = isinstance(above, ast.ClassDef) and node in above.bases
        return is_base or (isinstance(above, ast.Call) and above.func is node)

    def _import_of(self, node: ast.Name | ast.Attribute) -> ast.alias | None:
        if not isinstance(node, ast.Name):
            return None
        owner = self.module.bindings.scope_of(node).lookup(node.id, node)
        found = owner.bindings[node.id] if owner is not None else []
        alias = found[0].node if len(found) == 1 else None
        is_from = isinstance(self.module.bindings.parents.get(alias), ast.ImportFrom) if alias else False
        return alias if isinstance(alias, ast.alias) and is_from else None

    def _moved(self, node: ast.Name | ast.Attribute) -> str | Doubt:
        """Return what a use becomes that no from-import brings."""
        if self.replacement is None:
            return Doubt(self.advice)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, self.replacement)
        scope = self.module.bindings.scope_of(node)
        found = local_name(self.module, scope, node.lineno, self._need(self.module.name))
        if found is None or isinstance(found, Doubt):
            return found or Doubt(f"'{self.replacement.name}' cannot be named here")
        return found.text

    def _attribute(self, node: ast.Attribute, new: Replacement) -> str | Doubt:
        values = self.inference.values(self.module, node.value)
        if isinstance(new.target, MemberTarget):
            if values and all(
                isinstance(each, Instance) and isinstance(each.of, ClassDefinition) for each in values
            ):
                return new.name
            return Doubt("not called on an object of a known class")
        if values and all(isinstance(each, ModuleValue) and self._gives(each.location) for each in values):
            return new.name
        return Doubt(f"the module has no '{new.name}' that is known to be the replacement")

    def _gives(self, location: Location) -> bool:
        """Whether a module has the replacement under its own name."""
        assert self.replacement is not None  # noqa: S101 - asked only where there is one
        found = self.inference.project.member(location, self.replacement.name)
        if not isinstance(found, Exported):
            return False
        target = canonical(self.inference, found, self.replacement.name)
        return isinstance(target, VariableTarget) and target.symbol == self.replacement.target.symbol

    def _need(self, source: str) -> Need:
        assert self.replacement is not None  # noqa: S101
        name = self.replacement.name
        return Need(name, f"{source}.{name}", ImportStatement(source, name))

    def _through_import(self, alias: ast.alias, names: list[ast.Name]) -> None:
        """Import the replacement in the symbol's place, and use it everywhere; or nothing of this."""
        change = self._import_change(alias, names)
        if isinstance(change, Doubt):
            for node in names:
                self._leave(node, change)
            return
        text, is_there = change
        if is_there:
            self.rewrite.take(alias, None, "import that nothing needs any more")
        else:
            assert self.replacement is not None  # noqa: S101 - there is a change
            span = alias_spans(self.module.source, alias)[0]
            self.rewrite.replace(span, self.replacement.name, "import of what replaces it")
        for node in names if alias.asname is None else ():
            self._replace(node, text)

    def _import_change(self, alias: ast.alias, names: list[ast.Name]) -> tuple[str, bool] | Doubt:
        """Return how the uses call the replacement, and whether the file imports it already."""
        module, new = self.module, self.replacement
        if new is None:
            return Doubt(self.advice)
        statement = module.bindings.parents[alias]
        assert isinstance(statement, ast.ImportFrom)  # noqa: S101 - see _import_of
        source = self.inference.project.import_source(module, statement)
        if not isinstance(source, Location) or not self._gives(source):
            return Doubt(f"it is imported from where no '{new.name}' is known to be the replacement")
        bound = alias.asname or alias.name
        if module.is_package or exported_string(module, bound) is not None or alias.asname == alias.name:
            return Doubt("the file offers the name to others as well")
        if named_elsewhere(self.inference.project, [(module.name, bound)]):
            return Doubt("another file takes the name from this one")
        if len(module.bindings.names.get(bound, ())) != len(names):
            return Doubt("not all uses of the imported name can be moved")
        if alias.asname is not None:
            return alias.asname, False
        if (
            any(new.name in each.bindings for each in module.scope.subtree())
            or new.name in module.bindings.names
        ):
            return self._known(self.inference.project.table.name(source.paths[0]), names)
        return new.name, False

    def _known(self, source: str, names: list[ast.Name]) -> tuple[str, bool] | Doubt:
        """Return how every use calls the replacement that the file has already."""
        texts = set()
        for node in names:
            scope = self.module.bindings.scope_of(node)
            found = local_name(self.module, scope, node.lineno, self._need(source))
            if found is None or isinstance(found, Doubt):
                return Doubt(f"'{self._need(source).text}' means something else in this file")
            texts.add(found.text)
        return (texts.pop(), True) if len(texts) == 1 else Doubt("the replacement has several names here")

    def _replace(self, node: ast.Name | ast.Attribute, text: str) -> None:
        span = name_span(
            self.module.bindings, node, node.attr if isinstance(node, ast.Attribute) else node.id
        )
        if span is None:
            self._leave(node, Doubt("the name is not written there as it is"))
        else:
            self.rewrite.replace(
                span, text, "a use that would warn; the symbol only hands on to what replaces it"
            )

    def _leave(self, node: ast.Name | ast.Attribute, doubt: Doubt) -> None:
        span = name_span(
            self.module.bindings, node, node.attr if isinstance(node, ast.Attribute) else node.id
        )
        offset = span[0] if span else self.module.source.start(node)
        self.rewrite.leave(offset, f"a use that warns from now on: {doubt.reason}")
