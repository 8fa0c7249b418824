"""The edit of the file that gets the moved lines: where they go, and the imports above them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.annotations import last_name
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.file_rewrite import FileRewrite
from overhaul.refactors.import_needs import ImportStatement, runs_later
from overhaul.refactors.import_text import import_block, newline
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Edit
from overhaul.refactors.recipes.move_symbol.definition import Definition, first_line
from overhaul.refactors.recipes.move_symbol.moved_names import in_annotation
from overhaul.refactors.text import Splice

_COMMENT_LINE = re.compile(rb"#[^\r\n]*(?:\r\n|\r|\n)")
_KINDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class TargetRewrite(FileRewrite):
    """A file that gets moved lines: `code`, each ended by `\\n`, before `first_use` if there is such a statement."""

    code: str = ""
    is_block: bool = True
    first_use: ast.stmt | None = None
    future: bool = False
    created: bool = False
    line_end: str = "\n"
    one_a_line: bool = False

    @property
    def is_changed(self) -> bool:
        return bool(self.code) or FileRewrite.is_changed.fget(self)  # type: ignore[attr-defined]

    def edit(self) -> Edit | None:
        if not self.created:
            return FileRewrite.edit(self)
        text = self._new_file()
        count = sum(site.status == "resolved" for site in self.sites.values())
        return Edit(self.module.path, None, text.replace("\n", self.line_end).encode(), count)

    def place(self) -> int:
        """Return the byte offset at which the moved lines go."""
        if self.first_use is not None:
            return self._start_with_comments(self.first_use)
        for statement in self.module.source.tree.body:
            if _is_main_guard(statement):
                return self._start_with_comments(statement)
        return len(self.module.source.content)

    def all_splices(self) -> list[Splice]:
        splices = FileRewrite.all_splices(self)
        if not self.code:
            return splices
        place, line_end = self.place(), newline(self.module)
        above = "".join(text for start, end, text in splices if start == end == place)
        others = [each for each in splices if not each[0] == each[1] == place]
        code = self.code.replace("\r\n", "\n").replace("\r", "\n")
        text = self._surrounded(place, above.replace(line_end, "\n"), code)
        return [*others, (place, place, text.replace("\n", line_end))]

    def _surrounded(self, place: int, imports: str, code: str) -> str:
        """Return the lines with the blank ones around them that a formatter wants."""
        content = self.module.source.content
        before = content[:place]
        body = self.module.source.tree.body
        text = ""
        if before and not before.endswith((b"\n", b"\r")):
            text += "\n"
        blanks = above = 0 if text else _blank_lines(before)
        previous = [each for each in body if self.module.source.end(each) <= place]
        if imports:
            text += imports.rstrip("\n") + "\n"
            blanks = 0
        if previous or imports or self._has_docstring():
            wanted = self._distance(previous[-1] if previous and not imports else None)
            text += "\n" * max(0, wanted - blanks)
        following = [each for each in body if self.module.source.start(each) >= place]
        return text + code + ("\n" * max(above, self._distance(following[0])) if following else "")

    def _distance(self, neighbour: ast.stmt | None) -> int:
        """Return how many blank lines stand between the moved lines and a statement."""
        if self.module.path.endswith(".pyi"):
            return 1 if isinstance(neighbour, ast.ClassDef) else 0 if isinstance(neighbour, _KINDS) else 1
        return 2 if self.is_block or isinstance(neighbour, _KINDS) else 1

    def _has_docstring(self) -> bool:
        return ast.get_docstring(self.module.source.tree, clean=False) is not None

    def _start_with_comments(self, statement: ast.stmt) -> int:
        content, starts = self.module.source.content, self.module.source.line_starts
        line = first_line(statement)
        while line > 1 and _COMMENT_LINE.match(content, starts[line - 2]):
            line -= 1
        return starts[line - 1]

    def _new_file(self) -> str:
        future = [ImportStatement("__future__", "annotations")] if self.future else []
        typing = [ImportStatement("typing", "TYPE_CHECKING")] if self.typing else []
        text = import_block(self.project, self.module, [*future, *self.top, *typing], self.one_a_line)
        if self.typing:
            block = import_block(self.project, self.module, self.typing, self.one_a_line)
            lines = [f"    {line}" if line else line for line in block.splitlines()]
            text += "\n".join(["", "if TYPE_CHECKING:", *lines, ""])
        code = self.code.replace("\r\n", "\n").replace("\r", "\n")
        return text + ("\n" * self._distance(None) if text else "") + code


def first_immediate_use(
    module: Module, names: Sequence[str], without: Sequence[Definition] = ()
) -> ast.stmt | None:
    """Return the first statement of a module that needs one of the names as soon as it is executed."""
    found: list[ast.stmt] = []
    for name in names:
        for node, scope in module.bindings.names.get(name, ()):
            owner = scope.lookup(name, node)
            is_text, _ = in_annotation(module, node)
            if owner is not module.scope or runs_later(scope) or is_text:
                continue
            if any(each.holds(node.lineno) for each in without):
                continue
            statement = module.bindings.statement_of(node)
            while (above := module.bindings.parents.get(statement)) is not module.source.tree:
                statement = module.bindings.statement_of(above) if above is not None else statement
            found.append(statement)
    return min(found, key=lambda each: each.lineno, default=None)


def check_defined_before(target: Module, names: Sequence[str], place: int) -> None:
    """Raise ParameterError if one of the target's own names is bound only below the place of the moved lines."""
    for name in names:
        bindings = target.scope.bindings.get(name, [])
        if bindings and target.source.offset(min(each.line for each in bindings), 0) >= place:
            raise ParameterError(
                f"{target.path}:{bindings[0].line} binds '{name}' only below the place where the code has to go."
                " Move that definition up first"
            )


def moved_text(definition: Definition, rewrites: Sequence[Splice]) -> str:
    """Return a definition's lines with names in them rewritten, ending with a line end."""
    source = definition.module.source
    start, end = definition.text
    inside = [each for each in rewrites if start <= each[0] and each[1] <= end]
    pieces, position = [], start
    for low, high, text in sorted(inside):
        pieces += [source.slice(position, low), text]
        position = high
    text = "".join([*pieces, source.slice(position, end)])
    return text if text.endswith(("\n", "\r")) else text + "\n"


def _is_main_guard(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.If) or not isinstance(statement.test, ast.Compare):
        return False
    sides = [statement.test.left, *statement.test.comparators]
    return any(last_name(each) == "__name__" for each in sides)


def _blank_lines(before: bytes) -> int:
    found = re.findall(rb"\r\n|\r|\n", before[len(before.rstrip()) :])
    # The first of them ends the last line that has something.
    return max(0, len(found) - bool(before.strip()))
