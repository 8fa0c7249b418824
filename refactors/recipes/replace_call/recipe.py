"""The recipe itself: reads pattern and template, and puts the edits of all files together."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_edits import ModuleName, named_elsewhere
from overhaul.refactors.import_needs import find_needs, is_builtin, parse_imports
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
from overhaul.refactors.recipes.replace_call.candidates import candidate_modules
from overhaul.refactors.recipes.replace_call.cases import CASES
from overhaul.refactors.recipes.replace_call.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.replace_call.matching import Match, Matcher
from overhaul.refactors.recipes.replace_call.pairing import OTHER_WAY
from overhaul.refactors.recipes.replace_call.pattern import CallPattern, match_call, parse_pattern
from overhaul.refactors.recipes.replace_call.replacement import FileEdit, Replacement
from overhaul.refactors.recipes.replace_call.template import CallTemplate, parse_template
from overhaul.refactors.recipes.replace_call.unread_files import unread_calls
from overhaul.refactors.references import defined_name
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused, parse_source


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which calls to replace, by what, and what becomes of the imports."""

    pattern: str = parameter(
        "the call, by its function's qualified name, with $X for one expression, $$$REST for any arguments,"
        " $*ARGS for those by position and $**KEYWORDS for those by keyword: os.path.join($A, $B)"
    )
    template: str = parameter(
        "the expression that replaces it, with the same $X and $$$REST: pathlib.Path($A) / $B"
    )
    imports: tuple[str, ...] = parameter(
        "import statements that the template needs, unless its names begin with a module of the tree or of the"
        " standard library: 'from x import y'",
        default=(),
    )
    unused_imports: Literal["remove", "keep"] = parameter(
        "what becomes of an import that only the replaced calls used", default="remove"
    )
    unknown_receivers: Literal["report", "replace"] = parameter(
        "for a pattern such as $X.method(...): report the calls, since the type of $X is unknown, or replace them",
        default="report",
    )
    receiver: str = parameter(
        "for such a pattern: the class whose instances are meant, by its qualified name; calls on others stay",
        default="",
    )


class ReplaceCall(Recipe):
    id = "replace-call"
    summary = "Replace calls that match a pattern by another expression, with the imports that it needs"
    Parameters = Parameters
    independent_edits = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    def analyse(self, tree: Tree) -> Analysis:
        """Find the calls by what their names mean, and replace those whose arguments stay evaluated alike.

        Names, constants and attributes of names are taken to have no side effects; any other argument must be
        evaluated exactly once, in the same order as before.
        """
        project = Project(tree)
        pattern = parse_pattern(self.parameters.pattern)
        template = parse_template(self.parameters.template, pattern.one, pattern.rest)
        statements = parse_imports(self.parameters.imports)
        needs = find_needs((text for _, text in template.names()), statements, project)
        if self.parameters.receiver and (pattern.method is None or pattern.has_known_receiver):
            raise ParameterError(
                "receiver is for a pattern that calls a method on a metavariable, such as '$X.method(...)'."
            )
        matcher = Matcher(
            project, pattern, self.parameters.unknown_receivers == "replace", self.parameters.receiver
        )
        meant = {need.text for need in needs if defined_name(project, need.qualified) in matcher.names}
        if (
            pattern.callee
            and is_builtin(pattern.callee)
            and pattern.callee not in {need.text for need in needs}
        ):
            meant.add(pattern.callee)
        matcher.kept_positions = _refuse_loop(pattern, template, meant)
        named = {need.text.partition(".")[0] for need in needs}
        replacement = Replacement(
            template,
            needs,
            [statement for statement in statements if statement.local_name not in named],
            self.parameters.unused_imports == "remove",
        )
        with collector_paused():
            files = [_examine(project, module, matcher, replacement) for module in candidate_modules(matcher)]
            removable = {(each.module.name, name.name) for each in files for name in each.edit.removable()}
            kept = named_elsewhere(project, removable)
            for each in files:
                each.finish(kept)
        outcomes = [each.outcome for each in files]
        unread = unread_calls(matcher, pattern.callee or f".{pattern.method}")
        failures = [each for each in outcomes if isinstance(each, Failure)]
        edits = [each for each in outcomes if isinstance(each, Edit)]
        return self.analysis(
            project, {*unread, *(site for each in files for site in each.sites)}, edits, failures
        )


@dataclass(slots=True)
class _File:
    """One file under analysis: its sites, and in the end its edit."""

    module: Module
    symbol: str
    edit: FileEdit
    sites: list[Site] = field(default_factory=list)
    outcome: Edit | Failure | None = None

    def add_site(self, node: ast.expr, status: SiteStatus, reason: str) -> None:
        line, column = self.module.source.position(self.module.source.start(node))
        self.sites.append(Site(self.module.path, line, column, self.symbol, status, reason))

    def finish(self, kept_imports: Collection[ModuleName]) -> None:
        """Put the edit together and check that it parses."""
        if not self.edit.done:
            return
        self.outcome = outcome = self._edited(kept_imports)
        for match in self.edit.done:
            if isinstance(outcome, Edit):
                self.add_site(match.call, "resolved", f"calls {self.symbol}")
            else:
                self.add_site(match.call, "unresolved", outcome.error)

    def _edited(self, kept_imports: Collection[ModuleName]) -> Edit | Failure:
        path, source = self.module.path, self.module.source
        try:
            content = self.edit.content(kept_imports)
        except UnicodeEncodeError:
            return Failure(path, f"its encoding, {source.encoding}, has not all characters of the template")
        parsed = parse_source(path, content)
        if isinstance(parsed, Failure):
            return Failure(path, f"is left as it is, because the edited file {parsed.error}")
        return Edit(path, content_hash(source.content), content, len(self.edit.done))


def _examine(project: Project, module: Module, matcher: Matcher, replacement: Replacement) -> _File:
    symbol = matcher.pattern.callee or f".{matcher.pattern.method}"
    file = _File(module, symbol, FileEdit(project, module, replacement))
    matches = []
    for found in matcher.find(module):
        if isinstance(found, Match):
            matches.append(found)
        else:
            file.add_site(found.node, "unresolved", found.doubt.reason)
    file.edit.replace(matches)
    for match, doubt in file.edit.doubts:
        file.add_site(match.call, "unresolved", doubt.reason)
    return file


def _refuse_loop(pattern: CallPattern, template: CallTemplate, meant: Collection[str]) -> frozenset[int]:
    """Refuse a template that the pattern matches again.

    `meant` are its names for the pattern's function. Return how many arguments it passes by position where that is
    all that keeps it from being matched.
    """
    positions: set[int] = set()
    for call in ast.walk(template.tree):
        if not isinstance(call, ast.Call):
            continue
        is_meant = isinstance(call.func, ast.Attribute) and call.func.attr == pattern.method
        if not is_meant and ast.unparse(call.func) not in meant:
            continue
        found = match_call(pattern, call, lambda _expected, _actual: True)
        if found == Doubt(OTHER_WAY):
            positions.add(len(call.args))
        elif found is not None:
            raise ParameterError(
                "the template matches the pattern itself, so that each run would replace it again."
            )
    return frozenset(positions)
