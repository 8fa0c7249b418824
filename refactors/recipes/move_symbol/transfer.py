"""One file's lines taken to another file: the old module's to the new one's, or the stub's to the stub's."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.errors import NameTaken, ParameterError
from overhaul.refactors.exported_names import exported_string, with_export
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.import_places import prefers_relative_imports, uses_relative_imports
from overhaul.refactors.import_text import imports_one_a_line
from overhaul.refactors.imports import dotted_names
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.project import exported_strings
from overhaul.refactors.recipes.move_symbol.compatibility import Alias
from overhaul.refactors.recipes.move_symbol.definition import Definition
from overhaul.refactors.recipes.move_symbol.destination import Destination, empty_module
from overhaul.refactors.recipes.move_symbol.futures import becomes_text, needs_future
from overhaul.refactors.recipes.move_symbol.importers import Importer, Move, Style
from overhaul.refactors.recipes.move_symbol.moved_names import defers_annotations, global_uses
from overhaul.refactors.recipes.move_symbol.needs import NeedsFinder
from overhaul.refactors.recipes.move_symbol.origin import Origin
from overhaul.refactors.recipes.move_symbol.remarks import remarks_on
from overhaul.refactors.recipes.move_symbol.target_imports import Needs
from overhaul.refactors.recipes.move_symbol.target_rewrite import (
    TargetRewrite,
    check_defined_before,
    first_immediate_use,
    moved_text,
)


@dataclass(slots=True)
class Transfer:
    """The edits of the two files. `left` are the uses of the symbol that stay in the old one."""

    inference: Inference
    move: Move
    definitions: Sequence[Definition]
    destination: Destination
    alias: Alias
    left: Sequence[ast.Name]
    style: Style
    origin: FileRewrite
    target: TargetRewrite
    needs: Needs = field(default_factory=Needs)
    binds_name: bool = False
    deferred: bool = False

    @classmethod
    def between(
        cls,
        inference: Inference,
        move: Move,
        definitions: Sequence[Definition],
        destination: Destination,
        alias: Alias,
        left: Sequence[ast.Name],
        style: Style,
    ) -> Transfer | None:
        """Prepare the edits of the definitions' file; None if the new module exists without such a file (a stub)."""
        module = definitions[0].module
        path = destination.path(module.path[module.path.rindex(".") :])
        project = inference.project
        exists = path in project.table.files
        if destination.location is not None and not exists:
            return None
        target = project.module(path) if exists else empty_module(destination, path)
        if target is None:
            raise ParameterError(
                f"{path} cannot be edited: it {project.failures[path].error}. Put that right first"
            )
        line_end = "\r\n" if b"\r\n" in module.source.content else "\n"
        rewrite = TargetRewrite(project, target, move.symbol, created=not exists, line_end=line_end)
        rewrite.one_a_line = imports_one_a_line(module)
        return cls(
            inference,
            move,
            definitions,
            destination,
            alias,
            left,
            style,
            FileRewrite(project, module, move.symbol),
            rewrite,
        )

    def edit(self) -> None:
        """Work out all that changes in both files. Raises ParameterError or NameTaken."""
        module, target = self.origin.module, self.target.module
        for definition in self.definitions:
            self._refuse_taken(definition.name)
        relative = prefers_relative_imports(self.inference.project, target, module)
        is_needed = needs_future(module, target, self.definitions)
        self.deferred = is_needed or defers_annotations(target)
        keeps_import = bool(self.left) or self.alias == "yes"
        finder = NeedsFinder(
            self.inference,
            module,
            target,
            self.definitions,
            relative,
            keeps_import,
            bool(self.left),
            self.deferred,
        )
        self.needs = finder.find()
        names = [each.name for each in self.definitions]
        self.target.first_use = first_immediate_use(target, names)
        place = self.target.place()
        check_defined_before(target, self._needed_at_once(), place)
        self.write_code()
        self.target.is_block = any(each.is_block for each in self.definitions)
        self.target.future = is_needed
        if is_needed and not self.target.created:
            self.target.top.add(ImportStatement("__future__", "annotations"))
        self.target.import_on_top(self.needs.imports, place if self.target.first_use is not None else None)
        self.target.typing |= self.needs.typing_imports
        self.target.resolve(place, f"the definition comes here from {self.move.old.name}")
        self._export()
        origin = Origin(
            self.inference.project,
            self.origin,
            self.move,
            self.alias,
            self.definitions,
            uses_relative_imports(module),
            self.left,
            self.style,
        )
        origin.edit(self.needs.copied)
        self.binds_name = origin.binds_name
        self._remark()

    def write_code(self) -> None:
        """Put the moved lines together, with what is written in another way in them."""
        rewrites = [(*span, text) for span, text in self.needs.rewrites.items()]
        self.target.code = self._joined([moved_text(each, rewrites) for each in self.definitions])

    def follow_own_import(self, alias: ast.alias) -> None:
        """Drop the new module's import of what it has itself now."""
        target = self.target.module
        statement = target.bindings.parents[alias]
        scope = target.bindings.scope_of(alias)
        local, name = alias.asname or alias.name, self.move.name
        bindings = scope.bindings.get(local, [])
        if len(bindings) != 1:
            raise ParameterError(
                f"{target.path}:{statement.lineno}: the new module imports '{name}' from {self.move.old.name} in one of"  # type: ignore[attr-defined]
                " several ways. Put that right first"
            )
        self.target.take(alias, None, "import of what the module has itself now")
        if local == name:
            return
        for node, place in target.bindings.names.get(local, ()):
            if place.lookup(local, node) is scope:
                if place.lookup(name) not in (None, target.scope):
                    raise NameTaken(
                        f"'{name}' means something else at {target.path}:{node.lineno}. Rename that first"
                    )
                start = target.source.start(node)
                end = start + len(local.encode(target.source.encoding))
                self.target.replace((start, end), name, "use of what the module has itself now")

    def follow_own_attribute(self, node: ast.Attribute, importer: Importer) -> None:
        """Write `old.name` in the new module as `name`."""
        target = self.target.module
        start, end = target.source.start(node), target.source.end(node)
        chain = dotted_names(node)
        first = chain[0] if chain else None
        scope = target.bindings.scope_of(node)
        is_written = target.source.slice(start, end) == ast.unparse(node)
        owner = scope.lookup(first.id, first) if isinstance(first, ast.Name) else None
        if owner is None or not is_written or scope.lookup(self.move.name) not in (None, target.scope):
            self.target.leave(start, f"'{ast.unparse(node)}' is not written as a plain name here")
            return
        for binding in owner.bindings[first.id] if isinstance(first, ast.Name) else ():
            if isinstance(binding.node, ast.alias) and first is not None:
                importer.edited.setdefault(binding.node, set()).add(first)
        self.target.replace((start, end), self.move.name, "use of what the module has itself now")

    def _refuse_taken(self, name: str) -> None:
        target, project = self.target.module, self.inference.project
        for binding in target.scope.bindings.get(name, ()):
            if not self._imports_symbol(binding.node):
                raise NameTaken(
                    f"'{name}' is taken at {target.path}:{binding.line}. Rename one of them first, or choose another"
                    " module"
                )
        location = self.destination.location
        if location is not None and location.is_package and project.submodule(location, name) is not None:
            raise NameTaken(f"'{name}' is taken: {self.destination.place.name} has a module of that name")
        for node, scope in target.bindings.names.get(name, ()):
            if scope.lookup(name, node) is None:
                raise NameTaken(
                    f"'{name}' is taken at {target.path}:{node.lineno}: a builtin or a star import gives it a meaning"
                )

    def _imports_symbol(self, node: ast.AST) -> bool:
        """Tell whether a binding of the target is its import of what moves."""
        target = self.target.module
        statement = target.bindings.parents.get(node)
        if not isinstance(node, ast.alias) or not isinstance(statement, ast.ImportFrom):
            return False
        source = self.inference.project.import_source(target, statement)
        is_old = isinstance(source, Location) and source.key == self.move.old.key
        return is_old and node.name in {each.name for each in self.definitions}

    def _needed_at_once(self) -> list[str]:
        """Return the target's own names that the moved lines need as soon as they are executed."""
        found = []
        for name, use in global_uses(self.origin.module, self.definitions, self.deferred):
            if use.is_immediate and name in self.target.module.scope.bindings:
                bindings = self.target.module.scope.bindings[name]
                if not all(isinstance(each.node, ast.alias) for each in bindings):
                    found.append(name)
        return found

    def _joined(self, texts: Sequence[str]) -> str:
        gap = 1 if self.target.module.path.endswith(".pyi") else 2
        joined = texts[0]
        for definition, text in zip(self.definitions[1:], texts[1:], strict=True):
            joined += "\n" * (gap if definition.is_block or self.definitions[0].is_block else 1) + text
        return joined

    def _export(self) -> None:
        """Add the name to the new module's `__all__` if it has one and the name was public."""
        old, new, name = self.origin.module, self.target.module, self.move.name
        was_public = (
            exported_string(old, name) is not None if exported_strings(old) else not name.startswith("_")
        )
        if not was_public or not exported_strings(new) or exported_string(new, name) is not None:
            return
        splice = with_export(new, name)
        if splice is None:
            uses = new.scope.uses["__all__"]
            self.target.leave(new.source.start(uses[0]), f"__all__ is not extended by '{name}'")
        else:
            self.target.replace(*splice, "name added to __all__")

    def _remark(self) -> None:
        for offset, reason in self.needs.remarks:
            self.origin.leave(offset, reason)
        for definition in self.definitions:
            for offset, reason in remarks_on(self.inference, definition):
                self.origin.leave(offset, reason)
            annotation = becomes_text(self.origin.module, self.target.module, definition)
            if annotation is not None:
                self.origin.leave(
                    self.origin.module.source.start(annotation),
                    "annotations are not evaluated in the new module, which has 'from __future__ import annotations';"
                    " what looks at them sees text",
                )


def left_uses(own: Collection[ast.Name], definitions: Sequence[Definition]) -> list[ast.Name]:
    """Return those uses of the symbol in its module that do not move with it."""
    return sorted(
        (node for node in own if not any(each.holds(node.lineno) for each in definitions)),
        key=lambda node: (node.lineno, node.col_offset),
    )
