"""The text of a body as it stands at a call: its names replaced, its lines indented, its result in the call's place."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.fitting import fitted
from overhaul.refactors.indentation import indent_of, line_text, newline_of
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.recipes.inline_symbol.body import Body
from overhaul.refactors.recipes.inline_symbol.call_sites import CallSite
from overhaul.refactors.recipes.inline_symbol.purity import purity
from overhaul.refactors.recipes.inline_symbol.rendering import moved_lines, name_splices, spliced
from overhaul.refactors.text import Splice

_COMMENT = re.compile(r"[ \t]*(#.*)$")


@dataclass(frozen=True, slots=True)
class BodyText:
    """`texts` are what the body's own names become, `names` what those of its module do."""

    inference: Inference
    body: Body
    site: CallSite
    texts: Mapping[str, str]
    names: Mapping[ast.Name, str]

    def _splices(self) -> list[Splice] | Doubt:
        """Return what becomes of the names in the body."""
        module = self.body.module
        found = name_splices(module, self.names)
        if isinstance(found, Doubt):
            return found
        for name, text in self.texts.items():
            for use in self.body.own_uses.get(name, ()):
                span = name_span(module.bindings, use, name)
                if span is None:
                    return Doubt(f"'{name}' is in a string whose positions are not known")
                placed = fitted(module, use, span, text) if isinstance(use.ctx, ast.Load) else text
                if isinstance(placed, Doubt):
                    return placed
                if placed != name:
                    found.append((*span, placed))
        return found

    def expression(self, expression: ast.expr) -> str | Doubt:
        """Return the text of an expression of the body."""
        splices = self._splices()
        if isinstance(splices, Doubt):
            return splices
        source = self.body.module.source
        text = spliced(self.body.module, (source.start(expression), source.end(expression)), splices)
        if "\n" not in text and "\r" not in text:
            return text
        old = indent_of(source, self.body.module.bindings.statement_of(expression).lineno)
        return moved_lines(self.site.module, text, old, self.site.indent, is_expression=True)

    def lines(self) -> list[str] | Doubt:
        """Return the body's lines, and what becomes of the statement with the call."""
        splices = self._splices()
        if isinstance(splices, Doubt):
            return splices
        body, source = self.body, self.body.module.source
        last = body.statements[-1]
        ends_with_return = isinstance(last, ast.Return) and body.returns_at_end
        first = body.first_line()
        end = last.lineno - 1 if ends_with_return else (last.end_lineno or last.lineno)
        indent = self.site.indent
        lines: list[str] = []
        if end >= first:
            stop = source.line_starts[end - 1] + len(line_text(source, end).encode(source.encoding))
            text = spliced(body.module, (source.line_starts[first - 1], stop), splices)
            moved = moved_lines(self.site.module, text, indent_of(source, body.statements[0].lineno), indent)
            if isinstance(moved, Doubt):
                return moved
            lines = moved.split(newline_of(self.site.module.source))
        final = self._final(ends_with_return)
        if isinstance(final, Doubt):
            return final
        while lines and not lines[-1]:
            lines.pop()
        return [*lines, *(indent + line for line in final)]

    def _final(self, ends_with_return: bool) -> list[str] | Doubt:
        """Return the call's statement with the result in the place of the call, if it is still needed."""
        statement, module = self.site.statement, self.site.module
        body = self.body
        if not body.returns_at_end:
            is_left = isinstance(body.statements[-1], ast.Return | ast.Raise)
            return [] if is_left else ["return None"]
        result = body.result if ends_with_return else None
        comment = self._return_comment() if ends_with_return else ""
        is_idle = result is None or purity(self.inference, body.module, result) in ("constant", "stable")
        if isinstance(statement, ast.Expr) and is_idle:
            return [comment.strip()] if comment else []
        if result is None and isinstance(body.statements[-1], ast.Raise):
            return []
        text: str | Doubt = "None" if result is None else self.expression(result)
        if isinstance(text, Doubt):
            return text
        placed = fitted(module, self.site.node, self.site.span, text)
        if isinstance(placed, Doubt):
            return placed
        head = module.source.slice(module.source.start(statement), self.site.span[0])
        return [f"{head}{placed}{comment}"]

    def _return_comment(self) -> str:
        last = self.body.statements[-1]
        source = self.body.module.source
        line = last.end_lineno or last.lineno
        ending = source.slice(
            source.end(last),
            source.line_starts[line - 1] + len(line_text(source, line).encode(source.encoding)),
        )
        match = _COMMENT.match(ending)
        own = self.site.module.source
        here = self.site.statement.end_lineno or self.site.statement.lineno
        is_free = not own.slice(
            own.end(self.site.statement), own.line_starts[here - 1] + len(line_text(own, here))
        ).strip()
        return f"  {match[1]}" if match and is_free else ""
