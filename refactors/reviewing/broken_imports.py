"""Imports that resolved at base and do not at head, and new ones of names that a module has not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from overhaul.refactors.facts.record import CONDITIONAL, FOR_TYPES, IN_FUNCTION, ImportFact
from overhaul.refactors.graph.imports import UnresolvedImport, import_location
from overhaul.refactors.modules import Location
from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.changed_lines import Citation
from overhaul.refactors.reviewing.trees import Trees, TreeSide, places_text

# What gives a module names that no statement of it binds.
_MAKES_NAMES = (b"globals()", b"sys.modules", b"setattr(", b"__import__")


def broken_imports(trees: Trees) -> Iterator[Finding]:
    """Yield one finding for each name or module that is gone, with everybody who still imports it."""
    causes: dict[tuple[Citation, str], list[tuple[str, int, bool]]] = defaultdict(list)
    known = {(row.path, row.text) for row in trees.base.imports.unresolved}
    for row in trees.head.imports.unresolved:
        if (trees.old_path(row.path), row.text) in known:
            continue
        fact = _fact_of(trees.head, row)
        if fact is None or fact.flags & (FOR_TYPES | CONDITIONAL):
            continue
        found = _removal(trees, row, fact) or _never_there(trees, row, fact)
        if found is not None:
            causes[found].append((row.path, row.line, bool(fact.flags & IN_FUNCTION)))
    for (cite, what), uses in causes.items():
        places = [(path, line) for path, line, _ in uses]
        deferred = all(later for _, _, later in uses)
        when = "when the function around it runs" if deferred else "when the module is loaded"
        yield Finding(
            f"`{what}` is imported but does not exist",
            f"`{what}` is imported at {places_text(places)}, and nothing defines it now: ImportError {when}.",
            1 if deferred else 0, cite.path, cite.first_line, cite.last_line, side=cite.side, proved_by="rule",
            proof=f"the import graph of the changed tree has no `{what}`",
        )  # fmt: skip


def _fact_of(side: TreeSide, row: UnresolvedImport) -> ImportFact | None:
    """The import statement's part that a row is about; None in a notebook, whose lines are none of the file's."""
    if row.path.endswith(".ipynb"):
        return None
    for fact in side.facts[row.path].imports:
        text = "." * fact.level + fact.module
        if fact.line == row.line and row.text in (text, f"{text}: {fact.name}"):
            return fact
    return None


def _removal(trees: Trees, row: UnresolvedImport, fact: ImportFact) -> tuple[Citation, str] | None:
    """What the change took away of what the import names."""
    base = trees.base
    importer = trees.old_path(row.path)
    location = import_location(base.table, importer, fact)
    if location is None or not location.paths:
        return None
    what = _shown(fact, row)
    if ": " not in row.text:  # the module itself
        cite = trees.lines.cite_removal(location.paths[0], 1)
        return (cite, what) if cite else None
    for path, line in _definitions(base, location, fact.name):
        if cite := trees.lines.cite_removal(path, line):
            return cite, what
    return None


def _definitions(side: TreeSide, location: Location, name: str) -> Iterator[tuple[str, int]]:
    """Where a module's name is bound: by a definition, an import, or as a submodule."""
    for path in location.paths:
        facts = side.facts.get(path)
        if facts is None:
            continue
        yield from ((path, each.line) for each in facts.definitions if each.qualified == name)
        yield from ((path, each.line) for each in facts.imports if each.bound == name)
    submodule = side.table.submodule(location, name)
    if submodule is not None and submodule.paths:
        yield submodule.paths[0], 1


def _never_there(trees: Trees, row: UnresolvedImport, fact: ImportFact) -> tuple[Citation, str] | None:
    """A new import of what a module has not: not of a package, whose missing names may be compiled modules."""
    cite = trees.lines.cite(row.path, row.line, row.line)
    location = import_location(trees.head.table, row.path, fact)
    if cite is None or location is None or location.is_package or ": " not in row.text:
        return None
    for path in location.paths:
        if any(mark in trees.head.tree.read(path) for mark in _MAKES_NAMES):
            return None
    return cite, _shown(fact, row)


def _shown(fact: ImportFact, row: UnresolvedImport) -> str:
    module = "." * fact.level + fact.module
    if ": " not in row.text:
        return module
    return f"{module}{'' if module.endswith('.') else '.'}{fact.name}"
