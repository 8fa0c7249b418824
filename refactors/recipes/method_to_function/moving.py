"""The method's text as a function at the top of a module, and what is left in the class."""

from __future__ import annotations

import ast

from overhaul.refactors.changes import Changes
from overhaul.refactors.definition_text import (
    indentation,
    last_line,
    line_start,
    missing_blanks,
    own_lines,
    reindented,
    removed_lines,
)
from overhaul.refactors.delegation import delegating, forwarded_arguments
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_text import newline as line_end_of
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module, qualified_in
from overhaul.refactors.quoted import is_shown_by_name
from overhaul.refactors.recipes.method_to_function.method import Method
from overhaul.refactors.scopes import all_arguments
from overhaul.refactors.symbols.family import is_private, mangled


class MethodMove:
    """Edits inside the method first, then the move of its lines."""

    def __init__(self, method: Method, changes: Changes, name: str, self_name: str) -> None:
        self.method = method
        self.changes = changes
        self.name = name
        self.self_name = self_name
        self.module = method.module
        self.edits = changes.of(method.module).edits

    def adapt_body(self, annotates: bool) -> None:
        """Edit what must read differently outside the class."""
        node, source = self.method.node, self.module.source
        span = name_span(self.module.bindings, node, node.name)
        if span is None:
            raise ParameterError(
                f"the name of '{self.method.symbol}' is not written as it is; write it plainly"
            )
        if self.name != node.name:
            self.edits.add(*span, self.name)
        for decorator in self.method.dropped_decorators:
            self._drop_decorator(decorator)
        self._spell_out_private_names()
        receiver = self.method.receiver
        if receiver is not None:
            self._rename_receiver(receiver)
            if annotates and receiver.annotation is None and self._is_annotated(receiver):
                place = source.end(receiver)
                owner = qualified_in(self.module, self.method.definition.node)
                new = self.self_name or receiver.arg
                text = f"{new}: type[{owner}]" if self.method.kind == "class" else f"{new}: {owner}"
                self.edits.done = [
                    each for each in self.edits.done if each[:2] != (source.start(receiver), place)
                ]
                self.edits.add(source.start(receiver), place, text)

    def _is_annotated(self, receiver: ast.arg) -> bool:
        node = self.method.node
        others = [each for each in all_arguments(node.args) if each is not receiver]
        return node.returns is not None and all(each.annotation is not None for each in others)

    def _drop_decorator(self, decorator: ast.expr) -> None:
        start = line_start(self.module, decorator.lineno)
        end = line_start(self.module, (decorator.end_lineno or decorator.lineno) + 1)
        if "#" in self.module.source.slice(self.module.source.end(decorator), end):
            at = self.module.source.content.rindex(b"@", 0, self.module.source.start(decorator))
            comment = self.module.source.content.index(b"#", self.module.source.end(decorator))
            start, end = at, comment
        self.edits.add(start, end, "")

    def _spell_out_private_names(self) -> None:
        owner = self.method.definition.name
        pending: list[ast.AST] = [self.method.node]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Attribute) and is_private(node.attr) and owner.strip("_"):
                span = name_span(self.module.bindings, node, node.attr)
                if span is None:
                    raise ParameterError(
                        f"'{self.method.symbol}' cannot become a function: the private name '{node.attr}' at"
                        f" {self.module.path}:{node.lineno} is inside a string. Write it outside first"
                    )
                self.edits.add(*span, mangled(owner, node.attr))
            if not isinstance(node, ast.ClassDef):
                pending += ast.iter_child_nodes(node)

    def _rename_receiver(self, receiver: ast.arg) -> None:
        new = self.self_name
        if not new or new == receiver.arg:
            return
        bindings = self.module.bindings
        scope = bindings.scopes[self.method.node]
        for each in scope.subtree():
            if new in each.bindings or new in each.uses:
                raise ParameterError(
                    f"the name '{new}' is used in '{self.method.symbol}' already. Choose another self_name"
                )
        places: list[ast.AST] = [receiver]
        places += [
            use for use, place in bindings.names[receiver.arg] if place.lookup(receiver.arg, use) is scope
        ]
        for place in places:
            span = name_span(bindings, place, receiver.arg)
            if span is None:
                raise ParameterError(
                    f"'{receiver.arg}' in '{self.method.symbol}' cannot be renamed at {self.module.path}:"
                    f"{getattr(place, 'lineno', 1)}, inside a string. Leave self_name out"
                )
            self.edits.add(*span, new)
            if isinstance(place, ast.Name) and is_shown_by_name(bindings, place):
                self.changes.leave(
                    self.module,
                    span[0],
                    "an f-string shows the name itself ({x=}), so what it prints changes",
                )
        for each in scope.subtree():
            if each.nonlocal_names.get(receiver.arg):
                raise ParameterError(
                    f"'{receiver.arg}' in '{self.method.symbol}' is nonlocal in a function inside. Leave self_name out"
                )

    def function_text(self) -> str:
        """Return the lines of the function."""
        lines = own_lines(self.module, self.method.node)
        text = self.edits.rendered(
            line_start(self.module, lines.first), line_start(self.module, lines.last + 1)
        )
        text = reindented(text, indentation(self.module, self.method.node), "")
        return text if text.endswith(("\n", "\r")) else text + line_end_of(self.module)

    def leave_nothing(self) -> None:
        """Take the method out of the class."""
        node, body = self.method.node, self.method.definition.node.body
        lines = own_lines(self.module, node)
        if body == [node]:
            text = f"{indentation(self.module, node)}pass{line_end_of(self.module)}"
        else:
            lines, text = removed_lines(self.module, lines, body, node), ""
        self._replace(lines.first, lines.last, text)

    def leave_delegate(self, callee: str) -> None:
        """Leave a method that calls the function."""
        node = self.method.node
        lines = own_lines(self.module, node)
        kind = {"class": ["classmethod"], "static": ["staticmethod"], "instance": []}[self.method.kind]
        text = delegating(
            self.module,
            node,
            callee,
            forwarded_arguments(node.args),
            indentation=indentation(self.module, node),
            newline=line_end_of(self.module),
            decorators=kind,
        )
        self._replace(lines.first, lines.last, text)

    def _replace(self, first: int, last: int, text: str) -> None:
        self.edits.add(line_start(self.module, first), line_start(self.module, last + 1), text)


def inserted_after(module: Module, node: ast.stmt, text: str) -> tuple[int, str]:
    """Return where lines go below a top-level statement, and the lines with the blank ones around them."""
    newline = line_end_of(module)
    last = last_line(module, node)
    place = line_start(module, last + 1)
    before = newline * 2
    if not module.source.content[:place].endswith((b"\n", b"\r")):
        before = newline * 3
    after = newline * missing_blanks(module, last + 1, 2)
    return place, before + text + after
