"""The function's text as a method, where it goes in the class, and what is left in its module."""

from __future__ import annotations

import ast

from overhaul.refactors.changes import Changes
from overhaul.refactors.definition_text import (
    indentation,
    last_line,
    line_start,
    own_lines,
    reindented,
    removed_lines,
)
from overhaul.refactors.delegation import delegating, forwarded_arguments
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_text import newline as line_end_of
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.quoted import is_shown_by_name
from overhaul.refactors.recipes.function_to_method.function import Function
from overhaul.refactors.recipes.function_to_method.header import adapt_annotations, adapt_parameters


class FunctionMove:
    """Edits inside the function first, then the move of its lines."""

    def __init__(self, function: Function, changes: Changes) -> None:
        self.function = function
        self.changes = changes
        self.module = function.module
        self.edits = changes.of(function.module).edits

    def adapt_body(self) -> None:
        """Edit what must read differently in the class. Raises ParameterError."""
        node, parameter = self.function.node, self.function.parameter
        if self.function.name != node.name:
            self.edits.add(*self._span(node, node.name), self.function.name)
        scope = self.module.bindings.scopes[node]
        for use, place in self.module.bindings.names.get(parameter.arg, ()):
            if place.lookup(parameter.arg, use) is scope and parameter.arg != "self":
                self.edits.add(*self._span(use, parameter.arg), "self")
                if is_shown_by_name(self.module.bindings, use):
                    self.changes.leave(
                        self.module,
                        use,
                        "an f-string shows the name itself ({x=}), so what it prints changes",
                    )
        adapt_annotations(self.function, self.edits)
        adapt_parameters(self.function, self.edits)

    def _span(self, node: ast.AST, name: str) -> tuple[int, int]:
        span = name_span(self.module.bindings, node, name)
        if span is None:
            raise ParameterError(
                f"'{self.function.symbol}' cannot become a method: '{name}' cannot be edited at"
                f" {self.module.path}:{getattr(node, 'lineno', 1)}, where it is not written as it is"
            )
        return span

    def method_text(self) -> str:
        """Return the lines of the method."""
        lines = own_lines(self.module, self.function.node)
        text = self.edits.rendered(
            line_start(self.module, lines.first), line_start(self.module, lines.last + 1)
        )
        text = reindented(text, "", self._indentation())
        own, theirs = line_end_of(self.module), line_end_of(self.function.owner.module)
        text = text if text.endswith(("\n", "\r")) else text + own
        return text if own == theirs else text.replace(own, theirs)

    def _indentation(self) -> str:
        owner = self.function.owner
        first = owner.node.body[0]
        if first.lineno == owner.node.lineno:
            return indentation(owner.module, owner.node) + "    "
        return indentation(owner.module, first)

    def leave_nothing(self) -> None:
        """Take the function out of its module."""
        body = self.module.source.tree.body
        node = self.function.node
        lines = removed_lines(self.module, own_lines(self.module, node), body, node)
        self.edits.add(line_start(self.module, lines.first), line_start(self.module, lines.last + 1), "")

    def leave_delegate(self, owner: str, warning: str) -> None:
        """Leave a function that calls the method; `warning` is a statement that comes first, or empty."""
        node = self.function.node
        lines = own_lines(self.module, node)
        text = delegating(
            self.module,
            node,
            f"{owner}.{self.function.name}",
            forwarded_arguments(node.args, self.function.parameter.arg),
            indentation="",
            newline=line_end_of(self.module),
            before=[warning] if warning else [],
        )
        self.edits.add(line_start(self.module, lines.first), line_start(self.module, lines.last + 1), text)

    def insert(self, text: str) -> None:
        """Put the method at the end of the class, in place of a `pass` that is all there is."""
        owner = self.function.owner
        module, body = owner.module, owner.node.body
        change = self.changes.of(module)
        only = body[-1]
        newline = line_end_of(module)
        if body[0].lineno == owner.node.lineno:
            if len(body) != 1 or not _is_placeholder(only):
                raise ParameterError(
                    f"the class '{owner.qualified}' is written in one line ({module.path}:{owner.node.lineno});"
                    " break it first"
                )
            colon = module.source.content.rindex(b":", 0, module.source.start(only)) + 1
            change.edits.add(colon, module.source.end(only), "")
            change.insertions.append((self._below(owner.node), text))
            return
        line = module.source.content[line_start(module, only.lineno) : line_start(module, only.lineno + 1)]
        if _is_placeholder(only) and only.lineno == only.end_lineno and b"#" not in line and b";" not in line:
            documented = len(body) > 1
            if len(body) == 1 or (len(body) == 2 and isinstance(body[0], ast.Expr)):
                blank = newline if documented else ""
                start = line_start(module, (body[0].end_lineno or 0) + 1 if documented else only.lineno)
                change.edits.add(start, line_start(module, only.lineno + 1), blank + text)
                return
        change.insertions.append((self._below(owner.node), newline + text))

    def _below(self, node: ast.ClassDef) -> int:
        module = self.function.owner.module
        place = line_start(module, last_line(module, node) + 1)
        if not module.source.content[:place].endswith((b"\n", b"\r")):
            self.changes.of(module).insertions.append((place, line_end_of(module)))
        return place


def _is_placeholder(statement: ast.stmt) -> bool:
    is_dots = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or (is_dots and statement.value.value is Ellipsis)  # type: ignore[attr-defined]
