"""The recipe itself: finds the structure, asks the conditions, and puts the edits of all files together."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_edits import (
    named_elsewhere,
)
from overhaul.refactors.import_needs import (
    find_needs,
    parse_imports,
)
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import (
    Analysis,
    Edit,
    Failure,
    Recipe,
    parameter,
)
from overhaul.refactors.recipes.replace_pattern.cases import CASES
from overhaul.refactors.recipes.replace_pattern.conditions import Condition, parse_conditions, words_of
from overhaul.refactors.recipes.replace_pattern.file_edits import Change, FileEdits
from overhaul.refactors.recipes.replace_pattern.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.replace_pattern.replacement import Replacement, parse_replacement
from overhaul.refactors.recipes.replace_pattern.searching import candidate_modules
from overhaul.refactors.recipes.replace_pattern.structure import Pattern, match_nodes, parse_pattern
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused


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
                file = FileEdits(project, module, pattern, change)
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

    def _change(self, pattern: Pattern, project: Project, conditions: Sequence[Condition]) -> Change:
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
        return Change(replacement, needs, self.parameters.unused_imports == "remove")


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
