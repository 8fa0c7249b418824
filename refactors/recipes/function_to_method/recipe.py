"""The recipe itself: finds function, class and uses, moves the function, and decides whether one has to stay."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Literal

from overhaul.refactors.carried_names import CarriedNames, names_within
from overhaul.refactors.changes import Changes
from overhaul.refactors.delegation import hides
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.import_requests import ImportRequests
from overhaul.refactors.inference import Inference
from overhaul.refactors.leftovers import running_sites, without_options
from overhaul.refactors.name_access import NameAccess
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.recipes.function_to_method.call_sites import CallSites
from overhaul.refactors.recipes.function_to_method.cases import CASES
from overhaul.refactors.recipes.function_to_method.function import Function, find_function
from overhaul.refactors.recipes.function_to_method.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.function_to_method.moving import FunctionMove
from overhaul.refactors.recipes.function_to_method.receivers import Receivers
from overhaul.refactors.recipes.rename_symbol.findings import Usage
from overhaul.refactors.recipes.rename_symbol.usages import Usages, find_usages, usage_size
from overhaul.refactors.scopes import Scope
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.target import UnreadableTarget
from overhaul.refactors.text import collector_paused


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which function, which class gets it, and as what."""

    function: str = parameter("the function: package.module.function")
    owner: str = parameter("the class that gets it: package.module.Class")
    name: str = parameter("the method's name; the function's by default", default="")
    keep: Literal["needed", "yes", "no"] = parameter(
        "leave a function that calls the method: if uses remain that cannot be rewritten, always, or never",
        default="needed",
    )
    warn: bool = parameter("the function that stays gives a DeprecationWarning", default=False)
    unread_bases: Literal["refuse", "accept"] = parameter(
        "a base outside the tree may have the name too: refuse, or take it that none has", default="refuse"
    )
    # Last, since below it the name means the field.
    parameter: str = parameter("the parameter that becomes 'self'; the first by default", default="")


class FunctionToMethod(Recipe):
    id = "function-to-method"
    summary = "Make a function a method of a class, and calls with an instance of it calls of the method"
    Parameters = Parameters
    moves_code = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Make the function {self.parameters.function} a method of {self.parameters.owner}"

    def analyse(self, tree: Tree) -> Analysis:
        """Find every use; the instance must be proved to be of the class and not None, or the call is reported."""
        with collector_paused():
            project = Project(tree)
            inference = Inference(project)
            given = self.parameters
            changes = Changes(project, given.function)
            try:
                function = find_function(
                    inference,
                    given.function,
                    given.owner,
                    given.parameter,
                    given.name,
                    given.unread_bases == "accept",
                )
            except UnreadableTarget:
                return changes.analysis(self)
            changes.symbol = function.symbol
            _Conversion(inference, function, changes, given).run()
            return changes.analysis(self)


