"""Runs a LibCST codemod on the statements that it can react to, in place of the whole module.

`ast` finds them at a tenth of the time that LibCST takes to parse a file. A block's head is shown with `pass` for
its body. Wherever that may not give what the whole module would, NeedsModule says so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import libcst
from libcst.codemod import CodemodContext, VisitorBasedCodemodCommand
from libcst.codemod.visitors import AddImportsVisitor

from overhaul.refactors.adapters.codemod_reach import Reach
from overhaul.refactors.recipe import Failure
from overhaul.refactors.text import SourceText, parse_source

_BLOCKS = (
    ast.If, ast.While, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith,
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
)  # fmt: skip


class NeedsModule(BaseException):
    """The codemod has to see the whole module; no Exception, so that the codemod's own handlers let it pass."""


class StatementContext(CodemodContext):
    """A context without a module: asking for it, or for metadata, ends the run."""

    asked = False

    @property
    def wrapper(self) -> Any:
        self.asked = True
        raise NeedsModule

    @wrapper.setter
    def wrapper(self, value: object) -> None:
        """Take what the constructor gives, which is None."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes of the file from `start` to `end`, and the text of the statement that stands for them."""

    start: int
    end: int
    text: str
    before: str = ""
    after: str = ""


def transform_statements(
    command: VisitorBasedCodemodCommand, context: StatementContext, reach: Reach, path: str, old: bytes
) -> bytes:
    """Return the file's new content. Raises NeedsModule, and what the codemod raises."""
    if b"\r" in old or b"\f" in old:
        raise NeedsModule
    source = parse_source(path, old)
    if isinstance(source, Failure) or source.encoding != "utf-8":
        raise NeedsModule
    pieces = list(_Pieces(source, reach).find(source.tree.body))
    if not pieces:
        return old
    module = libcst.parse_module("".join(f"{piece.text}\n" for piece in pieces))
    if len(module.body) != len(pieces):
        raise NeedsModule
    changed = module.visit(command)
    if context.asked or len(changed.body) != len(pieces):
        raise NeedsModule
    replacements = []
    for piece, before, after in zip(pieces, module.body, changed.body, strict=True):
        if before is after or before.deep_equals(after):
            continue
        if module.code_for_node(before) != f"{piece.text}\n":
            raise NeedsModule
        code = module.code_for_node(after).removesuffix("\n")
        if not code.endswith(piece.after):
            raise NeedsModule
        replacements.append((piece.start, piece.end, piece.before + code[: len(code) - len(piece.after)]))
    return _with_imports(context, source.splice(replacements))


def _with_imports(context: StatementContext, new: bytes) -> bytes:
    """Add the imports that the codemod asked for; what else it left for others needs the module."""
    if not context.scratch:
        return new
    if set(context.scratch) != {AddImportsVisitor.CONTEXT_KEY}:
        raise NeedsModule
    plain = CodemodContext(filename=context.filename, scratch=context.scratch, warnings=context.warnings)
    return AddImportsVisitor(plain).transform_module(libcst.parse_module(new)).bytes


class _Pieces:
    """Finds the statements of one file, and the heads of blocks, that a codemod can react to."""

    def __init__(self, source: SourceText, reach: Reach) -> None:
        self.source = source
        self.kinds = reach.kinds
        self.has_names = reach.has_names

    def find(self, body: list[ast.stmt]) -> Iterator[_Piece]:
        """Yield them in order."""
        for statement in body:
            if not self.kinds and not self._has_names_in(statement):
                continue
            if isinstance(statement, _BLOCKS):
                yield from self._head(statement)
                yield from self.find(statement.body)
                yield from self.find(getattr(statement, "orelse", []))
            elif isinstance(statement, ast.Try) or type(statement).__name__ == "TryStar":
                yield from self._try(statement)
            elif isinstance(statement, ast.Match):
                if self._is_reached([statement], self.source.start(statement), self.source.end(statement)):
                    raise NeedsModule
            else:
                yield from self._simple(statement)

    def _try(self, statement: Any) -> Iterator[_Piece]:
        yield from self.find(statement.body)
        for handler in statement.handlers:
            if handler.type is not None and self._is_reached(
                [handler.type], self.source.start(handler), self._line_start(_first_line(handler.body[0]))
            ):
                raise NeedsModule
            yield from self.find(handler.body)
        yield from self.find(statement.orelse)
        yield from self.find(statement.finalbody)

    def _simple(self, statement: ast.stmt) -> Iterator[_Piece]:
        start, end = self.source.start(statement), self.source.end(statement)
        if not self._is_reached([statement], start, end):
            return
        if self.source.content[self._line_start(statement.lineno) : start].strip(b" \t"):
            raise NeedsModule  # a second statement of its line, or the body of a block in one line
        yield _Piece(start, end, self.source.slice(start, end))

    def _decorators(self, statement: Any) -> Iterator[_Piece]:
        for decorator in getattr(statement, "decorator_list", []):
            start, end = self.source.start(decorator), self.source.end(decorator)
            if self._is_reached([decorator], start, end):
                if self.source.content[start - 1 : start] != b"@":
                    raise NeedsModule
                yield _Piece(start, end, self.source.slice(start, end))

    def _head(self, statement: Any) -> Iterator[_Piece]:
        yield from self._decorators(statement)
        start = self.source.start(statement)
        inside = statement.body[0]
        end = self._line_start(_first_line(inside))
        if end <= start:
            if self._is_reached([statement], start, self.source.end(statement)):
                raise NeedsModule  # a block in one line
            return
        decorators = getattr(statement, "decorator_list", [])
        parts = [
            child
            for child in ast.iter_child_nodes(statement)
            if not isinstance(child, ast.stmt) and child not in decorators
        ]
        if not self._is_reached(parts, start, end):
            return
        indent, text = self.source.slice(end, end + inside.col_offset), self.source.slice(start, end)
        if indent.strip(" \t") or not indent:
            raise NeedsModule
        before = ""
        if isinstance(statement, ast.If) and text.startswith("elif"):
            before, text = "el", text[2:]
        yield _Piece(start, end, f"{text}{indent}pass", before, f"{indent}pass")

    def _has_names_in(self, statement: ast.stmt) -> bool:
        start = self._line_start(_first_line(statement))
        return self.has_names(self.source.content, start, self.source.end(statement))

    def _is_reached(self, nodes: Sequence[ast.AST], start: int, end: int) -> bool:
        if self.has_names(self.source.content, start, end):
            return True
        return bool(self.kinds) and any(
            isinstance(each, self.kinds) for node in nodes for each in ast.walk(node)
        )

    def _line_start(self, line: int) -> int:
        return self.source.line_starts[line - 1]


def _first_line(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return int(min([statement.lineno, *(each.lineno for each in decorators)]))
