"""A rename that keeps the old name: whether it can be done, and all of its edits."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.exported_names import exported_string
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Edit, Failure, Site
from overhaul.refactors.recipes.deprecate_symbol.alias_doubts import alias_doubt, use_doubt
from overhaul.refactors.recipes.deprecate_symbol.notice import Notice
from overhaul.refactors.recipes.deprecate_symbol.old_names import OldName, renaming
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.scopes import Binding, FunctionNode
from overhaul.refactors.symbols.target import MemberTarget, VariableTarget

_OPTION = re.compile(r"; -p \w+=yes edits it")


@dataclass(slots=True)
class Kept:
    """What was found. Without edits the sites are reports."""

    sites: list[Site] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def keep_old_name(
    inference: Inference,
    target: VariableTarget | MemberTarget,
    definition: tuple[Module, Sequence[Binding]],
    new: str,
    notice: Notice,
) -> Kept:
    """Rename a symbol and keep its old name; a new name that is the old one with an underscore is the module's own.

    Raises NameTaken.
    """
    module, bindings = definition
    doubt = alias_doubt(inference, target, module, bindings)
    if doubt is not None:
        return Kept([_site(module, each.node, target, doubt) for each in bindings])
    findings = renaming(inference, target, new)
    node = bindings[0].node
    if not isinstance(node, FunctionNode):
        is_renamed = new != f"_{target.name}"
        doubt = use_doubt(findings, module, is_renamed=is_renamed)
        if doubt is not None:
            return Kept([_site(module, node, target, doubt)])
        if not is_renamed:
            _confine(findings, module)
    span = name_span(module.bindings, node, target.name)
    if span is None or not findings.is_resolved(module.path, span[0]):
        reports = [
            each for each in _sites(findings) if each.status == "unresolved" and each.path.endswith(".py")
        ]
        return Kept(reports or [_site(module, node, target, Doubt("nothing of it can be renamed"))])
    old = OldName(findings, module, module.bindings.statement_of(node), notice)
    doubt = old.keep()
    if doubt is not None:
        return Kept([_site(module, node, target, doubt)])
    edits = old.edits()
    if isinstance(edits, Failure):
        return Kept([_site(module, node, target, Doubt(edits.error))], [], [edits])
    return Kept([*_sites(findings), *old.added], edits)


def _sites(findings: Findings) -> list[Site]:
    """Return the sites of a rename without the options that this recipe has not."""
    return [dataclasses.replace(each, reason=_OPTION.sub("", each.reason)) for each in findings.all_sites()]


def _confine(findings: Findings, module: Module) -> None:
    """Leave the rename of a constant to its own file; `__all__`, and who else uses it, keep the old name."""
    for (path, span), usage in list(findings.usages.items()):
        is_exported = isinstance(usage.node, ast.Constant) and usage.node is exported_string(
            module, findings.old
        )
        if path == module.path and not is_exported:
            continue
        del findings.usages[path, span]
        findings.splices[path].pop(span, None)
        site = findings.sites.pop((path, span[0], "resolved"), None)
        if site is not None and not is_exported and not isinstance(usage.node, ast.alias):
            why = "a use that warns from now on"
            findings.notes.append(dataclasses.replace(site, status="unresolved", reason=why))
    for path in [each for each, splices in findings.splices.items() if not splices]:
        del findings.splices[path]
    for key, site in list(findings.sites.items()):
        if site.status == "unresolved" and not site.path.endswith(".py"):
            del findings.sites[key]


def _site(module: Module, node: ast.AST, target: VariableTarget | MemberTarget, doubt: Doubt) -> Site:
    span = name_span(module.bindings, node, target.name)
    place = (
        span[0] if span else module.source.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
    )
    return Site(module.path, *module.source.position(place), target.symbol, "unresolved", doubt.reason)
