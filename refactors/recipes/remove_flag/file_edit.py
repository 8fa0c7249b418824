"""One round of edits in one file: each statement that has the flag in it, the outermost first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.inline_symbol.purity import is_bound_once
from overhaul.refactors.recipes.remove_flag.branches import without_branches
from overhaul.refactors.recipes.remove_flag.folding import Folding, Unfoldable
from overhaul.refactors.scopes import Scope
from overhaul.refactors.statement_removal import removed_statements
from overhaul.refactors.text import Splice


@dataclass(slots=True)
class FileEdit:
    """The splices of a file, and what is said of each read; one that is in neither list is for the next round."""

    module: Module
    reads: Sequence[ast.expr]
    value: bool
    folding: Folding = field(init=False)
    splices: list[Splice] = field(default_factory=list)
    resolved: list[tuple[ast.expr, str]] = field(default_factory=list)
    doubts: list[tuple[ast.expr, str]] = field(default_factory=list)
    _regions: list[Span] = field(default_factory=list)
    _holders: dict[ast.stmt, list[ast.expr]] = field(default_factory=dict)

    def run(self) -> None:
        """Work out the splices of this round."""
        known: dict[ast.expr, bool] = dict.fromkeys(self.reads, self.value)
        self._follow_variables(known)
        self.folding = Folding(self.module, known)
        statements = list(dict.fromkeys(self.module.bindings.statement_of(each) for each in known))
        statements.sort(key=self.module.source.start)
        holding = [each for each in statements if each in self._holders]
        for statement in [each for each in statements if each not in self._holders]:
            self._statement(statement)
        for statement in reversed(holding):  # the last first: it may hold what another holds
            done = {each for each, _ in [*self.resolved, *self.doubts]}
            if all(each in done for each in self._holders[statement]):
                self._statement(statement)

    def _follow_variables(self, known: dict[ast.expr, bool]) -> None:
        """Take in the uses of local variables that are given the flag's value and nothing else."""
        pending = list(known)
        while pending:
            read = pending.pop()
            assignment = self.module.bindings.statement_of(read)
            if not isinstance(assignment, ast.Assign) or len(assignment.targets) != 1:
                continue
            target = assignment.targets[0]
            folded = Folding(self.module, known).value(assignment.value)
            scope = self.module.bindings.scope_of(read)
            if folded is None or not isinstance(target, ast.Name) or scope.kind != "function":
                continue
            if assignment in self._holders or not is_bound_once(self.module, scope, target.id):
                continue
            if self.module.bindings.parents.get(assignment) is scope.node:
                uses = list(self._uses(scope, target))
                self._holders[assignment] = uses
                known.update(dict.fromkeys(uses, folded))
                pending += uses

    def _uses(self, scope: Scope, target: ast.Name) -> Iterator[ast.expr]:
        for use, found in self.module.bindings.names.get(target.id, ()):
            if (
                isinstance(use.ctx, ast.Load)
                and found.lookup(target.id, use) is scope
                and use.lineno > target.lineno
            ):
                yield use

    def _statement(self, statement: ast.stmt) -> None:
        start = self.module.source.start(statement)
        if any(low <= start < high for low, high in self._regions):
            return  # for the next round
        here = [each for each in self.folding.known if self.module.bindings.statement_of(each) is statement]
        try:
            splices, region, reason = self._edited(statement)
        except Unfoldable as doubt:
            self.doubts += [(each, str(doubt)) for each in here]
            return
        spans = [*((low, high) for low, high, _ in splices), region]
        if any(low < end and first < high for low, high in self._regions for first, end in spans):
            return
        self.splices += splices
        self._regions += spans
        self.resolved += [(each, reason) for each in here]

    def _edited(self, statement: ast.stmt) -> tuple[list[Splice], Span, str]:
        source, folding = self.module.source, self.folding
        own = (source.start(statement), source.start(statement) + 1)
        match statement:
            case ast.If(test=test) | ast.While(test=test):
                holds = folding.truth(test)
                if holds is None or (holds and isinstance(statement, ast.While)):
                    return folding.splices(test, True), own, "condition with the flag"
                outcome = without_branches(self.module, statement, holds)
                return list(outcome.splices), outcome.region, "branch that the flag decides"
            case ast.Assert(test=test, msg=message):
                if folding.truth(test) is True:
                    return removed_statements(self.module, [statement]), own, "assertion that always holds"
                rest = folding.splices(message, False) if message is not None else []
                return [*folding.splices(test, True), *rest], own, "condition with the flag"
            case ast.Expr(value=value) if folding.value(value) is not None:
                return (
                    removed_statements(self.module, [statement]),
                    own,
                    "the flag's value, which nothing takes",
                )
            case ast.Expr(value=value):
                return folding.splices(value, True), own, "read of the flag"
        splices = [
            splice
            for child in ast.iter_child_nodes(statement)
            for each in _top_expressions(child)
            for splice in folding.splices(each, False)
        ]
        return splices, own, "read of the flag"


def _top_expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the outermost expressions of a part of a statement, without those of statements in it."""
    if isinstance(node, ast.expr):
        yield node
    elif not isinstance(node, ast.stmt):
        for child in ast.iter_child_nodes(node):
            yield from _top_expressions(child)
