"""A function or method: each call becomes its body."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.inline_symbol.body import Body
from overhaul.refactors.recipes.inline_symbol.call_sites import CallSite, call_site
from overhaul.refactors.recipes.inline_symbol.edits import Changes
from overhaul.refactors.recipes.inline_symbol.inlined_calls import InlinedCall
from overhaul.refactors.recipes.inline_symbol.members import check_method, outside_caller
from overhaul.refactors.recipes.rename_symbol.findings import Usage
from overhaul.refactors.scopes import Binding, FunctionNode
from overhaul.refactors.symbols.target import MemberTarget, Target


class FunctionInlining:
    """Judges the calls of one function."""

    def __init__(
        self,
        inference: Inference,
        target: Target,
        bindings: Sequence[Binding],
        module: Module,
        changes: Changes,
    ) -> None:
        node = bindings[0].node
        if len(bindings) != 1 or not isinstance(node, FunctionNode):
            places = ", ".join(str(each.line) for each in bindings)
            raise ParameterError(
                f"'{target.symbol}' is bound more than once in {module.path}: at the lines {places}"
            )
        if isinstance(target, MemberTarget):
            check_method(inference, target)
        self.inference = inference
        self.target = target
        self.changes = changes
        self.node = node
        self.body = Body(inference, module, node, target.symbol)

    def replace(self, uses: Sequence[Usage]) -> bool:
        """Put the body in the place of each call, inner ones first; tell whether all could be."""
        self._refuse_recursion(uses)
        sites: list[tuple[Usage, CallSite | Doubt]] = []
        for usage in uses:
            assert isinstance(usage.node, ast.Name | ast.Attribute)  # noqa: S101 - the caller picks those
            sites.append((usage, call_site(self.inference, self.body, usage.module, usage.node)))
        done = [self._replaced(usage, site) for usage, site in sorted(sites, key=_size)]
        outside = outside_caller(self.inference, self.target)
        if outside is not None:
            module = self.body.module
            reason = f"the base {outside} is outside the tree and may call it, so the definition stays"
            self.changes.note(module, module.source.start(self.node), "unresolved", reason)
        return all(done)

    def _replaced(self, usage: Usage, site: CallSite | Doubt) -> bool:
        outcome = site if isinstance(site, Doubt) else self._inlined(usage, site)
        if isinstance(outcome, Doubt):
            self.changes.note(usage.module, usage.span[0], "unresolved", outcome.reason)
            return False
        self.changes.note(usage.module, usage.span[0], "resolved", f"{usage.reason}: replaced by the body")
        return True

    def _inlined(self, usage: Usage, site: CallSite) -> Doubt | None:
        start, end = site.span
        for (path, offset), other in self.changes.sites.items():
            if path == usage.module.path and start <= offset < end and other.status == "unresolved":
                return Doubt("a call in its arguments cannot be replaced")
        return InlinedCall(self.inference, self.body, site, self.changes).put()

    def _refuse_recursion(self, uses: Sequence[Usage]) -> None:
        inside = set(ast.walk(self.node))
        for usage in uses:
            if usage.node in inside:
                line = getattr(usage.node, "lineno", 0)
                raise ParameterError(
                    f"'{self.target.symbol}' cannot be inlined: it uses itself ({usage.module.path}:{line})"
                )


def _size(each: tuple[Usage, CallSite | Doubt]) -> int:
    """Order calls that stand in the arguments of others before those."""
    site = each[1]
    return 0 if isinstance(site, Doubt) else site.span[1] - site.span[0]
