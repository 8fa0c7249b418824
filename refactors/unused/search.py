"""All that nothing uses in a tree, or in what a removal has touched, and the edits that take it out."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from overhaul.refactors.annotations import last_name
from overhaul.refactors.project import Module, Project
from overhaul.refactors.rounds import Rounds
from overhaul.refactors.statement_removal import (
    one_a_line,
    removed_statements,
    united,
    without_names,
)
from overhaul.refactors.text import Splice
from overhaul.refactors.unused.definitions import Mentions, PrivateDefinitions, private_definitions
from overhaul.refactors.unused.finding import KINDS, Key, Kind, Unused, import_key
from overhaul.refactors.unused.imports import judged_imports, unused_imports
from overhaul.refactors.unused.variables import unused_variables

_MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Extent:
    """Where to look: in all files, or in some; for all names, or for some, as what was removed had them."""

    kinds: Collection[Kind] = KINDS
    paths: Sequence[str] | None = None
    names: Collection[str] | None = None


def find_unused(project: Project, extent: Extent) -> list[Unused]:
    """Return what nothing uses, by path and place, the doubtful with the doubts."""
    survey = _Survey(project, extent)
    found: list[Unused] = []
    for path in survey.paths:
        module = project.module(path)
        if module is None:
            continue
        if "imports" in extent.kinds and survey.is_near(path):
            found += judged_imports(project, module, extent.names)
        if "variables" in extent.kinds and survey.is_near(path):
            found += unused_variables(module, extent.names)
        if "definitions" in extent.kinds:
            found += survey.definitions.judged(module, private_definitions(module, survey.names))
    return sorted(found, key=lambda each: (each.module.path, each.offset))


@dataclass(slots=True)
class _Survey:
    """One pass over the files, which keeps those in which there is something to judge."""

    project: Project
    extent: Extent
    mentions: Mentions = field(default_factory=Mentions)
    paths: list[str] = field(default_factory=list)
    names: Collection[str] | None = None

    def __post_init__(self) -> None:
        self.names = self.extent.names
        found: set[str] = set()
        for path in self._all():
            module = self.project.passing(path)
            if module is None:
                continue
            if "definitions" in self.extent.kinds:
                self.mentions.add(module)
                if any(True for _ in private_definitions(module, self.names)):
                    found.add(path)
            if self.is_near(path) and self._has_more(module):
                found.add(path)
        self.paths = sorted(found)

    @property
    def definitions(self) -> PrivateDefinitions:
        return PrivateDefinitions(self.project, self.mentions)

    def is_near(self, path: str) -> bool:
        return self.extent.paths is None or path in self.extent.paths

    def _all(self) -> Iterable[str]:
        if self.extent.paths is None:
            return sorted(self.project.table.files)
        private = [name for name in self.names or () if name.startswith("_")]
        if not private or "definitions" not in self.extent.kinds:
            return self.extent.paths
        computed = self.project.paths_containing(
            ["getattr", "hasattr", "setattr", "attrgetter", "methodcaller"]
        )
        return sorted({*self.extent.paths, *self.project.paths_containing(private), *computed})

    def _has_more(self, module: Module) -> bool:
        imports = "imports" in self.extent.kinds and any(True for _ in unused_imports(module, self.names))
        return imports or (
            "variables" in self.extent.kinds and any(True for _ in unused_variables(module, self.names))
        )


def remove_unused(rounds: Rounds, extent: Extent, *, spare_old: bool = False) -> None:
    """Remove what nothing uses, and what then nothing uses any more.

    With `spare_old` imports and variables stay that nothing used in the tree as it was at first.
    """
    old: dict[str, set[Key]] = {}
    for _ in range(_MOST_ROUNDS):
        if spare_old:
            _learn(rounds.first, extent.paths or (), old)
        found = [
            each
            for each in find_unused(rounds.project, extent)
            if each.key not in old.get(each.module.path, ())
        ]
        names: set[str] = set()
        for module in {each.module.path: each.module for each in found}.values():
            names |= _remove(rounds, module, [each for each in found if each.module.path == module.path])
        if not names:
            return
        rounds.advance()
        extent = Extent(extent.kinds, rounds.changed, names)


def _learn(project: Project, paths: Iterable[str], old: dict[str, set[Key]]) -> None:
    """Take note of what nothing uses in some files."""
    for path in paths:
        module = project.module(path) if path not in old else None
        if module is not None:
            keys = {each.key for each in unused_variables(module)}
            old[path] = keys | {import_key(module, each) for each in unused_imports(module)}


def _remove(rounds: Rounds, module: Module, found: Sequence[Unused]) -> set[str]:
    """Edit one file, and return the words of what is gone from it."""
    going = [each for each in found if each.doubt is None]
    now = one_a_line(module, [each.statement for each in going if each.statement is not None])
    later = {each.name for each in going if each.statement is not None and each.statement not in now}
    going = [each for each in going if each.statement is None or each.statement in now]
    splices = removal_splices(module, going)
    is_edited = bool(splices) and rounds.edit(module, splices)
    for each in found:
        if each.doubt is not None:
            rounds.note(
                module,
                each.offset,
                each.symbol,
                "unresolved",
                f"{each.kind[:-1]} without a use: {each.doubt}",
            )
        elif is_edited and each in going:
            rounds.note(module, each.offset, each.symbol, "resolved", each.proof)
    return words_of(module, splices) | later if is_edited else set()


def words_of(module: Module, splices: Iterable[Splice]) -> set[str]:
    """Return the names that the code between the offsets of some splices has."""
    spans = [(start, end) for start, end, _ in splices if start < end]
    found: set[str] = set()
    for kind in (module.bindings.names, module.bindings.attributes):
        for name, uses in kind.items():
            for use, _ in uses:
                place = module.source.start(use)
                if any(start <= place < end for start, end in spans):
                    found.add(name)
                    break
    for attribute, uses in module.bindings.attributes.items():
        if any(start < module.source.end(use) <= end for use, _ in uses for start, end in spans):
            found.add(attribute)
    for statement, _ in module.bindings.imports:
        if any(start <= module.source.start(statement) < end for start, end in spans):
            found |= {part for alias in statement.names for part in alias.name.split(".")}
    return found


def removal_splices(module: Module, going: Sequence[Unused]) -> list[Splice]:
    """Return the splices that take out what some findings are about."""
    splices: list[Splice] = [splice for each in going if each.statement is None for splice in each.splices]
    statements: dict[ast.stmt, None] = {each.statement: None for each in going if each.statement is not None}
    by_import: dict[ast.Import | ast.ImportFrom, list[ast.alias]] = {}
    for each in going:
        if isinstance(each.node, ast.alias):
            statement = module.bindings.parents[each.node]
            assert isinstance(statement, ast.Import | ast.ImportFrom)  # noqa: S101 - the parent of an alias
            by_import.setdefault(statement, []).append(each.node)
    for statement, aliases in by_import.items():
        if len(aliases) == len(statement.names):
            statements[statement] = None
        else:
            splices += without_names(module, statement, aliases) or []
    _with_empty_blocks(module, statements)
    return united([*splices, *removed_statements(module, list(statements))])


def _with_empty_blocks(module: Module, statements: dict[ast.stmt, None]) -> None:
    """Let `if TYPE_CHECKING:` go with all that is in it."""
    for block in module.source.tree.body:
        is_for_types = isinstance(block, ast.If) and last_name(block.test) == "TYPE_CHECKING"
        if isinstance(block, ast.If) and is_for_types and not block.orelse:
            _let_go(block, statements)


def _let_go(block: ast.If, statements: dict[ast.stmt, None]) -> None:
    if all(each in statements for each in block.body):
        for each in block.body:
            del statements[each]
        statements[block] = None
