"""What a rename has found so far: sites with their proofs, and the splices of the resolved ones."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from overhaul.refactors.name_tokens import Span, name_span, string_span
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit, Site, content_hash
from overhaul.refactors.text import decode, splice


@dataclass(frozen=True, slots=True)
class Usage:
    """A proved use of the symbol: its node where it has one of its own (an alias, a name, a string), and its bytes."""

    module: Module
    span: Span
    node: ast.AST | None
    reason: str


@dataclass(slots=True)
class Findings:
    """Sites by place. A place that is resolved stays so, whatever else is said of it."""

    project: Project
    symbol: str
    old: str
    new: str
    sites: dict[tuple[str, int, str], Site] = field(default_factory=dict)
    splices: dict[str, dict[Span, str]] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)
    notes: list[Site] = field(default_factory=list)
    usages: dict[tuple[str, Span], Usage] = field(default_factory=dict)

    def rename(self, module: Module, node: ast.AST, reason: str, new: str | None = None) -> None:
        """Rename the name that a node carries."""
        span = name_span(module.bindings, node, self.old)
        if span is None:
            self.leave(module, node, f"{reason}, but the name is not written there as it is")
        else:
            self.replace(module, span, self.new if new is None else new, reason, node)

    def rename_string(self, module: Module, constant: ast.Constant, reason: str, start: int = 0) -> None:
        """Rename the name in a string, `start` characters from its beginning."""
        span = string_span(module.source, constant, start, len(self.old))
        if span is None:
            self.leave(module, constant, f"{reason}, not written as it is")
        else:
            self.replace(module, span, self.new, reason, constant)

    def replace(
        self, module: Module, span: Span, replacement: str, reason: str, node: ast.AST | None = None
    ) -> None:
        """Replace a span of a Python file; `node` is the import, name or string that it is in."""
        line, column = module.source.position(span[0])
        self.usages[module.path, span] = Usage(module, span, node, reason)
        self.put(module.path, span, replacement, line, column, reason)

    def put(self, path: str, span: Span, replacement: str, line: int, column: int, reason: str) -> None:
        """Replace a span of any file, at a known position."""
        self.splices.setdefault(path, {})[span] = replacement
        self.sites[path, span[0], "resolved"] = Site(path, line, column, self.symbol, "resolved", reason)
        self.sites.pop((path, span[0], "unresolved"), None)

    def leave(self, module: Module, node: ast.AST, reason: str) -> None:
        """Report a place that may mean the symbol."""
        span = name_span(module.bindings, node, self.old)
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        self.leave_at(module, span[0] if span else module.source.offset(line, column), reason)

    def leave_at(self, module: Module, offset: int, reason: str) -> None:
        """Report a place of a Python file by its offset."""
        line, column = module.source.position(offset)
        self.leave_in(module.path, offset, line, column, reason)

    def leave_in(self, path: str, offset: int, line: int, column: int, reason: str) -> None:
        """Report a place of any file."""
        if (path, offset, "resolved") not in self.sites:
            self.sites[path, offset, "unresolved"] = Site(
                path, line, column, self.symbol, "unresolved", reason
            )

    def note(self, module: Module, node: ast.AST, reason: str) -> None:
        """Report what an edit cannot keep, beside the edit itself."""
        span = name_span(module.bindings, node, self.old)
        start = (
            span[0]
            if span
            else module.source.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        )
        line, column = module.source.position(start)
        site = Site(module.path, line, column, self.symbol, "unresolved", reason)
        if site not in self.notes:
            self.notes.append(site)

    def is_resolved(self, path: str, offset: int) -> bool:
        return (path, offset, "resolved") in self.sites

    def all_sites(self) -> list[Site]:
        """Return every site, by path, line and column."""
        return sorted(
            [*self.sites.values(), *self.notes],
            key=lambda site: (site.path, site.line, site.column, site.status),
        )

    def edits(self) -> list[Edit]:
        """Return the new content of every file that changes or moves."""
        return [self._edit(path) for path in sorted({*self.splices, *self.moves})]

    def _edit(self, path: str) -> Edit:
        content = self.project.tree.read(path)
        encoding = "utf-8"
        if path.endswith((".py", ".pyi")) and path in self.splices:
            encoding = decode(content)[1]
        replaced = splice(
            content, [(*span, text) for span, text in self.splices.get(path, {}).items()], encoding
        )
        count = sum(key[0] == path and key[2] == "resolved" for key in self.sites)
        return Edit(path, content_hash(content), replaced, count, self.moves.get(path))
