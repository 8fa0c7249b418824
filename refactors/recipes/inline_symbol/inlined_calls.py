"""One call becomes the body: its expression in place, or its statements before the call's own statement."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.fitting import fitted
from overhaul.refactors.indentation import newline_of, shares_line
from overhaul.refactors.inference import Inference
from overhaul.refactors.recipes.inline_symbol.arguments import must_be_bound
from overhaul.refactors.recipes.inline_symbol.body import Body
from overhaul.refactors.recipes.inline_symbol.body_text import BodyText
from overhaul.refactors.recipes.inline_symbol.call_sites import CallSite
from overhaul.refactors.recipes.inline_symbol.edits import Changes
from overhaul.refactors.recipes.inline_symbol.local_texts import LocalTexts
from overhaul.refactors.recipes.inline_symbol.meaning import MovedCode, Renaming
from overhaul.refactors.recipes.inline_symbol.purity import purity
from overhaul.refactors.recipes.inline_symbol.removal import removed_statement


@dataclass(slots=True, eq=False)
class InlinedCall:
    """Works out one call. `renaming` is what becomes of the names of the body's module."""

    inference: Inference
    body: Body
    site: CallSite
    changes: Changes
    local: LocalTexts = field(init=False)
    renaming: Renaming = field(default_factory=Renaming)

    def put(self) -> Doubt | None:
        """Replace the call; a Doubt says why not."""
        self.local = LocalTexts(self.inference, self.body, self.site, self.changes)
        code = tuple(self.body.statements)
        renaming = (
            MovedCode(self.inference.project, self.body.module, code, (self.body.scope,)).at(
                self.site.module, self.site.scope, self.site.call.lineno
            )
            if code
            else Renaming()
        )
        if isinstance(renaming, Doubt):
            return renaming
        self.renaming = renaming
        expression = self.body.expression
        if expression is None and isinstance(self.site.statement, ast.Expr) and self._is_whole():
            expression = self.body.action
        if expression is not None:
            doubt = self._put_expression(expression)
        elif not self.body.statements:
            doubt = self._put_nothing()
        else:
            doubt = self._put_statements()
        if doubt is None:
            self.changes.need(self.site.module, renaming.imports, self.site.node)
            self.changes.of(self.site.module).kept |= renaming.kept | self.site.kept_imports()
        return doubt

    def _put_expression(self, expression: ast.expr) -> Doubt | None:
        is_dropped = isinstance(self.site.statement, ast.Expr) and self._is_whole()
        if is_dropped and purity(self.inference, self.body.module, expression) in ("constant", "stable"):
            return self._put_nothing()
        steps = list(self.body.steps(expression))
        bound = must_be_bound(self.site.arguments, self.local.kinds, steps)
        for argument in self.site.arguments:
            reason = self.local.capture_reason(argument)
            if reason is not None:
                bound.setdefault(argument.parameter, reason)
        text: str | Doubt = Doubt("")
        if not bound:
            self.local.take_arguments()
            text = self._text().expression(expression)
        if isinstance(text, Doubt):
            doubt = self.site.statement_doubt()
            if doubt is not None:
                name = min(bound, default="")
                why = (
                    f"the argument for '{name}' cannot stand in the body: {bound[name]}"
                    if bound
                    else text.reason
                )
                return Doubt(f"{why}; and {doubt.reason}")
            self.local.texts.clear()
            doubt = self.local.bind(set(bound) or {each.parameter for each in self.site.arguments})
            if doubt is not None:
                return doubt
            text = self._text().expression(expression)
            if isinstance(text, Doubt):
                return text
        return self._put_text(text)

    def _text(self) -> BodyText:
        return BodyText(self.inference, self.body, self.site, self.local.texts, self.renaming.names)

    def _is_whole(self) -> bool:
        return getattr(self.site.statement, "value", None) is self.site.node

    def _put_text(self, text: str) -> Doubt | None:
        """Put an expression in the place of the call, after what must be evaluated before."""
        module, span = self.site.module, self.site.span
        placed = fitted(module, self.site.node, span, text)
        if isinstance(placed, Doubt):
            return placed
        if self.local.prelude:
            start = module.source.start(self.site.statement)
            head = module.source.slice(start, span[0])
            self._replace_statement(
                [*self._indented(self.local.prelude), self._indented([head + placed])[0]], span[1]
            )
            return None
        self._replace(span, placed)
        return None

    def _put_nothing(self) -> Doubt | None:
        """A body that does nothing: what is left of the call is its arguments' effects, and None."""
        if any(kind == "acting" for kind in self.local.kinds.values()):
            doubt = self.site.statement_doubt()
            if doubt is not None:
                return doubt
            doubt = self.local.bind(
                {name for name, kind in self.local.kinds.items() if kind == "acting"}, used=False
            )
            if doubt is not None:
                return doubt
        if isinstance(self.site.statement, ast.Expr) and self._is_whole():
            self._replace_statement(self._indented(self.local.prelude))
            return None
        return self._put_text("None")

    def _replace(self, span: tuple[int, int], text: str) -> None:
        change = self.changes.of(self.site.module)
        change.splices = [each for each in change.splices if not (span[0] <= each[0] and each[1] <= span[1])]
        change.replace(span, text)

    def _indented(self, lines: list[str]) -> list[str]:
        return [self.site.indent + line for line in lines]

    def _replace_statement(self, lines: list[str], end: int | None = None) -> None:
        """Put whole lines in the place of the call's statement, or of its beginning up to `end`; none remove it."""
        module, statement = self.site.module, self.site.statement
        if not lines:
            start, stop, text = removed_statement(module, statement)
            self._replace((start, stop), text)
            return
        start = module.source.line_starts[statement.lineno - 1]
        stop = module.source.end(statement) if end is None else end
        self._replace((start, stop), newline_of(module.source).join(lines))

    def _put_statements(self) -> Doubt | None:
        doubt = self.site.statement_doubt() or self._body_doubt()
        if doubt is None:
            doubt = self.local.bind(self.local.bound_parameters()) or self.local.rename_locals()
        if doubt is not None:
            return doubt
        lines = self._text().lines()
        if isinstance(lines, Doubt):
            return lines
        self._replace_statement([*self._indented(self.local.prelude), *lines])
        return None

    def _body_doubt(self) -> Doubt | None:
        body = self.body
        if not body.returns_at_end and not isinstance(self.site.statement, ast.Return):
            return Doubt("the body returns in several places, and the call is no return itself")
        captured = body.captured()
        if captured:
            return Doubt(f"an inner function of the body keeps '{min(captured)}'")
        unbound = body.read_unbound()
        if unbound:
            return Doubt(f"the body may read '{min(unbound)}' before it is bound")
        if shares_line(body.module, body.statements[0]) and body.statements[0].lineno == body.node.lineno:
            return Doubt("the body stands on the line of its 'def'")
        nodes = [node for each in body.statements for node in ast.walk(each)]
        if self.site.block.kind == "module" and any(isinstance(node, ast.AnnAssign) for node in nodes):
            return Doubt("an annotated variable of the body would become the module's")
        return None
