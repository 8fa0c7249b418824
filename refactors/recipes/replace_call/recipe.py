"""The recipe itself: reads pattern and template, and puts the edits of all files together."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError
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
from overhaul.refactors.recipes.replace_call.cases import CASES
from overhaul.refactors.recipes.replace_call.matching import Match, Matcher
from overhaul.refactors.recipes.replace_call.pattern import CallPattern, match_call, parse_pattern
from overhaul.refactors.recipes.replace_call.replacement import FileEdit, Replacement
from overhaul.refactors.recipes.replace_call.template import CallTemplate, parse_template
from overhaul.refactors.source import Tree
from overhaul.refactors.text import parse_source


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which calls to replace, by what, and what becomes of the imports."""

    pattern: str = parameter(
        "the call, by its function's qualified name, with $X for one expression and $$$REST for any arguments:"
        " os.path.join($A, $B)"
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


class ReplaceCall(Recipe):
    id = "replace-call"
    summary = "Replace calls that match a pattern by another expression, with the imports that it needs"
    Parameters = Parameters
    independent_edits = True
    cases = CASES

    def analyse(self, tree: Tree) -> Analysis:
        """Find the calls by what their names mean, and replace those whose arguments stay evaluated alike.

        Names, constants and attributes of names are taken to have no side effects; any other argument must be
        evaluated exactly once, in the same order as before.
        """
        project = Project(tree)
        pattern = parse_pattern(self.parameters.pattern)
        template = parse_template(self.parameters.template, pattern)
        statements = parse_imports(self.parameters.imports)
        needs = find_needs((text for _, text in template.names()), statements, project)
        matcher = Matcher(project, pattern, self.parameters.unknown_receivers == "replace")
        meant = {need.text for need in needs if need.qualified in matcher.names}
        if (
            pattern.callee
            and is_builtin(pattern.callee)
            and pattern.callee not in {need.text for need in needs}
        ):
            meant.add(pattern.callee)
        _refuse_loop(pattern, template, meant)
        named = {need.text.partition(".")[0] for need in needs}
        replacement = Replacement(
            template,
            needs,
            [statement for statement in statements if statement.local_name not in named],
            self.parameters.unused_imports == "remove",
        )
        sites: list[Site] = []
        outcomes: list[Edit | Failure] = []
        for module in project.containing(matcher.words):
            if module.path.endswith(".py"):
                found, outcome = _analyse_file(project, module, matcher, replacement)
                sites += found
                outcomes += [outcome] if outcome else []
        failures = [*project.failures.values(), *(each for each in outcomes if isinstance(each, Failure))]
        return Analysis(
            recipe=self.id,
            parameters=self.parameter_values,
            files_scanned=project.files_read,
            sites=sorted(set(sites), key=lambda site: (site.path, site.line, site.column, site.reason)),
            edits=sorted((each for each in outcomes if isinstance(each, Edit)), key=lambda edit: edit.path),
            failures=sorted(failures, key=lambda failure: failure.path),
        )


def _analyse_file(
    project: Project, module: Module, matcher: Matcher, replacement: Replacement
) -> tuple[list[Site], Edit | Failure | None]:
    symbol = matcher.pattern.callee or f".{matcher.pattern.method}"
    file_edit = FileEdit(project, module, replacement)
    matches, sites = [], []

    def site(node: ast.expr, status: SiteStatus, reason: str) -> Site:
        line, column = module.source.position(module.source.start(node))
        return Site(module.path, line, column, symbol, status, reason)

    for found in matcher.find(module):
        if isinstance(found, Match):
            matches.append(found)
        else:
            sites.append(site(found.node, "unresolved", found.doubt.reason))
    file_edit.replace(matches)
    sites += [site(match.call, "unresolved", doubt.reason) for match, doubt in file_edit.doubts]
    if not file_edit.done:
        return sites, None
    outcome = _edit(module, file_edit)
    status: SiteStatus = "resolved" if isinstance(outcome, Edit) else "unresolved"
    reason = f"calls {symbol}" if isinstance(outcome, Edit) else outcome.error
    return [*sites, *(site(match.call, status, reason) for *_, match in file_edit.done)], outcome


def _edit(module: Module, file_edit: FileEdit) -> Edit | Failure:
    try:
        content = file_edit.content()
    except UnicodeEncodeError:
        return Failure(
            module.path, f"its encoding, {module.source.encoding}, has not all characters of the template"
        )
    parsed = parse_source(module.path, content)
    if isinstance(parsed, Failure):
        return Failure(module.path, f"is left as it is, because the edited file {parsed.error}")
    return Edit(module.path, content_hash(module.source.content), content, len(file_edit.done))


def _refuse_loop(pattern: CallPattern, template: CallTemplate, meant: Collection[str]) -> None:
    """Refuse a template that the pattern matches again. `meant` are its names for the pattern's function."""
    for call in ast.walk(template.tree):
        if not isinstance(call, ast.Call):
            continue
        is_meant = isinstance(call.func, ast.Attribute) and call.func.attr == pattern.method
        if not is_meant and ast.unparse(call.func) not in meant:
            continue
        if match_call(pattern, call, lambda _expected, _actual: True) is not None:
            raise ParameterError(
                "the template matches the pattern itself, so that each run would replace it again."
            )
