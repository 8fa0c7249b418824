"""The recipe itself: finds the symbol's definitions, lets them warn, and looks after the repository's own uses."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overhaul.refactors.dotted_chains import is_deletion
from overhaul.refactors.errors import ParameterError, SymbolNotFound
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Analysis, Edit, Recipe, Site, parameter
from overhaul.refactors.recipes.deprecate_symbol.cases import CASES
from overhaul.refactors.recipes.deprecate_symbol.changelog import changelog_change
from overhaul.refactors.recipes.deprecate_symbol.definitions import bindings_of, is_deprecated, is_overload
from overhaul.refactors.recipes.deprecate_symbol.deprecation import Definition, Deprecation
from overhaul.refactors.recipes.deprecate_symbol.keeping import Kept, keep_old_name
from overhaul.refactors.recipes.deprecate_symbol.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.deprecate_symbol.notice import Notice, is_version
from overhaul.refactors.recipes.deprecate_symbol.replacement import proved_replacement, stand_in_place
from overhaul.refactors.recipes.rename_symbol.recipe import new_name
from overhaul.refactors.recipes.rename_symbol.usages import find_usages
from overhaul.refactors.scopes import Binding, FunctionNode
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.positions import named_target
from overhaul.refactors.symbols.target import (
    MemberTarget,
    Target,
    UnreadableTarget,
    VariableTarget,
    find_target,
)
from overhaul.refactors.text import collector_paused


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is deprecated, since when, and what is to be used."""

    symbol: str = parameter(
        "a function, class, method, property or constant: package.module.Class.method, or path.py:LINE:COLUMN"
    )
    since: str = parameter("the version that deprecates it")
    replacement: str = parameter(
        "what to use: package.module.name, or a name beside the symbol (empty: nothing)", default=""
    )
    removal: str = parameter("the version that removes it (empty: nothing is said of it)", default="")
    alias: str = parameter(
        "a new name for it: it is renamed everywhere, and the old name stays and warns (empty: keep its name)",
        default="",
    )
    changelog: str = parameter(
        "the file that lists changes (empty: CHANGELOG, CHANGES, HISTORY or NEWS, if there is one)",
        default="",
    )


