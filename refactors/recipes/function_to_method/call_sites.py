"""Rewrites the uses of a function as uses of the method: `function(obj, a)` becomes `obj.function(a)`."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from overhaul.refactors.changes import Changes
from overhaul.refactors.doubt import Doubt
from overhaul.refactors.effects import is_effect_free, names_read, rebinds
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.fitting import ATOMS, spans_lines
from overhaul.refactors.imports import dotted_names
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_access import NameAccess
from overhaul.refactors.project import Module
from overhaul.refactors.quoted import string_around
from overhaul.refactors.recipes.function_to_method.function import Function
from overhaul.refactors.recipes.function_to_method.receivers import Receivers
from overhaul.refactors.recipes.replace_call.captured_text import CallText
from overhaul.refactors.values import External

Reference = ast.Name | ast.Attribute


@dataclass(slots=True)
class CallSites:
    """Rewrites one use at a time; inner ones have to come first."""

    inference: Inference
    function: Function
    access: NameAccess
    changes: Changes
    receivers: Receivers

    def rewrite(self, module: Module, node: Reference) -> Doubt | None:
        """Rewrite a proved use of the function; return what stands against it."""
        quoted = string_around(module.bindings, node)
        if quoted is not None:
            return quoted[1]
        if dotted_names(node) is None:
            return Doubt(f"'{ast.unparse(node)}' would no longer be evaluated, and may have side effects")
        call = module.bindings.parents.get(node)
        if isinstance(call, ast.Call) and call.func is node:
            return self._call(module, call)
        return self._value(module, node)

    def _call(self, module: Module, call: ast.Call) -> Doubt | None:
        argument = self._argument(call)
        if isinstance(argument, Doubt):
            return argument
        value = argument.value if isinstance(argument, ast.keyword) else argument
        why = self.receivers.doubt(module, value)
        if why is not None:
            return Doubt(why)
        called = CallText(module.source, call, self.changes.of(module).edits.rendered)
        index = called.arguments.index(argument)
        doubt = self._order_doubt(module, value, called.arguments[:index])
        if doubt is not None:
            return doubt
        piece = called.piece(value)
        receiver = piece.plain if _is_atom(piece.plain) else f"({piece.plain})"
        rest = self._rest(module, called, index, value)
        if isinstance(rest, Doubt):
            return rest
        start, end = module.source.start(call), module.source.end(call)
        self.changes.of(module).edits.add(start, end, f"{receiver}.{self.function.name}{rest}")
        return None

    def _argument(self, call: ast.Call) -> ast.expr | ast.keyword | Doubt:
        """Return the argument that the parameter gets."""
        name, position = self.function.parameter.arg, self.function.position
        if position is not None:
            before = call.args[: position + 1]
            if any(isinstance(each, ast.Starred) for each in before):
                return Doubt("unpacked arguments may give the instance")
            if len(call.args) > position:
                return call.args[position]
        if self.function.is_by_keyword:
            for keyword in call.keywords:
                if keyword.arg == name:
                    return keyword
        return Doubt("no argument of its own gives the instance")

    def _order_doubt(
        self, module: Module, receiver: ast.expr, earlier: list[ast.expr | ast.keyword]
    ) -> Doubt | None:
        """Tell what stands against evaluating the instance before the arguments that now come before it."""
        if all(is_effect_free(each) for each in earlier):
            return None
        owner = (
            module.bindings.scope_of(receiver).lookup(receiver.id, receiver)
            if isinstance(receiver, ast.Name)
            else None
        )
        is_local = owner is not None and owner.kind in ("function", "comprehension")
        is_shared = owner is not None and any(
            isinstance(receiver, ast.Name) and receiver.id in each.nonlocal_names for each in owner.subtree()
        )
        if is_local and not is_shared and not any(rebinds(each, names_read(receiver)) for each in earlier):
            return None
        return Doubt("the arguments would be evaluated in another order, and may have side effects")

    def _rest(self, module: Module, called: CallText, index: int, value: ast.expr) -> str | Doubt:
        """Return the parentheses of the call without the argument."""
        source, call, extents = module.source, called.call, called.extents
        opening, end = source.content.index(b"(", source.end(call.func)), source.end(call)
        if len(extents) == 1:
            low, high = opening + 1, end - 1
        elif index == 0:
            low, high = extents[0][0], extents[1][0]
        else:
            low, high = extents[index - 1][1], extents[index][1]
        if b"#" in source.content[low : source.start(value)] + source.content[source.end(value) : high]:
            return Doubt("a comment inside the call would be lost")
        if source.content[source.end(call.func) : opening].strip(b" \t"):
            return Doubt("the call's parentheses are not right behind the function")
        rendered = self.changes.of(module).edits.rendered
        return rendered(opening, low) + rendered(high, end)

    def _value(self, module: Module, node: Reference) -> Doubt | None:
        """Rewrite a use without a call as the class's plain function, which is the same object."""
        above = module.bindings.parents.get(node)
        is_attribute = isinstance(above, ast.Attribute)
        if not is_attribute and not self._is_called_by_position(module, node, above):
            return Doubt("the function is used as a value, and may be called in a way that the method is not")
        scope = module.bindings.scope_of(node)
        owner = self.access.text_at(module, scope, node)
        if isinstance(owner, Doubt):
            if is_attribute:
                raise ParameterError(
                    f"'{self.function.symbol}' cannot become a method: an attribute of it is used at"
                    f" {module.path}:{node.lineno}, and there {owner.reason}"
                )
            return owner
        start, end = module.source.start(node), module.source.end(node)
        self.changes.of(module).edits.add(start, end, f"{owner}.{self.function.name}")
        return None

    def _is_called_by_position(self, module: Module, node: Reference, above: ast.AST | None) -> bool:
        """Whether what gets the function calls it, if it does, with the instance first and not by keyword."""
        if self.function.position != 0:
            return False
        if self.function.parameter.arg == "self" or not self.function.is_by_keyword:
            return True
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return node in above.decorator_list
        call = module.bindings.parents.get(above) if isinstance(above, ast.keyword) else above
        if not isinstance(call, ast.Call) or call.func is node:
            return False
        values = self.inference.values(module, call.func)
        return bool(values) and all(
            isinstance(each, External)
            and each.name in ("builtins.map", "builtins.filter", "builtins.sorted", "builtins.min", "builtins.max",
                              "functools.reduce", "itertools.groupby", "itertools.starmap")
            for each in values
        )  # fmt: skip


def _is_atom(text: str) -> bool:
    """Whether `.name` can follow an expression as it is written."""
    return not spans_lines(text) and isinstance(ast.parse(text, mode="eval").body, ATOMS)
