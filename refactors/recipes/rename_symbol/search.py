"""Lets the parts that know a target's kind find its sites: in code, in strings, in documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from overhaul.refactors.computed_imports import IMPORTERS
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import parent
from overhaul.refactors.recipes.rename_symbol.arguments import ArgumentRename
from overhaul.refactors.recipes.rename_symbol.computed_names import report_computed_imports
from overhaul.refactors.recipes.rename_symbol.documents import DocumentNames, ParameterFields
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.fixture_names import FixtureRename, fixture_definition
from overhaul.refactors.recipes.rename_symbol.members import MemberRename
from overhaul.refactors.recipes.rename_symbol.module_moves import ModuleRename
from overhaul.refactors.recipes.rename_symbol.private_names import refuse_mangled
from overhaul.refactors.recipes.rename_symbol.strings import Means, StringNames, any_value
from overhaul.refactors.recipes.rename_symbol.unread_files import report_unread_files
from overhaul.refactors.recipes.rename_symbol.variables import VariableRename
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.symbols.target import (
    ExternalTarget,
    MemberTarget,
    ModuleTarget,
    ParameterTarget,
    Target,
    VariableTarget,
)

if TYPE_CHECKING:
    from overhaul.refactors.recipes.rename_symbol.recipe import Parameters


class Search:
    """All that a rename looks at, for one target."""

    def __init__(self, inference: Inference, findings: Findings, parameters: Parameters) -> None:
        self.inference = inference
        self.findings = findings
        self.parameters = parameters

    def find(self, target: Target) -> None:
        """Find every site of the target."""
        importers = IMPORTERS if isinstance(target, ModuleTarget) else ()
        self.inference.project.announce([self.findings.old, self.findings.new, *importers])
        if isinstance(target, ParameterTarget):
            self._parameter(target)
        elif isinstance(target, MemberTarget):
            self._member(target)
        elif isinstance(target, ModuleTarget):
            self._module(target)
        elif isinstance(target, VariableTarget):
            self._variable(target)
        else:
            self._external(target)
        refuse_mangled(self.findings)

    def _parameter(self, target: ParameterTarget) -> None:
        rename = ArgumentRename(self.inference, target, self.findings)
        rename.find()
        fields = ParameterFields(self.findings, self.parameters.docs)
        for function in rename.functions:
            fields.find(function.module, function.node)
            if function.owner is not None and function.node.name == "__init__":
                fields.find(function.module, function.owner.node)

    def _member(self, target: MemberTarget) -> None:
        family = Family.around(self.inference, target.definition, target.name)
        rename = MemberRename(self.inference, family, self.findings, self.parameters.unknown_receivers)
        rename.find()
        if not self.findings.splices:  # refused: an override of a method outside the tree
            return
        owners = {definition.name for definition in family.definitions}
        homes = {definition.module.path for definition in family.defining()}
        self._texts(lambda values: family.judge(values, "").is_member, None, owners, True, homes)

    def _module(self, target: ModuleTarget) -> None:
        rename = ModuleRename(self.inference, target, self.findings)
        rename.find()
        above = parent(rename.key).rpartition("/")[2]
        self._texts(
            any_value(rename.means_symbol), rename.key, {above} - {""}, False, set(target.location.paths)
        )
        report_computed_imports(self.findings, target.location)

    def _variable(self, target: VariableTarget) -> None:
        rename = VariableRename(self.inference, target, self.findings)
        rename.find()
        if target.scope.parent is not None:
            return
        fixture = fixture_definition(self.inference, target)
        if fixture is not None:
            FixtureRename(self.inference, fixture, self.findings).find()
        owners = {target.module.name.rpartition(".")[2], target.module.name.partition(".")[0]}
        self._texts(any_value(rename.means_symbol), None, owners, False, {target.module.path})

    def _external(self, target: ExternalTarget) -> None:
        rename = VariableRename(self.inference, target, self.findings)
        rename.find()
        owner = target.symbol.rpartition(".")[0]
        family = Family.of_external(self.inference, owner, target.name)
        if owner.rpartition(".")[2][:1].isupper() or family.definitions:
            MemberRename(self.inference, family, self.findings, self.parameters.unknown_receivers).find()
        self._texts(any_value(rename.means_symbol), None, {owner.rpartition(".")[2]}, False, set())

    def _texts(
        self, means: Means, top: str | None, owners: set[str], is_member: bool, homes: set[str]
    ) -> None:
        strings = StringNames(self.inference, self.findings, means, self.parameters.strings, top, is_member)
        strings.find()
        DocumentNames(self.findings, strings, owners, is_member, self.parameters.docs).find(homes)
        report_unread_files(self.findings)
