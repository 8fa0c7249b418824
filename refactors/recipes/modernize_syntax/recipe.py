"""The recipe itself: the rules over every file that has a mark of one, and the imports that are then unused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.import_edits import named_elsewhere
from overhaul.refactors.project import Project
from overhaul.refactors.recipe import Analysis, Edit, Failure, Recipe, parameter
from overhaul.refactors.recipes.modernize_syntax.cases import CASES
from overhaul.refactors.recipes.modernize_syntax.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile
from overhaul.refactors.recipes.modernize_syntax.options import Options
from overhaul.refactors.recipes.modernize_syntax.rules import NAMES, Rule, chosen_rules
from overhaul.refactors.recipes.modernize_syntax.target import read_target
from overhaul.refactors.source import Tree
from overhaul.refactors.text import collector_paused, parse_source
from overhaul.refactors.wide_files import narrowed

_READERS = ("get_type_hints", "get_annotations", "__annotations__")


@dataclass(frozen=True, slots=True)
class Parameters:
    """For which Python, by which rules."""

    target: str = parameter(
        "the oldest Python that the code must run on, 3.9 to 3.14; by default what requires-python says",
        default="",
    )
    rules: tuple[str, ...] = parameter(f"which rules: {', '.join(NAMES)}; by default all", default=())
    outside_names: Literal["report", "trust"] = parameter(
        "capitalised names from outside the tree in a union that is evaluated: report them, or trust that they are"
        " classes",
        default="report",
    )
    fields: Literal["exact", "plain"] = parameter(
        "write {x!s} for %s, which is the same for every object, or {x}, which is not for enumerations of text",
        default="exact",
    )


class ModernizeSyntax(Recipe):
    id = "modernize-syntax"
    summary = (
        "Write code as the oldest Python that a project supports allows: types, f-strings, super(), names"
    )
    Parameters = Parameters
    independent_edits = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        target = f" for Python {self.parameters.target}" if self.parameters.target else ""
        rules = f": {', '.join(self.parameters.rules)}" if self.parameters.rules else ""
        return f"Modernize syntax{target}{rules}"

    def analyse(self, tree: Tree) -> Analysis:
        """Apply the rules to each file by itself; imports that another file takes from there stay."""
        rules = chosen_rules(self.parameters.rules)
        target = read_target(self.parameters.target, tree)
        project = Project(tree)
        options = Options(
            target,
            self.parameters.outside_names == "trust",
            self.parameters.fields == "plain",
            target < (3, 10) and bool(project.tree.containing(_READERS, [".py"])),
        )
        with collector_paused():
            files = [
                file for path in project.table.files if (file := _modernised(project, path, rules, options))
            ]
            unused = {
                (file.module.name, binding.name): (file, binding)
                for file in files
                for binding in file.unused_imports()
            }
            kept = named_elsewhere(project, set(unused))
            for name, (file, binding) in unused.items():
                if name not in kept:
                    statement = file.module.bindings.parents[binding.node]
                    file.rewrite.taken.setdefault(statement, {})[binding.node] = None  # type: ignore[index, arg-type]
            outcomes = [_edited(file) for file in files]
        sites = [site for file in files for site in file.rewrite.sites.values()]
        return self.analysis(
            project,
            sites,
            [each for each in outcomes if isinstance(each, Edit)],
            [each for each in outcomes if isinstance(each, Failure)],
        )


def _modernised(project: Project, path: str, rules: Sequence[Rule], options: Options) -> ModernFile | None:
    """Apply the rules that have a mark in the file; None if nothing is found."""
    try:
        content = narrowed(project.tree.read(path))
    except OSError:
        content = b""
        project.module(path)  # which notes the failure
    due = [rule for rule in rules if rule.may_apply(content)]
    module = project.module(path) if due else None
    if module is None:
        return None
    file = ModernFile(project, module, options)
    for rule in due:
        file.rule = rule.name
        rule.apply(file)
    return file if file.rewrite.sites else None


def _edited(file: ModernFile) -> Edit | Failure | None:
    """Return the file's edit, if it parses; otherwise its sites become reports."""
    path, source = file.module.path, file.source
    file.finish()
    try:
        edit = file.rewrite.edit()
        failed = parse_source(path, edit.content) if edit is not None else None
    except (UnicodeEncodeError, ValueError) as error:
        failed = Failure(path, str(error))
    if not isinstance(failed, Failure):
        return edit
    file.rewrite = file.rewrite.withdrawn(f"the edited file {failed.error}")
    return Failure(path, f"is left as it is ({source.encoding}), because the edited file {failed.error}")
