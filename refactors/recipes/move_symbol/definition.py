"""The statements that define a symbol in a file, with the comments above them, as one run of lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding

_COMMENT = re.compile(rb"#[^\r\n]*(?:\r\n|\r|\n)")
_INDENTED_COMMENT = re.compile(rb"[ \t]+#[^\r\n]*(?:\r\n|\r|\n|$)")
_BLANK = re.compile(rb"[ \t\f]*(?:\r\n|\r|\n)")
_KEPT_COMMENT = re.compile(rb"#!|#.*(?:coding[:=]|copyright|licen[cs]e|spdx)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol's statements in one file; `text` are its whole lines, `removed` those with the blank lines around."""

    module: Module = field(repr=False)
    name: str
    statements: tuple[ast.stmt, ...]
    text: Span
    removed: Span

    @property
    def first(self) -> ast.stmt:
        return self.statements[0]

    @property
    def is_block(self) -> bool:
        """Whether a formatter wants two blank lines around it, as around a function."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return any(isinstance(each, kinds) for each in self.statements)

    def holds(self, line: int) -> bool:
        """Tell whether a line of the file belongs to it."""
        return any(first_line(each) <= line <= (each.end_lineno or each.lineno) for each in self.statements)


def first_line(statement: ast.stmt) -> int:
    """Return the line on which a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


def find_definition(module: Module, name: str) -> Definition | None:
    """Return the statements that define a name of a module; None if it binds the name nowhere.

    Raises ParameterError for a name that cannot be moved by itself.
    """
    bindings = module.scope.bindings.get(name, [])
    if not bindings:
        return None
    for binding in bindings:
        if isinstance(binding.node, ast.alias):
            raise _refusal(module, name, binding, "it is imported there, not defined")
        if _top_statement(module, binding.node) is None or binding.scope is not module.scope:
            raise _refusal(
                module,
                name,
                binding,
                "a function assigns it with 'global', so that it is state of its module",
            )
    statements = _statements(module, name, bindings)
    return Definition(module, name, statements, *_spans(module, statements, name))


def _top_statement(module: Module, node: ast.AST) -> ast.stmt | None:
    """Return the statement of the module's own block that a node is in; None if it is inside a function."""
    current = node
    while True:
        above = module.bindings.parents.get(current)
        if above is None or above is module.source.tree:
            return current if isinstance(current, ast.stmt) and above is not None else None
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            return None
        current = above


def _statements(module: Module, name: str, bindings: Sequence[Binding]) -> tuple[ast.stmt, ...]:
    body = module.source.tree.body
    found = {top for each in bindings if (top := _top_statement(module, each.node)) is not None}
    indices = sorted(body.index(each) for each in found)
    first, last = indices[0], indices[-1]
    for index in range(first, last + 1):
        if body[index] not in found and not _belongs(body[index], name):
            raise _refusal(module, name, bindings[-1], "it is bound again there, after other statements")
    for each in found:
        _check_binds_only(module, each, name)
    while last + 1 < len(body) and _belongs(body[last + 1], name):
        last += 1
    return tuple(body[first : last + 1])


def _belongs(statement: ast.stmt, name: str) -> bool:
    """Tell whether a statement sets an attribute or item of the symbol: `fetch.cached = True`."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        targets = [statement.target]
    else:
        return False
    return all(
        isinstance(each, ast.Attribute | ast.Subscript)
        and isinstance(each.value, ast.Name)
        and each.value.id == name
        for each in targets
    )


def _check_binds_only(module: Module, statement: ast.stmt, name: str) -> None:
    for other, bindings in module.scope.bindings.items():
        for binding in bindings:
            if other != name and _top_statement(module, binding.node) is statement:
                raise ParameterError(
                    f"'{name}' cannot be moved by itself: the statement at {module.path}:{statement.lineno}"
                    f" binds '{other}' as well. Split it first"
                )


def _spans(module: Module, statements: Sequence[ast.stmt], name: str) -> tuple[Span, Span]:
    source = module.source
    content, starts = source.content, source.line_starts
    line = first_line(statements[0])
    start = starts[line - 1]
    last = statements[-1].end_lineno or statements[-1].lineno
    end = starts[last] if last < len(starts) else len(content)
    after = content[source.end(statements[-1]) : end].strip()
    first = min(source.start(each) for each in [statements[0], *getattr(statements[0], "decorator_list", ())])
    if content[start:first].strip(b" \t\f@") or (after and not after.startswith(b"#")):
        raise ParameterError(
            f"'{name}' shares line {line} of {module.path} with another statement. Put it on lines of its own first"
        )
    while (match := _INDENTED_COMMENT.match(content, end)) and match.end() > match.start():
        end = match.end()
    start = _with_comments(module, line)
    return (start, end), _with_blanks(content, start, end, starts[0])


def _with_comments(module: Module, line: int) -> int:
    """Return where the comments right above a line begin; what belongs to the file as a whole stays there."""
    content, starts = module.source.content, module.source.line_starts
    first = line
    while first > 1 and _COMMENT.match(content, starts[first - 2]):
        first -= 1
    if first == 1:
        kept = [each for each in range(1, line) if _KEPT_COMMENT.match(content, starts[each - 1])]
        first = kept[-1] + 1 if kept else first
    return starts[first - 1]


def _with_blanks(content: bytes, start: int, end: int, top: int) -> Span:
    """Widen by the blank lines below or above, the fewer of the two: the others stay."""
    below = end
    while match := _BLANK.match(content, below):
        below = match.end()
    stripped = top + len(content[top:start].rstrip())
    line_end = _BLANK.match(content, stripped)
    above = stripped if stripped == top or line_end is None else line_end.end()
    if not content[below:].strip():
        return above, len(content)
    if stripped > top and content[above:start].count(b"\n") < content[end:below].count(b"\n"):
        return above, end
    return start, below


def _refusal(module: Module, name: str, binding: Binding, why: str) -> ParameterError:
    return ParameterError(f"'{name}' cannot be moved: {module.path}:{binding.line}: {why}")
