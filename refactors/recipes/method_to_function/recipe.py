"""The recipe itself: finds the method and its uses, moves it, and decides whether a method has to stay."""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass, replace
from typing import Literal

from overhaul.refactors.carried_names import CarriedNames, names_within
from overhaul.refactors.changes import Changes
from overhaul.refactors.delegation import hides
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.import_requests import ImportRequests
from overhaul.refactors.inference import Inference
from overhaul.refactors.leftovers import running_sites, without_options
from overhaul.refactors.module_names import find_module, refuse_taken_in_module
from overhaul.refactors.name_access import NameAccess
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Analysis, Recipe, parameter
from overhaul.refactors.recipes.method_to_function.answering import answered_lookups
from overhaul.refactors.recipes.method_to_function.call_sites import CallSites
from overhaul.refactors.recipes.method_to_function.cases import CASES
from overhaul.refactors.recipes.method_to_function.limits import OUT_OF_REACH, PROVES, REPORTS
from overhaul.refactors.recipes.method_to_function.method import Method, find_method
from overhaul.refactors.recipes.method_to_function.moving import MethodMove, inserted_after
from overhaul.refactors.recipes.rename_symbol.usages import Usages, find_usages, usage_size
from overhaul.refactors.source import Tree
from overhaul.refactors.symbols.family import is_private
from overhaul.refactors.symbols.target import MemberTarget, UnreadableTarget
from overhaul.refactors.text import collector_paused


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which method, and where and under what name it becomes a function."""

    method: str = parameter("the method: package.module.Class.method")
    name: str = parameter(
        "the function's name; the method's, without leading double underscores, by default", default=""
    )
    to: str = parameter(
        "the module that gets the function: package.module; the method's own by default", default=""
    )
    self_name: str = parameter("what the parameter 'self' is called in the function", default="")
    keep: Literal["needed", "yes", "no"] = parameter(
        "leave a method that calls the function: if uses remain that cannot be rewritten, always, or never",
        default="needed",
    )
    references: Literal["report", "partial"] = parameter(
        "obj.method without a call: report it, or replace it by functools.partial(function, obj)",
        default="report",
    )
    unread_bases: Literal["refuse", "accept"] = parameter(
        "a base outside the tree may define the method too: refuse, or take it that none does",
        default="refuse",
    )


class MethodToFunction(Recipe):
    id = "method-to-function"
    summary = "Make a method a function of its module, and calls of the method calls of the function"
    Parameters = Parameters
    moves_code = True
    cases = CASES
    proves = PROVES
    reports = REPORTS
    out_of_reach = OUT_OF_REACH

    @property
    def title(self) -> str:
        return f"Make the method {self.parameters.method} a function"

    def analyse(self, tree: Tree) -> Analysis:
        """Find every use; a receiver must be proved to be of the class, or its use is reported."""
        with collector_paused():
            project = Project(tree)
            inference = Inference(project)
            changes = Changes(project, self.parameters.method)
            try:
                method = find_method(
                    inference,
                    self.parameters.method,
                    stays=self.parameters.keep == "yes",
                    accepts_bases=self.parameters.unread_bases == "accept",
                )
            except UnreadableTarget:
                return changes.analysis(self)
            changes.symbol = method.symbol
            _Conversion(inference, method, changes, self.parameters).run()
            return changes.analysis(self)


class _Conversion:
    """One method on its way out of its class."""

    def __init__(
        self, inference: Inference, method: Method, changes: Changes, parameters: Parameters
    ) -> None:
        self.inference = inference
        self.project = inference.project
        self.method = method
        self.changes = changes
        self.parameters = parameters
        self.requests = ImportRequests(self.project)
        self.name = _function_name(parameters.name, method)
        self.home = find_module(inference, parameters.to) if parameters.to else method.module
        self.access = NameAccess(
            self.project, self.home, self.name, True, self.requests, method.outermost.name
        )

    def run(self) -> None:
        """Edit everything, or raise before anything is edited."""
        method, module = self.method, self.method.module
        moves_away = self.home.key != module.key
        refuse_taken_in_module(self.project, self.home, self.name)
        if moves_away:
            CarriedNames(self.project, module, self.home, self.requests).carry(method.node)
        usages = find_usages(self.inference, MemberTarget(method.definition, method.node.name, method.symbol))
        move = MethodMove(method, self.changes, self.name, self.parameters.self_name)
        move.adapt_body(annotates=not moves_away and method.outermost.decorator_list == [])
        remaining = self._rewrite(usages)
        self._move(move, bool(remaining))
        self.requests.refuse_cycles()
        for each, splices in self.requests.splices():
            self.changes.of(each).imports += splices

    def _rewrite(self, usages: Usages) -> list[Doubt]:
        """Rewrite the proved uses, inner ones first; return what may still need the method."""
        remaining: list[Doubt] = []
        sites = CallSites(
            self.inference,
            self.method,
            self.access,
            self.changes,
            self.requests,
            self.parameters.references == "partial",
        )
        found = [usage for usage in usages.proved if usage.node is not self.method.node]
        for usage in sorted(found, key=usage_size):
            node, module = usage.node, usage.module
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                doubt = sites.rewrite(module, node)
            elif isinstance(node, ast.Attribute):
                raise ParameterError(
                    f"'{self.method.symbol}' cannot become a function: something else is assigned to it at"
                    f" {module.path}:{node.lineno}"
                )
            else:
                doubt = Doubt(f"the method stands here in another way: {usage.reason}")
            if doubt is None:
                self.changes.resolve(module, usage.span[0], usage.reason)
            else:
                remaining.append(doubt)
                self.changes.leave(module, usage.span[0], doubt.reason)
        unresolved = [replace(site, reason=without_options(site.reason)) for site in usages.unresolved]
        unresolved += answered_lookups(self.inference, self.method)
        for site in unresolved:
            self.changes.add(site)
        return [*remaining, *(Doubt(site.reason) for site in running_sites(self.project, unresolved))]

    def _move(self, move: MethodMove, is_needed: bool) -> None:
        method, module, node = self.method, self.method.module, self.method.node
        text = move.function_text()
        stays = self.parameters.keep == "yes" or (self.parameters.keep == "needed" and is_needed)
        start = module.source.start(node)
        if stays:
            callee = self.access.text_at(module, module.bindings.scopes[node], node.body[0])
            if isinstance(callee, Doubt) or hides(node, callee):
                why = (
                    callee.reason
                    if isinstance(callee, Doubt)
                    else f"its parameter '{callee}' hides the function"
                )
                raise ParameterError(
                    f"a method that calls '{self.name}' cannot stay in {method.definition.name}: {why}."
                    " Choose another name, or keep=no"
                )
            move.leave_delegate(callee)
            why = "" if self.parameters.keep == "yes" else ", since uses remain that are not rewritten"
            self.changes.resolve(module, start, f"definition; a method that calls the function stays{why}")
        else:
            move.leave_nothing()
            self.changes.resolve(module, start, "definition")
            if self.home.key != module.key:
                self.requests.remove_unused(module, names_within(module, node), self.access.used)
        after = method.outermost if self.home.key == module.key else last_definition(self.home)
        self.changes.of(self.home).insertions.append(inserted_after(self.home, after, text))


def last_definition(module: Module) -> ast.stmt:
    """Return the statement below which a new function goes: the last one before `if __name__ == ...`."""
    body = module.source.tree.body
    is_main = len(body) > 1 and isinstance(body[-1], ast.If) and "__name__" in ast.unparse(body[-1].test)
    return body[-2] if is_main else body[-1]


def _function_name(name: str, method: Method) -> str:
    given = method.node.name
    if not name and is_private(given):
        name = f"_{given.strip('_')}"
    name = name or given
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ParameterError(
            f"the name '{name}' is no name for a function. Choose letters, digits and underscores"
        )
    if is_private(name):
        raise ParameterError(
            f"the name '{name}' would mean something else inside classes, by its two underscores. Choose one with one"
        )
    return name
