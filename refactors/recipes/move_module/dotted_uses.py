"""Uses of the module by a dotted name, `a.b.mod.f()`, and what `import a.b.mod` did beside giving the module."""

from __future__ import annotations

import ast

from overhaul.refactors.errors import NameTaken
from overhaul.refactors.import_edits import added_imports
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.imports import dotted_names
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import parent
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipes.move_module.imports import MovedImports
from overhaul.refactors.recipes.move_module.source_text import beside
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.relocation.relocation import Relocation
from overhaul.refactors.scopes import Scope
from overhaul.refactors.symbols.package_values import PackageValues
from overhaul.refactors.values import ModuleValue, Value


class DottedUses:
    """Rewrites the dotted names that lead to the module, file by file."""

    def __init__(self, inference: Inference, relocation: Relocation, findings: Findings) -> None:
        self.inference = inference
        self.project = inference.project
        self.relocation = relocation
        self.findings = findings
        self.imports = MovedImports(relocation, findings)
        self.package = PackageValues(inference, parent(relocation.old_key))

    def find_in(self, module: Module) -> None:
        """Find the dotted uses of one file and add the imports that they need."""
        needed: dict[ImportStatement, int] = {}
        rewritten: set[ast.Name] = set()
        for node, scope in module.bindings.attributes.get(self.relocation.leaf, ()):
            if self._is_module(module, node):
                self._use(module, node, scope, needed, rewritten)
        if "." not in self.relocation.old_name:
            self._names(module, rewritten)
        self._keep_side_effects(module, rewritten)
        if needed:
            self._add_imports(module, needed)

    def _is_module(self, module: Module, node: ast.Attribute) -> bool:
        """Tell whether an attribute is proved to be the module; report one that may be."""
        values = self.inference.values(module, node.value)
        matching = [value for value in values if self._has_module(value)]
        if matching and len(matching) == len(values):
            return True
        reason = self.package.may_be(node.value, values)
        if matching or reason is not None:
            why = f": {reason}" if reason else ""
            text = ast.unparse(node.value)
            self.findings.leave(module, node, f"'{text}' has no known type{why}; it may be the package")
        return False

    def _has_module(self, value: Value) -> bool:
        return (
            isinstance(value, ModuleValue)
            and value.location.key == parent(self.relocation.old_key)
            and self.relocation.is_reached(self.project.member(value.location, self.relocation.leaf))
        )

    def _use(
        self,
        module: Module,
        node: ast.Attribute,
        scope: Scope,
        needed: dict[ImportStatement, int],
        rewritten: set[ast.Name],
    ) -> None:
        chain = dotted_names(node)
        root = chain[0] if chain else None
        owner = scope.lookup(root.id, root) if isinstance(root, ast.Name) else None
        plain = self._plain_imports(module, owner, root.id) if owner and isinstance(root, ast.Name) else []
        loaded = any(self.imports.moved_part(module, alias) for alias in plain)
        if self.relocation.is_bound_by_parent and not loaded:
            return  # the package still imports it by name
        span = self._span(module, node)
        if not isinstance(root, ast.Name) or span is None or not isinstance(node.ctx, ast.Load):
            self.findings.leave(module, node, "the package loses this attribute; name the module's new place")
            return
        if plain and (loaded or self.relocation.new_name.partition(".")[0] == root.id):
            text = self.relocation.written_after(module.source.slice(*span), self.relocation.old_key)
            self._refuse_hidden(module, root, scope, owner, text)
        else:
            statement = self._import_of_module(bool(plain))
            text = statement.module if statement.name is None else statement.name
            if not self._is_free(module, scope, text.partition(".")[0], statement):
                self.findings.leave(module, node, f"'{text}' means something else here; name the new place")
                return
            needed[statement] = min(needed.get(statement, span[0]), span[0])
        rewritten.add(root)
        self.findings.replace(module, span, text, "dotted use of the module", node)

    def _import_of_module(self, is_plain: bool) -> ImportStatement:
        if is_plain or not self.relocation.new_parent:
            return ImportStatement(self.relocation.new_name)
        return ImportStatement(self.relocation.new_parent, self.relocation.leaf)

    def _span(self, module: Module, node: ast.Attribute) -> tuple[int, int] | None:
        """Return the bytes of a dotted name that is written without blanks or line ends."""
        leaf = name_span(module.bindings, node, self.relocation.leaf)
        text = ast.unparse(node).encode(module.source.encoding, "replace")
        if leaf is None or module.source.content[leaf[1] - len(text) : leaf[1]] != text:
            return None
        return leaf[1] - len(text), leaf[1]

    @staticmethod
    def _plain_imports(module: Module, scope: Scope, name: str) -> list[ast.alias]:
        """Return the imports `import name` and `import name.x` of a scope if nothing else binds the name in it."""
        bindings = scope.bindings.get(name, ())
        found = [
            each.node
            for each in bindings
            if isinstance(each.node, ast.alias)
            and each.node.asname is None
            and isinstance(module.bindings.parents[each.node], ast.Import)
        ]
        return found if len(found) == len(bindings) else []

    def _refuse_hidden(
        self, module: Module, root: ast.Name, scope: Scope, owner: Scope | None, text: str
    ) -> None:
        """Refuse a move after which the first part of the new dotted name is something else where it is used."""
        first = text.partition(".")[0]
        found = scope.lookup(first)
        if first == root.id or owner is None:
            return
        if found not in (None, owner) or (found is owner and not self._plain_imports(module, owner, first)):
            raise NameTaken(
                f"'{first}' is taken at {module.path}:{root.lineno}: it is another name where '{text}' would be used."
                " Rename that one first"
            )

    def _is_free(self, module: Module, scope: Scope, name: str, statement: ImportStatement) -> bool:
        """Tell whether a name at the module's top is unused, or bound by just this import."""
        if scope.lookup(name) not in (None, module.scope):
            return False
        bindings = module.scope.bindings.get(name, ())
        if not bindings:
            return name not in module.bindings.names
        if statement.name is None:
            return bool(self._plain_imports(module, module.scope, name))
        return all(self.relocation.is_reached(self.project.imported(module, each)) for each in bindings)

    def _names(self, module: Module, rewritten: set[ast.Name]) -> None:
        """Rewrite the name of a module that was at the top, where `import mod.sub` binds it."""
        for node, scope in module.bindings.names.get(self.relocation.leaf, ()):
            owner = scope.lookup(self.relocation.leaf, node)
            plain = self._plain_imports(module, owner, node.id) if owner else []
            if owner is None or not any(self.imports.moved_part(module, alias) for alias in plain):
                continue
            if self.imports.keeps_name(module, owner):
                continue
            text = self.relocation.new_name
            self._refuse_hidden(module, node, scope, owner, text)
            rewritten.add(node)
            self.findings.rename(module, node, "dotted use of the module", text)

    def _keep_side_effects(self, module: Module, rewritten: set[ast.Name]) -> None:
        """Keep importing the old package where other uses rely on it."""
        for statement, scope in module.bindings.imports:
            if not isinstance(statement, ast.Import):
                continue
            for alias in statement.names:
                written = self.imports.moved_part(module, alias) if alias.asname is None else None
                if written is None or "." not in written:
                    continue
                lost = self._lost(module, scope, written)
                wanted = self._wanted(module, scope, lost, rewritten) if lost else None
                if wanted is not None:
                    self._keep(module, statement, wanted)

    def _keep(self, module: Module, statement: ast.Import, name: str) -> None:
        place, _, text = beside(module, statement, f"import {name}", True)
        splices = self.findings.splices.setdefault(module.path, {})
        splices[place, place] = text

    def _lost(self, module: Module, scope: Scope, written: str) -> list[str]:
        """Return the packages that only this import loads under the name, the shortest first."""
        top = written.partition(".")[0]
        given: set[str] = set()
        for binding in scope.bindings.get(top, ()):
            alias = binding.node
            if isinstance(alias, ast.alias) and isinstance(module.bindings.parents[alias], ast.Import):
                part = self.imports.moved_part(module, alias)
                name = self.relocation.new_name if part is not None else alias.name
                given.update(_prefixes(name))
            elif isinstance(alias, ast.alias):
                given.add(top)
        kept = [name for name in _prefixes(written)[:-1] if name not in given]
        return [name for name in kept if self.relocation.after.locate(name, module.path) is not None]

    def _wanted(self, module: Module, scope: Scope, lost: list[str], rewritten: set[ast.Name]) -> str | None:
        """Return the longest of the lost packages that a use of the top's name reaches."""
        top = lost[0].partition(".")[0]
        wanted: str | None = None
        for node, place in module.bindings.names.get(top, ()):
            if (
                node in rewritten
                or place.lookup(top, node) is not scope
                or not isinstance(node.ctx, ast.Load)
            ):
                continue
            text = _dotted_from(module, node)
            reached = lost if text == top else [name for name in lost if f"{text}.".startswith(f"{name}.")]
            if reached and (wanted is None or len(reached[-1]) > len(wanted)):
                wanted = reached[-1]
        return wanted

    def _add_imports(self, module: Module, needed: dict[ImportStatement, int]) -> None:
        present = {
            each.name
            for bindings in module.scope.bindings.values()
            for each in bindings
            if self.relocation.is_reached(self.project.imported(module, each))
        }
        wanted = [each for each in needed if each.name not in present or each.name is None]
        after = Project(self.project.tree)
        after.table = self.relocation.after  # so that the new name is sorted among the tree's own
        for start, end, text in added_imports(after, module, wanted, min(needed.values())):
            self.findings.splices.setdefault(module.path, {})[start, end] = text


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _dotted_from(module: Module, node: ast.Name) -> str:
    """Return the longest dotted name that begins with a name: `a.b.c` for the `a` in `a.b.c()`."""
    found, above = node.id, module.bindings.parents.get(node)
    while isinstance(above, ast.Attribute):
        found = f"{found}.{above.attr}"
        above = module.bindings.parents.get(above)
    return found
