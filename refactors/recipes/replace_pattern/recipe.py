"""The recipe itself: finds the structure, asks the conditions, and puts the edits of all files together."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_edits import (
    ModuleName,
    exchanged_imports,
    named_elsewhere,
    removable_imports,
)
from overhaul.refactors.import_needs import (
    ImportStatement,
    Need,
    find_needs,
    local_name,
    out_of_module,
    parse_imports,
    runs_later,
)
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import (
    Analysis,
    Edit,
    Failure,
    Recipe,
    Site,
    SiteStatus,
    content_hash,
    parameter,
)
from overhaul.refactors.recipes.replace_call.metavariables import metavariable, metavariables
from overhaul.refactors.recipes.replace_pattern.cases import CASES
from overhaul.refactors.recipes.replace_pattern.conditions import Condition, parse_conditions, words_of
from overhaul.refactors.recipes.replace_pattern.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.replace_pattern.replacement import Replacement, Writer, parse_replacement
from overhaul.refactors.recipes.replace_pattern.searching import Found, candidate_modules, find_places
from overhaul.refactors.recipes.replace_pattern.structure import Pattern, match_nodes, parse_pattern
from overhaul.refactors.scopes import Binding
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused, parse_source
from overhaul.refactors.unused_imports import unused_without


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the code looks like, and what it becomes."""

    pattern: str = parameter(
        "an expression or statements, with $X for one expression, $...MANY for any arguments, elements or"
        " statements, $_ for any expression: $X == None"
    )
    replacement: str = parameter(
        "what takes its place, with the same metavariables: $X is None; nothing where places are only reported",
        default="",
    )
    where: tuple[str, ...] = parameter(
        "what must be true besides: '$F resolves to package.name' (or package.*), '$X is constant' (string, number,"
        " name, plain), '$X is an instance of package.Class', '$X is a class below package.Class', 'inside a class"
        " below package.Class', 'no class below package.Class defines name', 'nothing reads the attribute name',"
        " 'decorates a function of 2 parameters'",
        default=(),
    )
    imports: tuple[str, ...] = parameter(
        "import statements that the replacement needs, unless its names are the pattern's own or begin with a"
        " module of the tree or of the standard library",
        default=(),
    )
    unused_imports: Literal["remove", "keep"] = parameter(
        "what becomes of an import that only the replaced code used", default="remove"
    )
    report: str = parameter(
        "in place of a replacement: what is said of each place, which stays unresolved", default=""
    )


class ReplacePattern(Recipe):
    id = "replace-pattern"
    summary = "Replace or report code of a given structure: expressions, statements, with conditions"
    Parameters = Parameters
    independent_edits = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        pattern, replacement = (
            (text.strip().splitlines() or [""])[0]
            for text in (self.parameters.pattern, self.parameters.replacement)
        )
        return f"Replace {pattern} by {replacement}" if replacement else f"Report {pattern}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find the places by their structure; names are as they are spelt unless `where` says what they mean."""
        project = Project(tree)
        pattern = parse_pattern(self.parameters.pattern)
        conditions = parse_conditions(self.parameters.where, pattern, project)
        if bool(self.parameters.report) == bool(self.parameters.replacement.strip()):
            raise ParameterError("give a replacement, or in place of one what is to be reported.")
        change = None if self.parameters.report else self._change(pattern, project, conditions)
        with collector_paused():
            words = [*({word} for word in sorted(pattern.words)), *words_of(conditions)]
            files = []
            for module in candidate_modules(project, pattern, words):
                file = _File(project, module, pattern, change)
                file.examine(conditions, self.parameters.report)
                if file.sites or file.done:
                    files.append(file)
            removable = {(each.module.name, name.name) for each in files for name in each.removable()}
            kept = named_elsewhere(project, removable)
            outcomes = [each.outcome(kept) for each in files]
        return self.analysis(
            project,
            {site for each in files for site in each.sites},
            [each for each in outcomes if isinstance(each, Edit)],
            [each for each in outcomes if isinstance(each, Failure)],
        )

    def _change(self, pattern: Pattern, project: Project, conditions: Sequence[Condition]) -> _Change:
        replacement = parse_replacement(self.parameters.replacement, pattern)
        statements = parse_imports(self.parameters.imports)
        given = {each.local_name for each in statements}
        own = {
            node.id
            for root in pattern.nodes
            for node in ast.walk(root)
            if isinstance(node, ast.Name) and node.id not in given
        }
        wanted = [text for text in replacement.names if text.partition(".")[0] not in own]
        needs = find_needs(wanted, statements, project)
        _refuse_loop(pattern, replacement, conditions, {need.text: need.qualified for need in needs})
        return _Change(replacement, needs, self.parameters.unused_imports == "remove")


@dataclass(frozen=True)
class _Change:
    """What the recipe puts in place, the same for all files."""

    replacement: Replacement
    needs: Sequence[Need]
    removes_imports: bool


@dataclass(eq=False)
class _File:
    """One file under analysis: its sites, and in the end its edit."""

    project: Project
    module: Module
    pattern: Pattern
    change: _Change | None
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
        for each in sorted(places, key=lambda found: found.end - found.start):
            around = [other for other in places if other is not each and _overlap(other, each)]
            if any(not other.is_kept(each) for other in around if _is_around(other, each)):
                self._site(each.start, "unresolved", "it is part of a place that is replaced as a whole")
                continue
            names = self._local_names(each)
            doubt = names if isinstance(names, Doubt) else self._writer.write(each, names)
            if doubt is not None:
                self._site(each.start, "unresolved", doubt.reason)
            else:
                self.done.append(each)

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

    def _local_names(self, found: Found) -> dict[str, str] | Doubt:
        """Return how this place calls the replacement's names, and note the imports that it needs for them."""
        names: dict[str, str] = {}
        missing: set[ImportStatement] = set()
        used: set[ast.AST] = set()
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
            names[need.text] = known.text if known else wanted.text
            if known is None:
                missing.add(wanted.statement)
            elif known.binding is not None:
                used.add(known.binding.node)
        if missing and not runs_later(scope):
            self._imported_before.append(self.module.source.start(self.module.bindings.statement_of(node)))
        self._imports |= missing
        self._kept |= used
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


def _refuse_loop(
    pattern: Pattern, replacement: Replacement, conditions: Sequence[Condition], meant: Mapping[str, str]
) -> None:
    """Refuse a replacement that has the pattern's structure in it again; `meant` is what its names mean."""
    size = len(pattern.nodes)
    for node in ast.walk(replacement.tree):
        blocks = [[node]] if pattern.is_expression else [getattr(node, "body", [])]
        for block in blocks:
            for index in range(len(block) - size + 1 if isinstance(block, list) else 0):
                found = match_nodes(pattern, block[index : index + size])
                if found is not None and all(each.may_be_true(found, meant) for each in conditions):
                    raise ParameterError(
                        "the replacement has the pattern's structure itself, so that each run would replace it again."
                    )
