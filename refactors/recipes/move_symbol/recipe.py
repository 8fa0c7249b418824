"""The recipe itself: finds the symbol and its uses, edits both modules and every importer, and checks the result."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_places import place_of
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, Project, exported_strings
from overhaul.refactors.recipe import Analysis, Edit, Recipe, Site, content_hash, parameter
from overhaul.refactors.recipes.move_symbol.cases import CASES
from overhaul.refactors.recipes.move_symbol.definition import Definition, find_definition
from overhaul.refactors.recipes.move_symbol.destination import Destination, find_destination
from overhaul.refactors.recipes.move_symbol.helpers import with_helpers
from overhaul.refactors.recipes.move_symbol.importers import Importer, Move, remove_unused
from overhaul.refactors.recipes.move_symbol.remarks import replaced_names
from overhaul.refactors.recipes.move_symbol.texts import Texts
from overhaul.refactors.recipes.move_symbol.transfer import Transfer, left_uses
from overhaul.refactors.recipes.move_symbol.uses import Uses, find_uses
from overhaul.refactors.recipes.move_symbol.verification import check_edits
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.positions import is_position, target_at
from overhaul.refactors.symbols.target import (
    ExternalTarget,
    MemberTarget,
    ModuleTarget,
    Target,
    UnreadableTarget,
    VariableTarget,
    find_target,
)
from overhaul.refactors.text import collector_paused, splice


@dataclass(frozen=True, slots=True)
class Parameters:
    """What to move, where to, what stays behind, and how far beyond the code."""

    symbol: str = parameter(
        "the function, class or constant of a module: package.module.name, or path.py:LINE:COLUMN"
    )
    to: str = parameter("the module that it moves to, which may not exist yet: package.other")
    alias: Literal["no", "yes", "warn"] = parameter(
        "what stays in the old module: nothing, an import of the name, or a __getattr__ that gives it with a"
        " DeprecationWarning",
        default="no",
    )
    with_helpers: bool = parameter(
        "also move the functions, classes and constants of the old module that only the symbol uses",
        default=False,
    )
    imports: Literal["as-before", "module", "from-package", "from-module"] = parameter(
        "what a use such as old.name becomes, and with module or from-package also what the old module itself goes on"
        " using: like the import that gives old, import package.other, from package import other, or from package.other"
        " import name",
        default="as-before",
    )
    docs: bool = parameter(
        "also edit qualified names in docstrings, doctests, .rst and .md files (otherwise they are reported)",
        default=False,
    )
    strings: bool = parameter(
        "also edit qualified names in strings: mock.patch paths, entry points (otherwise reported)",
        default=False,
    )


class MoveSymbol(Recipe):
    id = "move-symbol"
    summary = "Move a function, class or constant to another module, with the imports it needs and all its importers"
    Parameters = Parameters
    cases = CASES

    @property
    def title(self) -> str:
        return f"Move {self.parameters.symbol} to {self.parameters.to}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find the definition and every use, and edit all of them or none."""
        with collector_paused():
            project = Project(tree)
            inference = Inference(project)
            try:
                symbol = self.parameters.symbol
                found = (
                    target_at(inference, symbol) if is_position(symbol) else find_target(inference, symbol)
                )
            except UnreadableTarget:
                return self._analysis(project, [], [], {})
            target = _movable(found)
            edits, sites = _Work(inference, target, self.parameters).done()
            new = f"{self.parameters.to}.{target.name}"
            return self._analysis(project, edits, sites, {target.symbol: new})

    def _analysis(
        self, project: Project, edits: list[Edit], sites: list[Site], renamed: dict[str, str]
    ) -> Analysis:
        return Analysis(
            recipe=self.id,
            parameters=self.parameter_values,
            files_scanned=project.files_read,
            sites=sorted(set(sites), key=lambda site: (site.path, site.line, site.column, site.status)),
            edits=sorted(edits, key=lambda edit: edit.path),
            failures=sorted(project.failures.values(), key=lambda failure: failure.path),
            renamed=renamed,
        )


_SPECIAL = frozenset(
    {"__all__", "__getattr__", "__dir__", "__path__", "__doc__", "__file__", "__name__", "__slots__"}
)


