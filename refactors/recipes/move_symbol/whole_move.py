"""One move as a whole: what it does to the two modules, to every importer and to texts, checked in the end."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_places import place_of
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, exported_strings
from overhaul.refactors.recipe import Edit, Site, content_hash
from overhaul.refactors.recipes.move_symbol.definition import Definition, find_definition
from overhaul.refactors.recipes.move_symbol.destination import Destination, find_destination
from overhaul.refactors.recipes.move_symbol.helpers import with_helpers
from overhaul.refactors.recipes.move_symbol.importers import Importer, Move, remove_unused
from overhaul.refactors.recipes.move_symbol.remarks import replaced_names
from overhaul.refactors.recipes.move_symbol.star_users import refuse_captured
from overhaul.refactors.recipes.move_symbol.texts import Texts
from overhaul.refactors.recipes.move_symbol.transfer import Transfer, left_uses
from overhaul.refactors.recipes.move_symbol.uses import Uses, find_uses
from overhaul.refactors.recipes.move_symbol.verification import check_edits
from overhaul.refactors.symbols.target import (
    VariableTarget,
)
from overhaul.refactors.text import splice

if TYPE_CHECKING:
    from overhaul.refactors.recipes.move_symbol.recipe import Parameters


class WholeMove:
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
        refuse_captured(self.project, self.move)
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
        transfer = self.transfers.get(rewrite.module.path)
        for span, text in texts.replaced.get(rewrite.module.path, {}).items():
            moves = transfer is not None and any(
                low <= span[0] < high for low, high in (each.text for each in transfer.definitions)
            )
            if transfer is not None and moves:
                transfer.needs.rewrites[span] = text
                transfer.write_code()
            else:
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
