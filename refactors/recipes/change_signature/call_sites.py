"""Each use of the function: a call that is rewritten, one that stays valid as it is, or a site to report."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.change_signature.arguments import Argument, arguments_of_call
from overhaul.refactors.recipes.change_signature.arrangement import Placed, Style, arrange, is_same
from overhaul.refactors.recipes.change_signature.callees import Callee, Callees
from overhaul.refactors.recipes.change_signature.definitions import Definition, Definitions
from overhaul.refactors.recipes.change_signature.references import (
    called_by_decorator,
    is_called_by_position,
    is_harmless,
    is_inspected,
    partial_call,
    why_reported,
)
from overhaul.refactors.recipes.change_signature.report import Report
from overhaul.refactors.recipes.change_signature.target import is_overload
from overhaul.refactors.recipes.change_signature.uses import Uses, alias_of


@dataclass(frozen=True, slots=True, eq=False)
class CallEdit:
    """A call that is rewritten: `leading` arguments stay in front, the others become `placed`."""

    module: Module
    call: ast.Call
    leading: Sequence[ast.expr]
    placed: Sequence[Placed]
    definition: Definition

    @property
    def removed(self) -> list[ast.AST]:
        """The argument nodes that the new call has no more."""
        kept = {id(each.argument.whole) for each in self.placed if each.argument is not None}
        kept |= {id(each) for each in self.leading}
        return [each for each in [*self.call.args, *self.call.keywords] if id(each) not in kept]


@dataclass(slots=True)
class CallSites:
    """Sorts the uses. `edits` are the calls to rewrite; everything in doubt goes into the report.

    Of a compatible change nothing can be in doubt; one that keeps positions does not touch those that get the
    function handed and call it by position."""

    inference: Inference
    definitions: Definitions
    callees: Callees
    style: Style
    report: Report
    is_compatible: bool
    keeps_positions: bool
    edits: list[CallEdit] = field(default_factory=list)
    seen: set[ast.Call] = field(default_factory=set)

    def sort(self, uses: Uses) -> None:
        """Look at every use."""
        for node, module in uses.references.items():
            self._reference(module, node)
        for call, module in uses.calls.items():
            if call not in self.seen:
                self._other_call(module, call)

    def _reference(self, module: Module, node: ast.expr) -> None:
        above = module.bindings.parents.get(node)
        if isinstance(above, ast.Call) and above.func is node:
            self._call(module, above, node)
            return
        partial = partial_call(self.inference, module, node)
        if partial is not None:
            self._partial(module, partial, node)
        elif called_by_decorator(module, node):
            self._decorator(module, node)
        elif is_inspected(module, node):
            self.report.leave(module, node, "it is handed to what reads its signature")
        elif alias_of(module, node) is None and self.is_reported(module, node):
            self.report.leave(module, node, why_reported(module, node))

    def is_reported(self, module: Module, node: ast.expr) -> bool:
        """Tell whether the function as a value may be called in a way that the change breaks."""
        if self.is_compatible or is_harmless(module, node, self.callees.kind):
            return False
        return not (self.keeps_positions and is_called_by_position(module, node))

    def _call(self, module: Module, call: ast.Call, node: ast.expr) -> None:
        self.seen.add(call)
        callees = self._referenced(module, node)
        if isinstance(callees, Doubt):
            self._in_doubt(module, call, callees.reason)
        else:
            self._proved(module, call, callees)

    def _referenced(self, module: Module, node: ast.expr) -> list[Callee] | Doubt:
        """Return what a name that is proved to be the function's reaches when it is called."""
        callees = self.callees.of(module, node)
        if isinstance(callees, list):
            return callees
        found = self.callees.by_reference(module, node)
        if found is not None:
            return found
        return callees or Doubt(
            f"'{ast.unparse(node)}' may be another function: a decorator's, or a later one"
        )

    def _other_call(self, module: Module, call: ast.Call) -> None:
        """Look at a call that names the function in no way: `cls()`, `super().__init__()`, an instance's."""
        self.seen.add(call)
        callees = self.callees.of(module, call.func)
        if isinstance(callees, Doubt) and self._may_be_subject(module, call):
            self._in_doubt(module, call, callees.reason)
        elif isinstance(callees, list):
            overriding = self._overriding(call, callees)
            if overriding is not None:
                self._in_doubt(module, call, overriding)
            else:
                self._proved(module, call, callees)

    def _may_be_subject(self, module: Module, call: ast.Call) -> bool:
        """Tell whether a call of something unknown is worth a report: `super().__init__()` of an heir, `cls()`."""
        if self.callees.kind != "constructor":
            return False
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == self.callees.name:
            return self.callees.may_inherit(module, function.value)
        return isinstance(function, ast.Name) and function.id == "cls"

    def _overriding(self, call: ast.Call, callees: Sequence[Callee]) -> str | None:
        """Name a subclass with a constructor of its own that `cls()` may mean as well."""
        names_class = isinstance(call.func, ast.Attribute) and call.func.attr != "__class__"
        if self.callees.kind != "constructor" or names_class:
            return None
        for callee in callees:
            owner = callee.definition.function.owner
            if owner is None:
                continue
            for each in self.inference.hierarchy.descendants(owner):
                if self.callees.name in each.scope.bindings:
                    return f"it may construct a {each.qualified}, whose {self.callees.name} is its own"
        return None

    def _proved(self, module: Module, call: ast.Call, callees: Sequence[Callee]) -> None:
        result = self._arranged(module, call, callees, arguments_of_call(call))
        if isinstance(result, Doubt):
            if not self.is_compatible:
                self.report.leave(module, call.func, result.reason)
        elif result is not None:
            self.edits.append(result)

    def _arranged(
        self,
        module: Module,
        call: ast.Call,
        callees: Sequence[Callee],
        arguments: list[Argument],
        skip: int = 0,
    ) -> CallEdit | Doubt | None:
        """Return the edit of a call, None if it stays as it is. `skip` leading arguments are not the function's."""
        outcomes: list[tuple[Callee, Sequence[ast.expr], list[Placed] | Doubt]] = []
        for callee in callees:
            count = skip + callee.takes_receiver
            leading: Sequence[ast.expr] = call.args[:count]
            if len(leading) < count or any(isinstance(each, ast.Starred) for each in leading):
                return Doubt("the call does not pass the object itself in a way that can be seen")
            rest = [each for each in arguments if each.whole not in leading]
            placed = arrange(module.bindings, callee.definition.change, rest, self.style, is_partial=skip > 0)
            outcomes.append((callee, leading, placed))
        chosen = [each for each in outcomes if not is_overload(each[0].definition.function)]
        if not chosen:  # a stub with overloads only: those that the call fits
            chosen = [each for each in outcomes if not isinstance(each[2], Doubt)] or outcomes[:1]
        callee, leading, placed = chosen[0]
        for _, _, other in chosen:
            if isinstance(other, Doubt):
                return other
            if isinstance(placed, list) and _key(other) != _key(placed):
                return Doubt("the definitions that it may reach take the arguments differently")
        if isinstance(placed, Doubt):
            return placed
        rest = [each for each in arguments if each.whole not in leading]
        if is_same(placed, rest):
            return None
        return CallEdit(module, call, leading, placed, callee.definition)

    def _partial(self, module: Module, call: ast.Call, node: ast.expr) -> None:
        self.seen.add(call)
        callees = self._referenced(module, node)
        if isinstance(callees, Doubt):
            if not self.is_compatible:
                self.report.leave(module, node, callees.reason)
            return
        result = self._arranged(module, call, callees, arguments_of_call(call), skip=1)
        if isinstance(result, Doubt) and not self.is_compatible:
            self.report.leave(module, node, f"arguments of a partial: {result.reason}")
        elif isinstance(result, CallEdit):
            self.edits.append(result)

    def _decorator(self, module: Module, node: ast.expr) -> None:
        """A function that decorates gets one argument by position."""
        callees = self._referenced(module, node)
        if self.is_compatible:
            return
        if isinstance(callees, Doubt):
            self.report.leave(module, node, f"it is used as a decorator; {callees.reason}")
            return
        given = Argument(ast.Constant(None), None, "", ast.Constant(None))
        for callee in callees:
            placed = arrange(module.bindings, callee.definition.change, [given], self.style)
            if isinstance(placed, Doubt) or not is_same(placed, [given]):
                self.report.leave(module, node, "it is used as a decorator, which calls it with one argument")

    def _in_doubt(self, module: Module, call: ast.Call, reason: str) -> None:
        """Report a call that may be of the function, unless it would stay as it is even then."""
        if not self.is_compatible and self.would_change(module, call):
            self.report.leave(module, call.func, reason)

    def would_change(self, module: Module, call: ast.Call) -> bool:
        """Tell whether a call would have to change if it were of the function."""
        arguments = arguments_of_call(call)
        style = replace(self.style, normalize=False)
        for definition in self.definitions.by_node.values():
            placed = arrange(module.bindings, definition.change, arguments, style)
            if isinstance(placed, Doubt):
                if not placed.reason.startswith("the call does not fit"):
                    return True
            elif not is_same(placed, arguments):
                return True
        return False


def _key(placed: Sequence[Placed]) -> list[tuple[object, str | None, str]]:
    return [(each.argument, each.keyword, each.text) for each in placed]
