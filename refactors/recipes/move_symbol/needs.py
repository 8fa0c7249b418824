"""What the moved lines need where they go: imports copied, helpers imported back, names written in another way."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from overhaul.refactors.dotted_chains import is_deletion
from overhaul.refactors.errors import NameTaken, ParameterError
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.import_places import (
    Place,
    from_import,
    module_import,
    place_of,
)
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.move_symbol.conditions import (
    import_condition,
    is_in_typing_block,
    is_stable,
)
from overhaul.refactors.recipes.move_symbol.definition import Definition
from overhaul.refactors.recipes.move_symbol.inner_imports import inner_imports, source_place
from overhaul.refactors.recipes.move_symbol.moved_names import Use, global_uses
from overhaul.refactors.recipes.move_symbol.target_imports import Needs, TargetImports
from overhaul.refactors.scopes import Binding
from overhaul.refactors.values import ModuleValue

_MODULE_NAMES = frozenset(
    {"__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__path__", "__builtins__"}
)

_NAMESPACES = frozenset({"globals", "locals", "vars", "dir"})


class NeedsFinder:
    """Works out the needs of the moved lines of one file.

    `keeps_import` tells that the old module will import the new one, so that nothing may be imported back from it;
    `is_left` that it does so because it uses what moves, and not for an alias only.
    """

    def __init__(
        self,
        inference: Inference,
        origin: Module,
        target: Module,
        definitions: Sequence[Definition],
        relative: bool,
        keeps_import: bool,
        is_left: bool,
        deferred: bool,
    ) -> None:
        self.inference = inference
        self.project = inference.project
        self.origin = origin
        self.target = target
        self.definitions = definitions
        self.relative = relative
        self.keeps_import = keeps_import
        self.is_left = is_left
        self.deferred = deferred
        self.moved = {each.name for each in definitions}
        self.needs = Needs()
        self.imports = TargetImports(origin, target, self.needs)

    def find(self) -> Needs:
        """Return the needs. Raises ParameterError or NameTaken for what cannot be met."""
        by_name: dict[str, list[Use]] = {}
        for name, use in global_uses(self.origin, self.definitions, self.deferred):
            by_name.setdefault(name, []).append(use)
        self._check_declarations()
        self.needs.rewrites.update(inner_imports(self.project, self.origin, self.target, self.definitions))
        for name, uses in sorted(by_name.items()):
            uses.sort(key=lambda use: (use.node.lineno, use.node.col_offset))
            bindings = self.origin.scope.bindings.get(name)
            if name in self.moved:
                continue
            if bindings is not None and any(is_deletion(each) for each in bindings):
                kept = [each for each in bindings if not is_deletion(each)]
                if not kept or not all(isinstance(each.node, ast.alias) for each in kept):
                    raise ParameterError(
                        f"'{name}', which the code that moves uses, is deleted at {self.origin.path}:"
                        f"{bindings[-1].line}. Keep it first"
                    )
                bindings = kept
            if bindings is None:
                self._unbound(name, uses)
            elif all(isinstance(each.node, ast.alias) for each in bindings):
                self._imported(name, uses, bindings)
            else:
                self._helper(name, uses, bindings)
        return self.needs

    def _check_declarations(self) -> None:
        for scope in self.origin.scope.subtree():
            for name, statements in scope.global_names.items():
                for statement in statements:
                    if name not in self.moved and any(
                        each.holds(statement.lineno) for each in self.definitions
                    ):
                        raise ParameterError(
                            f"{self.origin.path}:{statement.lineno}: the code that moves assigns '{name}' of its module"
                            " with 'global', which would be another variable in the new one. Put that state into an"
                            " object first, or move what uses it by hand"
                        )

    def _unbound(self, name: str, uses: Sequence[Use]) -> None:
        if name in _NAMESPACES:
            self._namespace(name, uses)
        if name in _MODULE_NAMES:
            for use in uses:
                reason = f"'{name}' is the new module's where the code moves to"
                self.needs.remarks.append((self.origin.source.start(use.node), reason))
            return
        for statement, _ in reversed(self.origin.bindings.star_imports):
            source = self.project.import_source(self.origin, statement)
            if isinstance(source, Location) and self.project.exports(source, name):
                if self.project.member(source, name) is not None:
                    place = Place(source.key, self.project.table.name(source.paths[0]))
                    self.imports.add(
                        from_import(self.project, self.target.path, place, name, bool(statement.level)), uses
                    )
                    return
            elif isinstance(source, str) and not hasattr(builtins, name):
                self.imports.add(ImportStatement(source, name), uses)
                return
        if not hasattr(builtins, name):
            return
        if name in self.target.scope.bindings:
            line = self.target.scope.bindings[name][0].line
            raise NameTaken(
                f"'{name}' is a builtin in the code that moves, but {self.target.path}:{line} gives it another"
                " meaning. Rename that one first"
            )

    def _namespace(self, name: str, uses: Sequence[Use]) -> None:
        """Look at calls that give all names of the module."""
        for use in uses:
            call = self.origin.bindings.parents.get(use.node)
            is_own = isinstance(call, ast.Call) and call.func is use.node and not call.args
            if not is_own or (name != "globals" and use.scope is not self.origin.scope):
                continue
            if use.is_immediate:
                raise ParameterError(
                    f"{self.origin.path}:{use.node.lineno}: {name}() gives the names of its own module. It cannot move"
                )
            reason = f"{name}() gives the new module's names where the code moves to"
            self.needs.remarks.append((self.origin.source.start(use.node), reason))

    def _imported(self, name: str, uses: Sequence[Use], bindings: Sequence[Binding]) -> None:
        conditions = {import_condition(self.origin, each) for each in bindings}
        if conditions - {"always", "typing"}:
            self._helper(name, uses, bindings)
            return
        if len(bindings) > 1 and any(
            isinstance(self.origin.bindings.parents[each.node], ast.ImportFrom) for each in bindings
        ):
            self._helper(name, uses, bindings)
            return
        self.needs.copied += bindings
        if self._is_target(bindings[0]):
            self._own_names(name, uses, bindings[0])
            return
        for binding in self._needed_statements(uses, bindings):
            self.imports.add(
                self._copied(binding), uses, typing_only=import_condition(self.origin, binding) == "typing"
            )

    def _needed_statements(self, uses: Sequence[Use], bindings: Sequence[Binding]) -> Sequence[Binding]:
        """Return those of `import a` and `import a.b` that the uses need."""
        if len(bindings) == 1:
            return bindings
        texts = [_dotted_text(self.origin, use.node) for use in uses]
        needed = [
            each
            for each in bindings
            if isinstance(each.node, ast.alias)
            and any(f"{text}.".startswith(f"{each.node.name}.") for text in texts)
        ]
        return needed or bindings

    def _copied(self, binding: Binding) -> ImportStatement:
        """Return an import of the old module as the new one writes it."""
        alias, statement = binding.node, self.origin.bindings.parents[binding.node]
        assert isinstance(alias, ast.alias)  # noqa: S101 - asked for imports only
        if isinstance(statement, ast.Import):
            return ImportStatement(alias.name, None, alias.asname)
        assert isinstance(statement, ast.ImportFrom)  # noqa: S101
        if not statement.level:
            return ImportStatement(statement.module or "", alias.name, alias.asname)
        place = source_place(self.project, self.origin, statement)
        return from_import(self.project, self.target.path, place, alias.name, True, alias.asname)

    def _is_target(self, binding: Binding) -> bool:
        """Tell whether an import gives the target module or something of it."""
        alias, statement = binding.node, self.origin.bindings.parents[binding.node]
        found = self.project.imported(self.origin, binding)
        if isinstance(statement, ast.ImportFrom):
            source = self.project.import_source(self.origin, statement)
            if isinstance(source, Location) and source.key == self.target.key:
                return True
        if isinstance(found, ModuleValue) and isinstance(alias, ast.alias):
            dotted = isinstance(statement, ast.Import) and alias.asname is None
            last = self.project.absolute(self.origin, alias.name) if dotted else found.location
            return isinstance(last, Location) and last.key == self.target.key
        return False

    def _own_names(self, name: str, uses: Sequence[Use], binding: Binding) -> None:
        """Write what comes from the target itself by its plain name."""
        alias, statement = binding.node, self.origin.bindings.parents[binding.node]
        assert isinstance(alias, ast.alias)  # noqa: S101
        is_member = not isinstance(self.project.imported(self.origin, binding), ModuleValue)
        parts = 0 if isinstance(statement, ast.ImportFrom) or alias.asname else alias.name.count(".")
        for use in uses:
            node: ast.expr = use.node
            for _ in range(parts if is_member else parts + 1):
                above = self.origin.bindings.parents.get(node)
                if not isinstance(above, ast.Attribute) or above.value is not node:
                    raise ParameterError(
                        f"{self.origin.path}:{use.node.lineno}: the code that moves uses its new module"
                        f" '{self.target.name}' as a whole. Change that first"
                    )
                node = above
            own = alias.name if is_member else getattr(node, "attr", "")
            if own in self.moved or own in self.target.scope.bindings:
                if use.scope.lookup(own) not in (None, self.origin.scope):
                    raise NameTaken(
                        f"{self.origin.path}:{use.node.lineno}: '{own}' means something else there, so that"
                        f" '{own}' of {self.target.name} cannot be used by its plain name. Rename it first"
                    )
                if own != name or node is not use.node:
                    self.imports.rewrite(node, own)
            else:
                raise ParameterError(
                    f"{self.origin.path}:{use.node.lineno}: '{own}' of the new module cannot be seen in"
                    f" {self.target.path}. Define it there first"
                )

    def _helper(self, name: str, uses: Sequence[Use], bindings: Sequence[Binding]) -> None:
        """Import a name back from the old module, or read it through the module if it changes."""
        use = uses[0]
        typing_only = all(each.is_type for each in uses)
        is_for_types = all(is_in_typing_block(self.origin, each.node) for each in bindings)
        if self.keeps_import and not typing_only and not is_for_types:
            why = "itself uses what moves" if self.is_left else "would import it for the alias"
            other = "" if self.is_left else ", or take -p alias=warn, which imports only when asked"
            raise ParameterError(
                f"'{name}' at {self.origin.path}:{bindings[0].line} is used by the code that moves (line"
                f" {use.node.lineno}), and {self.origin.name} {why}: the two modules would import each other. Move"
                f" '{name}' first, or with it if nothing else uses it (-p with_helpers=yes){other}"
            )
        self.needs.helpers[name] = use
        old = place_of(self.origin)
        if is_stable(self.inference, self.origin, name, bindings):
            wanted = from_import(self.project, self.target.path, old, name, self.relative)
            self.imports.add(wanted, uses, typing_only=self.keeps_import or is_for_types)
            return
        wanted = module_import(self.project, self.target.path, old, self.relative)
        if wanted.local_name in self.target.scope.bindings or wanted.local_name in self.origin.bindings.names:
            wanted = ImportStatement(wanted.module, wanted.name, f"{wanted.local_name}_module")
        for each in uses:
            if not isinstance(each.node.ctx, ast.Load):
                raise ParameterError(
                    f"{self.origin.path}:{each.node.lineno}: the code that moves changes the variable '{name}' of its"
                    " old module. Put that state into an object first"
                )
            self.imports.rewrite(each.node, f"{wanted.local_name}.{name}")
        self.imports.add(wanted, uses)


def _dotted_text(module: Module, node: ast.Name) -> str:
    text, current = node.id, module.bindings.parents.get(node)
    while isinstance(current, ast.Attribute):
        text += f".{current.attr}"
        current = module.bindings.parents.get(current)
    return text
