"""What the body's own names become at a call: the arguments' texts, or variables that are assigned before."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.fitting import standalone
from overhaul.refactors.import_edits import named_elsewhere
from overhaul.refactors.inference import Inference
from overhaul.refactors.recipes.inline_symbol.arguments import Argument
from overhaul.refactors.recipes.inline_symbol.body import Body
from overhaul.refactors.recipes.inline_symbol.call_sites import CallSite, argument_kind
from overhaul.refactors.recipes.inline_symbol.edits import Changes
from overhaul.refactors.recipes.inline_symbol.purity import Purity
from overhaul.refactors.recipes.inline_symbol.rendering import spliced
from overhaul.refactors.scopes import Scope


@dataclass(slots=True, eq=False)
class LocalTexts:
    """`texts` are what parameters and variables become, `prelude` the lines that must stand before the call."""

    inference: Inference
    body: Body
    site: CallSite
    changes: Changes
    kinds: dict[str, Purity] = field(init=False)
    texts: dict[str, str] = field(default_factory=dict)
    prelude: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kinds = {
            each.parameter: argument_kind(self.inference, self.site, each, self.argument_text(each))
            for each in self.site.arguments
        }

    def take_arguments(self) -> None:
        """Let every parameter be its argument's text."""
        self.texts = {each.parameter: self.argument_text(each) for each in self.site.arguments}

    def argument_text(self, argument: Argument) -> str:
        """Return the text of an argument with the calls inside it replaced."""
        module = self.body.module if argument.is_default else self.site.module
        source = module.source
        span = (source.start(argument.node), source.end(argument.node))
        splices = [] if argument.is_default else self.changes.of(module).splices
        return spliced(module, span, splices)

    def capture_reason(self, argument: Argument) -> str | None:
        """Tell why an argument would mean something else in an inner scope of the body's expression."""
        names = {node.id for node in ast.walk(argument.node) if isinstance(node, ast.Name)}
        if not names or argument.is_default:
            return None
        for use in self.body.own_uses.get(argument.parameter, ()):
            scope = self.body.module.bindings.scope_of(use)
            is_inner = scope is not self.body.scope
            while scope is not self.body.scope and scope.parent is not None:
                if names & set(scope.bindings):
                    return f"the body binds '{min(names & set(scope.bindings))}' itself"
                scope = scope.parent
            if is_inner and self.site.block.kind == "class":
                return "an inner scope does not see the names of a class"
            if is_inner and any(
                isinstance(node, ast.NamedExpr | ast.Await | ast.Yield) for node in ast.walk(argument.node)
            ):
                return "an inner scope cannot hold it"
        return None

    def bind(self, names: set[str], used: bool = True) -> Doubt | None:
        """Assign the arguments of some parameters to local variables first, and all with effects before those.

        Those of parameters that are not `used` are evaluated only.
        """
        arguments = [each for each in self.site.arguments if not each.is_default]
        last = max((each.place for each in arguments if each.parameter in names), default=-1)
        for argument in self.site.arguments:
            kind = self.kinds[argument.parameter]
            early = not argument.is_default and argument.place <= last and kind in ("reading", "acting")
            text = self.argument_text(argument)
            if argument.parameter not in names and not early:
                self.texts[argument.parameter] = text
                continue
            if not used or argument.parameter not in self.body.own_uses:
                if kind == "acting":
                    self.prelude.append(standalone(text))
                continue
            name = self._free_name(argument.parameter)
            if isinstance(name, Doubt):
                return name
            self.texts[argument.parameter] = name
            if text != name:
                self.prelude.append(f"{name} = {standalone(text)}")
        return None

    def _free_name(self, wanted: str) -> str | Doubt:
        """Return a name for a variable of the body that means nothing yet where the call is."""
        module, block = self.site.module, self.site.block
        argument = next((each.node for each in self.site.arguments if each.parameter == wanted), None)
        if isinstance(argument, ast.Name) and argument.id == wanted and not self._is_rebound(wanted):
            return wanted
        for candidate in (wanted, *(f"{wanted}_{number}" for number in range(1, 20))):
            if candidate in self.texts.values():
                continue
            free = _is_free(block, candidate)
            if free and block.kind == "module":
                free = not named_elsewhere(self.inference.project, {(module.name, candidate)})
            if free and not self._is_used_in_body(candidate, wanted):
                return candidate
        return Doubt(f"no free name for the body's '{wanted}'")

    def _is_rebound(self, parameter: str) -> bool:
        return len(self.body.scope.bindings.get(parameter, ())) > 1

    def _is_used_in_body(self, candidate: str, wanted: str) -> bool:
        """Tell whether the body means something else by a name."""
        if candidate == wanted:
            return False
        scopes = list(self.body.scope.subtree())
        return any(candidate in scope.bindings or candidate in scope.uses for scope in scopes)

    def bound_parameters(self) -> set[str]:
        """Return the parameters that become variables: rebound ones, and those whose argument may change."""
        return {
            each.parameter
            for each in self.site.arguments
            if self.kinds[each.parameter] not in ("constant", "stable") or self._is_rebound(each.parameter)
        }

    def rename_locals(self) -> Doubt | None:
        """Give the body's variables names that are free where the call is."""
        for name, bindings in self.body.scope.bindings.items():
            if name in self.body.parameters:
                continue
            free = self._free_name(name)
            if isinstance(free, Doubt):
                return free
            if free != name and not all(isinstance(each.node, ast.Name) for each in bindings):
                return Doubt(f"the body defines '{name}', which means something else here")
            self.texts[name] = free
        return None


def _is_free(block: Scope, name: str) -> bool:
    """Tell whether a scope can bind a new name: nothing in it means something of this name from outside."""
    if name in block.bindings:
        return False
    inner = list(block.subtree())
    if any(name in scope.global_names or name in scope.nonlocal_names for scope in inner):
        return False
    for scope in inner:
        for use in scope.uses.get(name, ()):
            owner = scope.lookup(name, use)
            if owner is None or owner not in inner:
                return False
    return True