class _Work:
    """The move of one symbol: what has been decided about each file so far."""

    def __init__(self, inference: Inference, target: VariableTarget, parameters: Parameters) -> None:
        self.inference = inference
        self.project = inference.project
        self.parameters = parameters
        self.target = target
        self.origin = target.module
        self.destination: Destination = find_destination(self.project, self.origin, parameters.to)
        self.move = Move(target.name, place_of(self.origin), self.destination.place)
        self.rewrites: dict[str, FileRewrite] = {}
        self.importers: dict[str, Importer] = {}
        self.transfers: dict[str, Transfer] = {}
        self.sites: list[Site] = []

    def done(self) -> tuple[list[Edit], list[Site]]:
        """Return all edits and sites. Raises RefactorError if the move cannot be made as a whole."""
        uses = find_uses(self.inference, self.target)
        definitions = self._definitions()
        for each in definitions:
            self._transfer(each, uses)
        for alias, module in uses.imports.items():
            self._import(alias, module)
        for node, module in uses.attributes.items():
            self._attribute(node, module, definitions)
        keeps_name = any(each.binds_name for each in self.transfers.values())
        for statement, module in uses.stars.items():
            is_listed = bool(exported_strings(self.origin)) and self.parameters.alias == "no"
            if (is_listed or not keeps_name) and module.key != self.move.new.key:
                self._importer(module).star_import(statement)
        remove_unused(list(self.importers.values()))
        texts = Texts(self.inference, self.move, self.parameters.docs, self.parameters.strings, keeps_name)
        self._texts(texts, uses, definitions)
        edits = self._edits(texts)
        self._report(uses)
        check_edits(self.project, edits, self.move)
        return edits, self.sites

    def _definitions(self) -> list[list[Definition]]:
        """Return the definitions to move, file by file: the symbol's own, and its helpers'."""
        location = self.project.table.at(self.origin.key)
        found = []
        for module in self.project.modules_at(location) if location is not None else ():
            definition = find_definition(module, self.move.name)
            if definition is None:
                continue
            together = [definition]
            if self.parameters.with_helpers:
                together = with_helpers(self.inference, definition)
            found.append(together)
        return found

    def _transfer(self, definitions: list[Definition], uses: Uses) -> None:
        module = definitions[0].module
        own = [node for node, where in uses.own.items() if where is module]
        left = left_uses(own, definitions)
        transfer = Transfer.between(
            self.inference,
            self.move,
            definitions,
            self.destination,
            self.parameters.alias,
            left,
            self.parameters.imports,
        )
        if transfer is None:
            self._leave_stub(definitions[0])
            return
        transfer.edit()
        self.transfers[module.path] = transfer
        self.rewrites[module.path] = transfer.origin
        self.rewrites[transfer.target.module.path] = transfer.target

    def _leave_stub(self, definition: Definition) -> None:
        module = definition.module
        line, column = module.source.position(module.source.start(definition.first))
        reason = f"the stub's definition stays: {self.destination.place.name} has no stub to take it"
        self.sites.append(Site(module.path, line, column, self.move.symbol, "unresolved", reason))

    def _import(self, alias: ast.alias, module: Module) -> None:
        transfer = self._transfer_to(module)
        if transfer is not None:
            transfer.follow_own_import(alias)
        else:
            self._importer(module).import_from(alias)

    def _attribute(self, node: ast.Attribute, module: Module, definitions: list[list[Definition]]) -> None:
        inside = [
            each
            for group in definitions
            for each in group
            if each.module is module and each.holds(node.lineno)
        ]
        if inside:
            raise ParameterError(
                f"{module.path}:{node.lineno}: the code that moves reaches itself through its old module,"
                f" as '{ast.unparse(node)}'. Write '{self.move.name}' there first"
            )
        transfer = self._transfer_to(module)
        if transfer is not None:
            transfer.follow_own_attribute(node, self._importer(module))
        else:
            self._importer(module).attribute(node)

    def _transfer_to(self, module: Module) -> Transfer | None:
        return next((each for each in self.transfers.values() if each.target.module is module), None)

    def _importer(self, module: Module) -> Importer:
        if module.path not in self.importers:
            rewrite = self.rewrites.setdefault(
                module.path, FileRewrite(self.project, module, self.move.symbol)
            )
            self.importers[module.path] = Importer(
                self.inference, rewrite, self.move, self.parameters.imports
            )
        return self.importers[module.path]

    def _texts(self, texts: Texts, uses: Uses, definitions: list[list[Definition]]) -> None:
        for module, constant, span in uses.strings:
            texts.string(module, constant, span)
        for path, span in uses.texts:
            moved = any(
                each.module.path == path and each.text[0] <= span[0] < each.text[1]
                for group in definitions
                for each in group
            )
            texts.text(path, span, moved)
        self.sites += [site for site in texts.sites if site.status == "unresolved"]

    def _edits(self, texts: Texts) -> list[Edit]:
        edits = []
        for path, replaced in texts.replaced.items():
            if path not in self.rewrites and path.endswith((".py", ".pyi")):
                module = self.project.module(path)
                if module is not None:
                    self.rewrites[path] = FileRewrite(self.project, module, self.move.symbol)
            if path not in self.rewrites:
                content = self.project.tree.read(path)
                new = splice(content, [(*span, text) for span, text in replaced.items()], "utf-8")
                sites = [site for site in texts.sites if site.path == path and site.status == "resolved"]
                edits.append(Edit(path, content_hash(content), new, len(sites)))
                self.sites += sites
        for path, rewrite in self.rewrites.items():
            self._add_texts(rewrite, texts)
            try:
                edit = rewrite.edit()
            except UnicodeEncodeError:
                raise ParameterError(
                    f"{path} is in the encoding {rewrite.module.source.encoding}, which has not all characters of the"
                    " code that moves. Make it UTF-8 first"
                ) from None
            if edit is not None:
                edits.append(edit)
            self.sites += rewrite.sites.values()
        edits += [Edit(path, None, b"", 0) for path in self.destination.created]
        return edits

    def _add_texts(self, rewrite: FileRewrite, texts: Texts) -> None:
        """Put the replacements in strings into a file's edit; those in the moved lines go with them."""
        for site in texts.sites:
            if site.path == rewrite.module.path and site.status == "resolved":
                offset = rewrite.module.source.offset_of_character(site.line, site.column)
                rewrite.sites[offset or 0, "text"] = site
        for span, text in texts.replaced.get(rewrite.module.path, {}).items():
            if not any(low <= span[0] < high for low, high in rewrite.splices):
                rewrite.splices[span] = text

    def _report(self, uses: Uses) -> None:
        self.sites += uses.doubts
        names: set[str] = set()
        for transfer in self.transfers.values():
            names |= {*transfer.needs.helpers, *(binding.name for binding in transfer.needs.copied)}
        self.sites += replaced_names(self.inference, self.move, names)
        resolved = {(site.path, site.line, site.column) for site in self.sites if site.status == "resolved"}
        self.sites = [
            site
            for site in dict.fromkeys(self.sites)
            if site.status == "resolved" or (site.path, site.line, site.column) not in resolved
        ]


def _movable(target: Target) -> VariableTarget:
    """Return the target if it is a name of a module. Raises ParameterError."""
    if isinstance(target, VariableTarget) and target.scope.parent is None:
        if target.name in _SPECIAL:
            raise ParameterError(f"'{target.symbol}' is read by Python from its own module; it cannot move")
        return target
    if isinstance(target, ModuleTarget):
        raise ParameterError(f"'{target.symbol}' is a module; move-symbol moves what a module defines")
    if isinstance(target, MemberTarget):
        raise ParameterError(
            f"'{target.symbol}' is a member of a class; move-symbol moves functions, classes and constants of a module"
        )
    if isinstance(target, ExternalTarget):
        raise ParameterError(
            f"'{target.symbol}' is defined outside the tree. To follow a library that moved it: replace-import"
        )
    raise ParameterError(
        f"'{target.symbol}' is no name of a module; only functions, classes and constants move"
    )
