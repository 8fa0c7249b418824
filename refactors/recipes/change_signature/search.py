"""The order of the work: definitions, uses, renames, calls, parameter lists, bodies, documentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from overhaul.refactors.inference import Inference
from overhaul.refactors.recipe import Edit
from overhaul.refactors.recipes.change_signature.arrangement import Style
from overhaul.refactors.recipes.change_signature.body import refuse_taken_names, refuse_used
from overhaul.refactors.recipes.change_signature.call_sites import CallSites
from overhaul.refactors.recipes.change_signature.callees import Callees
from overhaul.refactors.recipes.change_signature.compatibility import is_compatible, keeps_positions
from overhaul.refactors.recipes.change_signature.definitions import Definitions
from overhaul.refactors.recipes.change_signature.docstring_fields import DocstringFields
from overhaul.refactors.recipes.change_signature.documents import DocumentCalls
from overhaul.refactors.recipes.change_signature.keywords import report_handed_on
from overhaul.refactors.recipes.change_signature.new_text import NewText
from overhaul.refactors.recipes.change_signature.notation import Change, NormalizeCalls
from overhaul.refactors.recipes.change_signature.renaming import rename_parameters
from overhaul.refactors.recipes.change_signature.report import Report
from overhaul.refactors.recipes.change_signature.rewriting import Rewriting
from overhaul.refactors.recipes.change_signature.target import Function
from overhaul.refactors.recipes.change_signature.type_comments import report_type_comments
from overhaul.refactors.recipes.change_signature.uses import Uses, find_uses

if TYPE_CHECKING:
    from overhaul.refactors.recipes.change_signature.recipe import Parameters

_REFUSED = "nothing of this family is renamed"


class Search:
    """One change of one function in one tree."""

    def __init__(self, inference: Inference, parameters: Parameters, changes: Sequence[Change]) -> None:
        self.inference = inference
        self.parameters = parameters
        self.changes = changes
        self.style = Style(
            any(isinstance(each, NormalizeCalls) for each in changes), parameters.side_effects == "drop"
        )

    def run(self, function: Function) -> tuple[Report, list[Edit]]:
        """Return the sites and the edits. Raises ParameterError and NameTaken."""
        report = Report(function.symbol)
        definitions = Definitions(self.inference, function, self.changes, report)
        compatible = all(is_compatible(each.change) for each in definitions.by_node.values())
        if not compatible and self._overrides_outside(definitions, report):
            return report, []
        uses = find_uses(self.inference, definitions)
        if not compatible and self._is_refused(uses, report):
            return report, []
        refuse_taken_names(definitions.by_node.values())
        renames = rename_parameters(self.inference, definitions)
        new_text = NewText(self.inference.project, function.primary.module, self.parameters.imports)
        rewriting = Rewriting(self.inference.project, definitions, report, new_text)
        for findings in renames:
            rewriting.take_renames(findings)
        callees = Callees(self.inference, definitions)
        by_position = all(keeps_positions(each.change) for each in definitions.by_node.values())
        sites = CallSites(self.inference, definitions, callees, self.style, report, compatible, by_position)
        sites.sort(uses)
        rewriting.write_calls(sites.edits)
        refuse_used(definitions.by_node.values(), rewriting.removed, report)
        rewriting.write_definitions()
        documents = DocumentCalls(self.inference, sites, rewriting, report, self.parameters.docs)
        documents.sort(uses.unresolved)
        fields = DocstringFields(rewriting, report)
        for definition in definitions.by_node.values():
            fields.change(definition)
            report_type_comments(definition, report)
        for findings in renames:
            rewriting.report_renames(findings)
        if not compatible:
            definitions.report_callers_outside()
            report_handed_on(self.inference, definitions, sites.seen, report)
        return report, sorted([*rewriting.finish(), *documents.edits()], key=lambda edit: edit.path)

    def _overrides_outside(self, definitions: Definitions, report: Report) -> bool:
        found = definitions.external_bases()
        for definition, outside in found:
            report.leave(
                definition.function.module,
                definition.function.node,
                f"overrides {outside}.{definition.function.node.name}, which is outside the tree and has callers"
                " there; nothing of this family is changed",
            )
        return bool(found)

    def _is_refused(self, uses: Uses, report: Report) -> bool:
        refused = [site for site in uses.unresolved if site.reason.endswith(_REFUSED)]
        for site in refused:
            report.take_over(site)
        return bool(refused)
