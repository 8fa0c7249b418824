"""The edit of one file whose imports change their source: names taken out of statements, new ones put beside them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.annotations import last_name
from overhaul.refactors.import_edits import added_imports, removed_imports, without_double_blanks
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.import_text import import_text, newline, section_of
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit, Site, content_hash
from overhaul.refactors.scopes import Binding
from overhaul.refactors.text import Splice

Import = ast.Import | ast.ImportFrom


@dataclass(slots=True)
class FileRewrite:
    """Collects what changes in a file. `symbol` is named by its sites."""

    project: Project
    module: Module
    symbol: str
    splices: dict[Span, str] = field(default_factory=dict)
    sites: dict[tuple[int, str], Site] = field(default_factory=dict)
    taken: dict[Import, dict[ast.alias, ImportStatement | None]] = field(default_factory=dict)
    beside: dict[Import, list[ImportStatement]] = field(default_factory=dict)
    top: set[ImportStatement] = field(default_factory=set)
    typing: set[ImportStatement] = field(default_factory=set)
    removed: list[Binding] = field(default_factory=list)
    before: int | None = None

    @property
    def is_changed(self) -> bool:
        return bool(self.splices or self.taken or self.beside or self.top or self.typing or self.removed)

    def replace(self, span: Span, text: str, reason: str) -> None:
        """Replace bytes of the file."""
        self.splices[span] = text
        self.resolve(span[0], reason)

    def resolve(self, offset: int, reason: str) -> None:
        """Note a proved site."""
        self.sites[offset, "resolved"] = self._site(offset, "resolved", reason)

    def leave(self, offset: int, reason: str) -> None:
        """Report a place that is not proved, or that an edit does not keep as it was."""
        self.sites[offset, reason] = self._site(offset, "unresolved", reason)

    def take(self, alias: ast.alias, instead: ImportStatement | None, reason: str) -> None:
        """Take a name out of its import; `instead` is imported at the same place."""
        statement = self.module.bindings.parents[alias]
        assert isinstance(statement, Import)  # noqa: S101 - only imports have aliases
        self.taken.setdefault(statement, {})[alias] = instead
        self.resolve(self.module.source.start(alias), reason)

    def import_beside(self, statement: Import, wanted: ImportStatement) -> None:
        """Import something in the block of another import."""
        if wanted not in self.beside.setdefault(statement, []):
            self.beside[statement].append(wanted)

    def import_on_top(self, wanted: Iterable[ImportStatement], before: int | None = None) -> None:
        """Import something at its place among the imports at the top, before a byte offset."""
        self.top |= set(wanted)
        if before is not None:
            self.before = before if self.before is None else min(before, self.before)

    def withdrawn(self, reason: str) -> FileRewrite:
        """Return what is left if the file cannot be edited: its sites, all of them reports."""
        left = FileRewrite(self.project, self.module, self.symbol)
        for (offset, _), site in self.sites.items():
            left.leave(offset, f"{site.reason}; {reason}" if site.status == "resolved" else site.reason)
        return left

    def edit(self) -> Edit | None:
        """Return the edit, or None if nothing changes. Raises UnicodeEncodeError."""
        if not self.is_changed:
            return None
        source = self.module.source
        content = source.splice(self.all_splices())
        count = sum(site.status == "resolved" for site in self.sites.values())
        return Edit(self.module.path, content_hash(source.content), content, count)

    def all_splices(self) -> list[Splice]:
        """Return every splice, those that whole lines bring along among them."""
        changes: list[Splice] = [(*span, text) for span, text in self.splices.items()]
        top = set(self.top)
        imports: list[Splice] = []
        for statement in dict.fromkeys([*self.taken, *self.beside]):
            imports += self._statement(statement, top)
        before = self.before if self.before is not None else _end_of_imports(self.module)
        typing = self._typing_block(top) if self.typing else []
        gone = {self.module.bindings.parents[each.node] for each in self.removed}
        imports += added_imports(self.project, self.module, top, before, {*self.taken, *gone})
        imports += typing
        imports += removed_imports(self.module, self.removed)
        lines = _united(_merge(imports))
        return _united([*changes, *without_double_blanks(self.module.source.content, lines)])

    def _typing_block(self, top: set[ImportStatement]) -> list[Splice]:
        """Return the splice that imports for type checkers only: into the block that there is, or a new one."""
        source, line_end = self.module.source, newline(self.module)
        for block in source.tree.body:
            if isinstance(block, ast.If) and last_name(block.test) == "TYPE_CHECKING":
                first, last = block.body[0], block.body[-1]
                indent = source.slice(source.line_starts[first.lineno - 1], source.start(first))
                if not indent.strip() and not self._shares_line(last):
                    text = "".join(f"{indent}{each}{line_end}" for each in _grouped(self.typing, line_end))
                    end = _line_end(self.module, last)
                    return [(end, end, text)]
        top.add(ImportStatement("typing", "TYPE_CHECKING"))
        end = _end_of_imports(self.module)
        imports = [each for each in source.tree.body if isinstance(each, Import) and source.end(each) <= end]
        lines = "".join(f"    {each}{line_end}" for each in _grouped(self.typing, line_end))
        text = f"if TYPE_CHECKING:{line_end}{lines}"
        if imports:
            end = _line_end(self.module, imports[-1])
            return [(end, end, line_end + text)]
        return [(end, end, text + line_end)]

    def _statement(self, statement: Import, top: set[ImportStatement]) -> list[Splice]:
        taken = self.taken.get(statement, {})
        instead = [each for each in taken.values() if each is not None]
        beside = [each for each in self.beside.get(statement, []) if each not in instead]
        kept = [alias for alias in statement.names if alias not in taken]
        if taken and not kept and instead and not beside:
            swapped = self._swapped(statement, taken)
            if swapped is not None:
                return swapped
        wanted = [*instead, *beside]
        is_replaced = bool(taken) and not kept and bool(wanted)
        if is_replaced and (self._is_only_import(statement) or self._has_comment(statement)):
            return self._replaced(statement, wanted)
        if self._is_sorted_block(statement):
            top |= set(wanted)
            wanted = []
        if taken and not kept:
            return self._replaced(statement, wanted)
        bindings = [Binding(_bound(alias), alias, self.module.scope) for alias in taken]
        splices = removed_imports(self.module, bindings)
        if taken and not splices:  # a comment stands between the names
            splices = self._rewritten(statement, kept)
        if wanted:
            splices.append(self._before(statement, wanted))
        return splices

    def _swapped(
        self, statement: Import, taken: dict[ast.alias, ImportStatement | None]
    ) -> list[Splice] | None:
        """Change only what differs, if the statement as a whole comes from one other module and fits its place."""
        instead = [taken[alias] for alias in statement.names]
        modules = {each.module for each in instead if each is not None}
        if len(modules) != 1 or None in instead or not isinstance(statement, ast.ImportFrom):
            return None
        if not self._stays_sorted(statement, next(iter(modules))):
            return None
        source = self.module.source
        start = source.start(statement)
        match = re.compile(
            rb"from([ \t\\\r\n]*)(\.[.\s\\]*(?!import\b)\w[\w.]*|\.(?:[\s\\]*\.)*|[\w.]+(?:\s*\.\s*\w+)*)"
        ).match(source.content, start)
        if match is None:
            return None
        gap = match[1].decode() or " "
        splices: list[Splice] = [(start, match.end(), f"from{gap}{next(iter(modules))}")]
        for alias, new in zip(statement.names, instead, strict=True):
            if new is None or (new.name, new.alias) != (alias.name, alias.asname):
                text = f"{new.name} as {new.alias}" if new and new.alias else str(new.name if new else "")
                splices.append((source.start(alias), source.end(alias), text))
        return splices

    def _stays_sorted(self, statement: ast.ImportFrom, module: str) -> bool:
        """Tell whether a statement may stay where it is: in order with its neighbours, none of them of the module."""
        if not self._is_sorted_block(statement) or self._is_only_import(statement):
            return True
        old = "." * statement.level + (statement.module or "")
        was, now = (section_of(self.project, self.module, each) for each in (old, module))
        if was != now:
            return self._has_comment(statement)
        body = self.module.source.tree.body
        same = [
            each
            for each in body
            if isinstance(each, ast.ImportFrom)
            and each is not statement
            and "." * each.level + (each.module or "") == module
        ]
        if same or any(module == each.module for each in self.top):
            return False
        index = body.index(statement)
        for neighbour, sign in ((body[index - 1] if index else None, 1), (_get(body, index + 1), -1)):
            if isinstance(neighbour, ast.ImportFrom):
                text = "." * neighbour.level + (neighbour.module or "")
                before, after = _compare(old, text) * sign, _compare(module, text) * sign
                if before >= 0 > after:
                    return self._has_comment(statement)
        return True

    def _is_only_import(self, statement: Import) -> bool:
        imports = [each for each in self.module.source.tree.body if isinstance(each, Import)]
        return imports == [statement]

    def _has_comment(self, statement: ast.stmt) -> bool:
        start = self.module.source.line_starts[statement.lineno - 1]
        return b"#" in self.module.source.content[start : _line_end(self.module, statement)]

    def _replaced(self, statement: Import, wanted: Sequence[ImportStatement]) -> list[Splice]:
        """Put other statements in the place of one."""
        source = self.module.source
        start, end = source.start(statement), source.end(statement)
        if wanted:
            return [(start, end, self._joined(statement, wanted))]
        block = self._block(statement)
        if len(block) == 1 and self.module.bindings.parents.get(statement) is not source.tree:
            return [(start, end, "pass")]
        if self._shares_line(statement):
            return [(start, end, "pass")]
        bindings = [Binding(_bound(alias), alias, self.module.scope) for alias in statement.names]
        return removed_imports(self.module, bindings)

    def _rewritten(self, statement: Import, kept: Sequence[ast.alias]) -> list[Splice]:
        source = self.module.source
        lines = [source.slice(source.start(alias), source.end(alias)) for alias in kept]
        if isinstance(statement, ast.Import):
            text = f"import {', '.join(lines)}"
        else:
            text = f"from {'.' * statement.level}{statement.module or ''} import {', '.join(lines)}"
        comments = re.findall(r"#[^\r\n]*", source.slice(source.start(statement), source.end(statement)))
        text += f"  {' '.join(comments)}" if comments else ""
        return [(source.start(statement), source.end(statement), text)]

    def _before(self, statement: Import, wanted: Sequence[ImportStatement]) -> Splice:
        start = self.module.source.start(statement)
        return start, start, self._joined(statement, wanted) + self._gap(statement)

    def _joined(self, statement: Import, wanted: Sequence[ImportStatement]) -> str:
        grouped: dict[str, list[ImportStatement]] = {}
        for each in wanted:
            grouped.setdefault(each.module if each.name else str(each), []).append(each)
        gap = self._gap(statement)
        return gap.join(
            import_text(each, newline(self.module) + gap.lstrip("\r\n; ")) for each in grouped.values()
        )

    def _gap(self, statement: Import) -> str:
        """Return what separates a statement from another put before it: a new line with its indentation, or `; `."""
        source = self.module.source
        line_start = source.line_starts[statement.lineno - 1]
        indent = source.slice(line_start, source.start(statement))
        return newline(self.module) + indent if not indent.strip(" \t\f") else "; "

    def _shares_line(self, statement: ast.stmt) -> bool:
        source = self.module.source
        after = source.content[source.end(statement) : _line_end(self.module, statement)].strip()
        before = source.content[source.line_starts[statement.lineno - 1] : source.start(statement)].strip()
        return bool(before) or (bool(after) and not after.startswith(b"#"))

    def _block(self, statement: ast.stmt) -> list[ast.stmt]:
        above = self.module.bindings.parents.get(statement)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(above, name, None)
            if isinstance(block, list) and statement in block:
                return block
        return [statement]

    def _is_sorted_block(self, statement: Import) -> bool:
        """Tell whether a statement is one of the imports at the top, with nothing else before it, on its own lines."""
        for each in self.module.source.tree.body:
            if each is statement:
                return not self._shares_line(statement)
            is_docstring = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
            if not isinstance(each, Import) and not is_docstring:
                return False
        return False

    def _site(self, offset: int, status: str, reason: str) -> Site:
        line, column = self.module.source.position(offset)
        return Site(self.module.path, line, column, self.symbol, status, reason)  # type: ignore[arg-type]


def _grouped(statements: Iterable[ImportStatement], line_end: str) -> list[str]:
    """Return the text of each import, those of one module as one."""
    grouped: dict[str, list[ImportStatement]] = {}
    for each in sorted(statements, key=str):
        grouped.setdefault(each.module if each.name else str(each), []).append(each)
    return [import_text(each, line_end + "    ") for each in grouped.values()]


def _line_end(module: Module, statement: ast.stmt) -> int:
    starts, line = module.source.line_starts, statement.end_lineno or statement.lineno
    return starts[line] if line < len(starts) else len(module.source.content)


def _get(body: Sequence[ast.stmt], index: int) -> ast.stmt | None:
    return body[index] if index < len(body) else None


def _compare(one: str, other: str) -> int:
    left, right = one.lower(), other.lower()
    return (left > right) - (left < right)


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _end_of_imports(module: Module) -> int:
    """Return where the first statement begins that is no import, so that new imports come before it."""
    for index, each in enumerate(module.source.tree.body):
        is_docstring = index == 0 and isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        if not isinstance(each, Import) and not is_docstring:
            first = min([each, *getattr(each, "decorator_list", [])], key=lambda node: node.lineno)
            return module.source.start(first)
    return len(module.source.content)


def _united(splices: Sequence[Splice]) -> list[Splice]:
    """Join removals that overlap: each may take the blank lines between them."""
    found: list[Splice] = []
    for start, end, text in sorted(splices):
        if found and start <= found[-1][1] and start < end and not text and not found[-1][2]:
            found[-1] = (found[-1][0], max(end, found[-1][1]), "")
        else:
            found.append((start, end, text))
    return found


def _merge(splices: Sequence[Splice]) -> list[Splice]:
    """Join removals and insertions that touch one place: what is put before a removed line comes first."""
    found: dict[tuple[int, int], str] = {}
    for start, end, text in splices:
        found[start, end] = found.get((start, end), "") + text
    return [(start, end, text) for (start, end), text in found.items()]
