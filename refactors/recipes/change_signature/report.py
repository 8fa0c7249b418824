"""The sites of a change: what is edited, what is left, and what is worth a look beside an edit."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipe import Site, SiteStatus

# What the search for uses, which is a rename's, says of sites that mean something else here.
_REWORDED = {
    "; -p strings=yes edits it": "; what it stands for may be called, or replaced by something with the old parameters",
    "documentation; -p docs=yes edits it": "documentation that calls it with the old parameters",
    "nothing of this family is renamed": "nothing of this family is changed",
}


@dataclass(slots=True)
class Report:
    """Sites by place; a place has one resolved site at most, and each reason once."""

    symbol: str
    sites: dict[tuple[str, int, int, str], Site] = field(default_factory=dict)
    _done: set[tuple[str, int, int]] = field(default_factory=set)

    def edited(self, module: Module, node: ast.AST, reason: str) -> None:
        """Note a resolved site."""
        self._add(module, node, "resolved", reason)

    def edited_at(self, module: Module, offset: int, reason: str) -> None:
        """Note a resolved site by its offset."""
        line, column = module.source.position(offset)
        self._put(Site(module.path, line, column, self.symbol, "resolved", reason))

    def leave(self, module: Module, node: ast.AST, reason: str) -> None:
        """Report a place that is not edited and may have to be."""
        self._add(module, node, "unresolved", reason)

    def note(self, module: Module, node: ast.AST, reason: str) -> None:
        """Report what else may depend on a place that is edited."""
        self._add(module, node, "unresolved", reason)

    def leave_at(self, module: Module, offset: int, reason: str) -> None:
        """Report a place by its offset."""
        line, column = module.source.position(offset)
        self._put(Site(module.path, line, column, self.symbol, "unresolved", reason))

    def take_over(self, site: Site) -> None:
        """Add a site that another search has found."""
        if site.status == "unresolved" and (site.path, site.line, site.column) in self._done:
            return
        reason = site.reason
        for theirs, ours in _REWORDED.items():
            reason = reason.replace(theirs, ours)
        self._put(Site(site.path, site.line, site.column, self.symbol, site.status, reason))

    def ordered(self) -> list[Site]:
        """Return the sites by path, line and column."""
        return sorted(
            self.sites.values(),
            key=lambda site: (site.path, site.line, site.column, site.status, site.reason),
        )

    def count(self, path: str) -> int:
        """Return the number of resolved sites of a file."""
        return sum(site.path == path and site.status == "resolved" for site in self.sites.values())

    def _add(self, module: Module, node: ast.AST, status: SiteStatus, reason: str) -> None:
        name = getattr(node, "name", None) or getattr(node, "attr", None)
        span = name_span(module.bindings, node, name) if isinstance(name, str) else None
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        offset = span[0] if span is not None else module.source.offset(line, column)
        self._put(Site(module.path, *module.source.position(offset), self.symbol, status, reason))

    def _put(self, site: Site) -> None:
        place = (site.path, site.line, site.column)
        if site.status == "resolved":
            if place in self._done:
                return
            self._done.add(place)
        self.sites[(*place, site.status + site.reason)] = site