class DeprecateSymbol(Recipe):
    id = "deprecate-symbol"
    summary = "Have a function, method, class or constant warn that it is deprecated, and move its own uses"
    Parameters = Parameters
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Deprecate {self.parameters.symbol}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find the definitions and every use of them."""
        for name in ("since", "removal"):
            text = getattr(self.parameters, name)
            if not is_version(text) and (text or name == "since"):
                raise ParameterError(f"{name} {text!r} is no version. Write one such as 2.1")
        with collector_paused():
            return self._analyse(tree)

    def _analyse(self, tree: Tree) -> Analysis:
        project = Project(tree)
        inference = Inference(project)
        try:
            target = _supported(named_target(inference, self.parameters.symbol))
            replacement = self._replacement(inference, target)
        except UnreadableTarget:
            return self.analysis(project, (), ())
        except SymbolNotFound:
            if not _is_given_by_getattr(project, self.parameters.symbol):
                raise
            return self.analysis(project, (), ())
        new = self._new_name(target)
        if new:
            return self._kept(inference, target, new)
        written = self.parameters.replacement
        shown = replacement.symbol if isinstance(replacement, VariableTarget | MemberTarget) else written
        work = Deprecation(inference, target, self._notice(target, shown))
        changelog = self._deprecate(work, replacement)
        edits, failures = work.outcome()
        if failures:  # the definition may be in one of them
            changelog = None
        return self._with_changelog(project, Kept(work.sites(), edits, failures), changelog)

    def _notice(self, target: VariableTarget | MemberTarget, replacement: str) -> Notice:
        return Notice(target.symbol, self.parameters.since, self.parameters.removal, replacement)

    def _new_name(self, target: VariableTarget | MemberTarget) -> str:
        """Return what the definition is to be called: by request, or since it is a constant; empty if as it is."""
        alias = self.parameters.alias
        if alias and self.parameters.replacement:
            raise ParameterError("alias names what is to be used instead; leave replacement out")
        _, bindings = bindings_of(target)
        if any(isinstance(each.node, Definition) and is_deprecated(each.node) for each in bindings):
            return ""
        if alias:
            return new_name(alias, target.symbol)
        is_constant = isinstance(target, VariableTarget) and all(
            isinstance(each.node, ast.Name) for each in bindings
        )
        return f"_{target.name}" if is_constant and not target.name.startswith("_") else ""

    def _kept(self, inference: Inference, target: VariableTarget | MemberTarget, new: str) -> Analysis:
        module, bindings = bindings_of(target)
        definition = module, [each for each in bindings if not is_deletion(each)]
        shown = self.parameters.replacement
        if self.parameters.alias:
            shown = f"{target.symbol.rpartition('.')[0]}.{new}"
        notice = self._notice(target, shown)
        kept = keep_old_name(inference, target, definition, new, notice)
        changelog = (
            changelog_change(inference.project, self.parameters.changelog, notice) if kept.edits else None
        )
        renamed = {target.name: new} if self.parameters.alias else {}
        return self._with_changelog(inference.project, kept, changelog, renamed)

    def _with_changelog(
        self,
        project: Project,
        found: Kept,
        changelog: tuple[Site, Edit | None] | None,
        renamed: Mapping[str, str] | None = None,
    ) -> Analysis:
        sites, edits = list(found.sites), list(found.edits)
        if changelog is not None:
            sites.append(changelog[0])
            edits += [changelog[1]] if changelog[1] is not None else []
        return self.analysis(project, sites, edits, found.failures, renamed)

    def _replacement(self, inference: Inference, target: VariableTarget | MemberTarget) -> Target | None:
        """Return the replacement if the tree has it; one of a library is believed."""
        name = self.parameters.replacement
        if not name:
            return None
        if not all(part.isidentifier() for part in name.split(".")):
            raise ParameterError(f"replacement {name!r} is no name. Write it as package.module.name")
        if "." not in name:
            name = f"{target.symbol.rpartition('.')[0]}.{name}"
        elif inference.project.table.locate(name.partition(".")[0]) is None:
            return None
        return find_target(inference, name)

    def _deprecate(self, work: Deprecation, replacement: Target | None) -> tuple[Site, Edit | None] | None:
        """Note all sites of the Python files; return that of the changelog."""
        module, bindings = bindings_of(work.target)
        definitions = _definitions(work, module, bindings)
        pending = [each for each in definitions if not is_deprecated(each)]
        if not definitions or (pending and not work.warn(module, pending)):
            return None
        proved = proved_replacement(work.inference, work.target, replacement)
        advice = "nothing else is said to do the same"
        if work.notice.replacement:
            shown = work.notice.replacement
            advice = f"that {shown} does the same is not proved, as the symbol does not only hand on to it"
        usages = find_usages(work.inference, work.target)
        stand_in = stand_in_place(work.inference, usages, work.target.name) if proved is not None else ""
        if stand_in:
            proved, advice = None, f"{stand_in} may put something else in its place, as tests do"
        is_class = any(isinstance(each, ast.ClassDef) for each in definitions)
        work.treat_uses(usages, proved, advice, is_class)
        work.report_overrides()
        if not pending:
            return None
        return changelog_change(work.inference.project, self.parameters.changelog, work.notice)


def _supported(target: Target) -> VariableTarget | MemberTarget:
    if isinstance(target, VariableTarget) and target.scope.parent is None:
        return target
    if isinstance(target, MemberTarget):
        if target.name.startswith("__") and target.name.endswith("__"):
            raise ParameterError(f"'{target.symbol}' is a special method: who calls it does not name it")
        return target
    kinds = {"VariableTarget": "a local name", "ModuleTarget": "a module", "ParameterTarget": "a parameter"}
    kind = kinds.get(type(target).__name__, "defined outside the tree")
    raise ParameterError(
        f"'{target.symbol}' is {kind}, which cannot be deprecated by this recipe."
        " Name a function, class, method or property; a module warns after: overhaul run move-module -p alias=warn"
    )


def _is_given_by_getattr(project: Project, symbol: str) -> bool:
    """Whether a module's `__getattr__` names a symbol that is defined nowhere: an old name that is kept."""
    above, _, name = symbol.rpartition(".")
    modules = [each for location in project.table.candidates(above) for each in project.modules_at(location)]
    return any(
        isinstance(constant, ast.Constant) and constant.value == name
        for module in modules
        for binding in module.scope.bindings.get("__getattr__", ())
        for constant in ast.walk(binding.node)
    )


def _definitions(work: Deprecation, module: Module, bindings: Sequence[Binding]) -> list[Definition]:
    """Return the definitions of the symbol; none, and reports, where something else binds it as well."""
    bound = [each.node for each in bindings if not is_deletion(each)]
    found = [
        each
        for each in bound
        if isinstance(each, ast.ClassDef) or (isinstance(each, FunctionNode) and not is_overload(each))
    ]
    others = [each for each in bound if not isinstance(each, FunctionNode | ast.ClassDef)]
    if module.path.endswith(".pyi"):
        raise ParameterError(
            f"'{work.target.symbol}' has only a stub, {module.path}: nothing there could warn"
        )
    for each in bound if others else ():
        work.leave(
            module, each, "no function or class, or not only one: reading it calls nothing that could warn"
        )
    return [] if others else found
