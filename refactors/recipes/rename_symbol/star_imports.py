"""Star imports: which of them bring the symbol, and what its new name would hide or lose through them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.modules import Location
from overhaul.refactors.project import Module, Project, exported_strings
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.taken import refuse_taken_declaration

_STAR_IMPORT = re.compile(rb"import\s*\*")


def modules_with_star_imports(project: Project, word: str) -> Iterator[Module]:
    """Yield the files that contain a word and a star import."""
    for path in project.tree.containing([word], (".py", ".pyi")):
        try:
            has_import = _STAR_IMPORT.search(project.tree.read(path)) is not None
        except OSError:
            has_import = True
        module = project.module(path) if has_import else None
        if module is not None and module.bindings.star_imports:
            yield module


class StarImports:
    """The star imports of one symbol; `outside` is its qualified name if a library defines it."""

    def __init__(
        self,
        project: Project,
        findings: Findings,
        is_exported_by: Callable[[Location], bool],
        outside: str | None,
    ) -> None:
        self.project = project
        self.old, self.new = findings.old, findings.new
        self.is_exported_by = is_exported_by
        self.outside = outside

    def refuse_hidden(self, module: Module) -> None:
        """Refuse a new name that a star import would bring into a module which has or uses that name."""
        star = self.statement(module) or self.statement(module, self.new)
        if star is None or not self._is_still_exported(module, star):
            return
        for use, place in module.bindings.names.get(self.new, ()):
            owner = place.lookup(self.new, use)
            if owner is None or owner is module.scope:
                refuse_taken_declaration(
                    module, use, self.new, f"the star import at line {star.lineno} hides it"
                )

    def statement(self, module: Module, name: str = "") -> ast.ImportFrom | None:
        """Return the last star import that brings the symbol, by its old name or another that it may get."""
        for statement, _ in reversed(module.bindings.star_imports):
            source = self.project.import_source(module, statement)
            if isinstance(source, Location):
                if self.project.exports(source, name or self.old) and self.is_exported_by(source):
                    return statement
            elif isinstance(source, str) and f"{source}.{self.old}" == self.outside:
                return statement
        return None

    def _is_still_exported(self, module: Module, star: ast.ImportFrom) -> bool:
        """Tell whether the star import takes the symbol under its new name too."""
        source = self.project.import_source(module, star)
        if not self.new.startswith("_") or not isinstance(source, Location):
            return not self.new.startswith("_")
        return any(exported_strings(each) for each in self.project.modules_at(source))

    def refuse_unexported(self, module: Module, use: ast.Name) -> None:
        star = self.statement(module)
        if star is not None and not self._is_still_exported(module, star):
            raise ParameterError(
                f"the new name '{self.new}' begins with an underscore, so the star import at"
                f" {module.path}:{star.lineno} would not take it for line {use.lineno}. Choose another name"
            )
