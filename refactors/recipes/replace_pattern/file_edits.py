"""The places of one file, replaced or reported, with the imports that come and go."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.import_edits import ModuleName, exchanged_imports, removable_imports
from overhaul.refactors.import_needs import ImportStatement, Need, local_name, out_of_module, runs_later
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Edit, Failure, Site, SiteStatus, content_hash
from overhaul.refactors.recipes.replace_call.metavariables import metavariable, metavariables
from overhaul.refactors.recipes.replace_pattern.conditions import Condition
from overhaul.refactors.recipes.replace_pattern.replacement import Replacement, Writer
from overhaul.refactors.recipes.replace_pattern.searching import Found, find_places
from overhaul.refactors.recipes.replace_pattern.structure import Pattern
from overhaul.refactors.scopes import Binding
from overhaul.refactors.text import parse_source
from overhaul.refactors.unused_imports import unused_without


@dataclass(frozen=True)
class Change:
    """What the recipe puts in place, the same for all files."""

    replacement: Replacement
    needs: Sequence[Need]
    removes_imports: bool


@dataclass(frozen=True, slots=True)
class _LocalNames:
    """How a place calls the replacement's names, with the imports that are missing and those that are used."""

    texts: dict[str, str]
    missing: set[ImportStatement]
    used: set[ast.AST]


@dataclass(eq=False)
class FileEdits:
    """One file under analysis: its sites, and in the end its edit."""

    project: Project
    module: Module
    pattern: Pattern
    change: Change | None
    sites: list[Site] = field(default_factory=list)
    done: list[Found] = field(default_factory=list)
    _imports: set[ImportStatement] = field(default_factory=set)
    _imported_before: list[int] = field(default_factory=list)
    _kept: set[ast.AST] = field(default_factory=set)
    _writer: Writer | None = None

    def examine(self, conditions: Sequence[Condition], report: str) -> None:
        """Find the places, and replace or report each."""
        places = list(self._places(conditions))
        if self.change is None:
            for each in _outermost(places):
                is_any = metavariable(self.pattern.nodes[0]) is not None
                symbol = ast.unparse(each.nodes[0]) if is_any else ""  # `$X` alone says nothing
                self._site(each.start, "unresolved", report, symbol)
            return
        self._writer = Writer(self.module, self.change.replacement)
        for each in sorted(places, key=lambda found: (found.end - found.start, found.start)):
            doubt = self._overlap_doubt(each, places) or self._replace(each, self._writer)
            if doubt is not None:
                self._site(each.start, "unresolved", doubt.reason)
            else:
                self.done.append(each)

    def _overlap_doubt(self, found: Found, places: Sequence[Found]) -> Doubt | None:
        around = [each for each in places if each is not found and _is_around(each, found)]
        if any(not each.is_kept(found) for each in around):
            return Doubt("it is part of a place that is replaced as a whole")
        if any(
            _overlap(each, found) and not _is_around(each, found) and not _is_around(found, each)
            for each in self.done
        ):
            return Doubt("it shares statements with another place")
        return None

    def _replace(self, found: Found, writer: Writer) -> Doubt | None:
        """Replace a place and note the imports that it needs, or say why it stays."""
        names = self._local_names(found)
        if isinstance(names, Doubt):
            return names
        doubt = writer.write(found, names.texts)
        if doubt is not None:
            return doubt
        node = found.nodes[0]
        if names.missing and not runs_later(self.module.bindings.scope_of(node)):
            self._imported_before.append(self.module.source.start(self.module.bindings.statement_of(node)))
        self._imports |= names.missing
        self._kept |= names.used
        return None

    def _places(self, conditions: Sequence[Condition]) -> list[Found]:
        places = []
        for found in find_places(self.pattern, self.module):
            verdicts = [condition.judge(found) for condition in conditions]
            doubt = next((each for each in verdicts if isinstance(each, Doubt)), None)
            if False in verdicts:
                continue
            if doubt is not None:
                self._site(found.start, "unresolved", doubt.reason)
            else:
                places.append(found)
        return places

    def _site(self, offset: int, status: SiteStatus, reason: str, symbol: str = "") -> None:
        line, column = self.module.source.position(offset)
        symbol = symbol or self.pattern.first_line
        self.sites.append(Site(self.module.path, line, column, symbol, status, reason))

    def _local_names(self, found: Found) -> _LocalNames | Doubt:
        """Return how this place calls the replacement's names."""
        names = _LocalNames({}, set(), set())
        node = found.nodes[0]
        scope = self.module.bindings.scope_of(node)
        for need in self.change.needs if self.change else ():
            wanted = need
            known = local_name(self.module, scope, node.lineno, need)
            if isinstance(known, Doubt):
                wanted = out_of_module(need) or need
                known = local_name(self.module, scope, node.lineno, wanted)
            if isinstance(known, Doubt):
                return known
            names.texts[need.text] = known.text if known else wanted.text
            if known is None:
                names.missing.add(wanted.statement)
            elif known.binding is not None:
                names.used.add(known.binding.node)
        return names

    def removable(self) -> list[Binding]:
        """Return the imports that the file itself no longer needs."""
        if not self.done or self.change is None or not self.change.removes_imports:
            return []
        replaced = [
            (node, self.module.bindings.scope_of(node))
            for each in self.done
            for node in _gone_names(each, self.change.replacement)
        ]
        return removable_imports(self.module, unused_without(self.module, replaced, self._kept))

    def outcome(self, kept_imports: Collection[ModuleName]) -> Edit | Failure | None:
        """Put the edit together and check that it parses."""
        if not self.done or self._writer is None:
            return None
        made = self._edited(self._writer, kept_imports)
        for each in self.done:
            if isinstance(made, Edit):
                self._site(each.start, "resolved", "has the structure, and all conditions are true")
            else:
                self._site(each.start, "unresolved", made.error)
        return made

    def _edited(self, writer: Writer, kept_imports: Collection[ModuleName]) -> Edit | Failure:
        path, source = self.module.path, self.module.source
        before = min(self._imported_before, default=len(source.content))
        unused = [each for each in self.removable() if (self.module.name, each.name) not in kept_imports]
        changes = exchanged_imports(self.project, self.module, self._imports, unused, before)
        splices = writer.edits.outermost(0, len(source.content))
        try:
            content = source.splice([*splices, *changes])
        except UnicodeEncodeError:
            return Failure(
                path, f"its encoding, {source.encoding}, has not all characters of the replacement"
            )
        parsed = parse_source(path, content)
        if isinstance(parsed, Failure):
            return Failure(path, f"is left as it is, because the edited file {parsed.error}")
        return Edit(path, content_hash(source.content), content, len(self.done))


def _gone_names(found: Found, replacement: Replacement) -> list[ast.Name]:
    """Return the names of a place that the replacement has not, and that are not in what it takes over."""
    one, rest = metavariables(replacement.tree)
    captures = found.captures
    kept: list[ast.AST] = [node for name, node in captures.one.items() if name in one]
    kept += [node for name, nodes in captures.rest.items() if name in rest for node in nodes]
    kept += [node for name, nodes in captures.blocks.items() if name in rest for node in nodes]
    inside = {node for each in kept for node in ast.walk(each)}
    words = {text.partition(".")[0] for text in replacement.names}
    names = [node for root in found.nodes for node in ast.walk(root) if isinstance(node, ast.Name)]
    return [node for node in names if node not in inside and node.id not in words]


def _outermost(places: Sequence[Found]) -> list[Found]:
    return [
        each for each in places if not any(_is_around(other, each) for other in places if other is not each)
    ]


def _is_around(outer: Found, inner: Found) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end