class _Conversion:
    """One function on its way into a class."""

    def __init__(
        self, inference: Inference, function: Function, changes: Changes, parameters: Parameters
    ) -> None:
        self.inference = inference
        self.project = inference.project
        self.function = function
        self.changes = changes
        self.parameters = parameters
        self.requests = ImportRequests(self.project)
        owner = function.owner
        self.access = NameAccess(
            self.project, owner.module, function.owner_name, False, self.requests, owner.name
        )
        self._rewritten: dict[str, list[tuple[ast.expr, Scope]]] = {}

    def run(self) -> None:
        """Edit everything, or raise before anything is edited."""
        function, owner = self.function, self.function.owner
        if owner.module.key != function.module.key:
            before = owner.module.source.start(owner.node)
            CarriedNames(self.project, function.module, owner.module, self.requests).carry(
                function.node, before
            )
        usages = find_usages(self.inference, function.target)
        move = FunctionMove(function, self.changes)
        move.adapt_body()
        remaining = self._rewrite(usages)
        text = move.method_text()
        self._leave(move, bool(remaining))
        move.insert(text)
        self.requests.refuse_cycles()
        for each, splices in self.requests.splices():
            self.changes.of(each).imports += splices

    def _rewrite(self, usages: Usages) -> list[Doubt]:
        """Rewrite the proved uses, inner ones first, and remove imports; return what may still need the function."""
        remaining: list[Doubt] = []
        receivers = Receivers(self.inference, self.function)
        sites = CallSites(self.inference, self.function, self.access, self.changes, receivers)
        imports: list[Usage] = []
        found = [usage for usage in usages.proved if usage.node is not self.function.node]
        for usage in sorted(found, key=usage_size):
            node, module = usage.node, usage.module
            if isinstance(node, ast.alias):
                imports.append(usage)
                continue
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                doubt = sites.rewrite(module, node)
            else:
                doubt = Doubt(f"the function stands here in another way: {usage.reason}")
            if doubt is None:
                self._rewritten.setdefault(module.path, []).append((node, module.bindings.scope_of(node)))  # type: ignore[arg-type]
                self.changes.resolve(module, usage.span[0], usage.reason)
            else:
                remaining.append(doubt)
                self.changes.leave(module, usage.span[0], doubt.reason)
        remaining += self._imports(imports)
        unresolved = [replace(site, reason=without_options(site.reason)) for site in usages.unresolved]
        for site in unresolved:
            self.changes.add(site)
        return [*remaining, *(Doubt(site.reason) for site in running_sites(self.project, unresolved))]

    def _imports(self, usages: list[Usage]) -> list[Doubt]:
        """Remove the imports of the function that nothing uses any more; report those that stay."""
        gone: set[ast.AST] = set()
        for path, expressions in self._rewritten.items():
            module = self.project.module(path)
            if module is not None:
                removed = self.requests.remove_unused(module, expressions, self.access.used)
                gone |= {each.node for each in removed}
        remaining: list[Doubt] = []
        for usage in usages:
            if usage.node in gone:
                self.changes.resolve(usage.module, usage.span[0], usage.reason)
            else:
                remaining.append(Doubt(f"{usage.reason} stays"))
                self.changes.leave(
                    usage.module, usage.span[0], f"{usage.reason}, which something may still use"
                )
        return remaining

    def _leave(self, move: FunctionMove, is_needed: bool) -> None:
        function, module, node = self.function, self.function.module, self.function.node
        start = module.source.start(node)
        keep = self.parameters.keep
        if keep == "no" or (keep == "needed" and not is_needed):
            move.leave_nothing()
            self.changes.resolve(module, start, "definition")
            if function.owner.module.key != module.key:
                used = [*names_within(module, node), *self._rewritten.get(module.path, ())]
                self.requests.remove_unused(module, used, self.access.used)
            return
        owner = self.access.text_at(module, module.bindings.scopes[node], node.body[0])
        if isinstance(owner, Doubt) or hides(node, owner.partition(".")[0]):
            why = owner.reason if isinstance(owner, Doubt) else f"its parameter '{owner}' hides the class"
            raise ParameterError(
                f"a function that calls {function.owner_name}.{function.name} cannot stay in {module.path}: {why}."
                " Give keep=no if nothing needs it"
            )
        warning = ""
        if self.parameters.warn:
            text = f"{node.name}() is deprecated; call the method {function.owner_name}.{function.name}()"
            warning = f'warnings.warn("{text}", DeprecationWarning, stacklevel=2)'
            if "warnings" in module.scope.bindings and not _imports_warnings(module):
                raise ParameterError(f"'warnings' means something else in {module.path}. Leave warn out")
            if not _imports_warnings(module):
                self.requests.add_before(module, ImportStatement("warnings"))
        move.leave_delegate(owner, warning)
        why = "" if keep == "yes" else ", since uses remain that are not rewritten"
        self.changes.resolve(module, start, f"definition; a function that calls the method stays{why}")


def _imports_warnings(module: Module) -> bool:
    return any(
        isinstance(binding.node, ast.alias) and binding.node.name == "warnings"
        for binding in module.scope.bindings.get("warnings", ())
    )
