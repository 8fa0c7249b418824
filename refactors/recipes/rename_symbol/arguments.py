"""Renames a parameter: in its function, in overriding methods, and as a keyword wherever the callee is proved."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from overhaul.refactors.annotations import decorator_names, last_name
from overhaul.refactors.decorators import unknown_decorator
from overhaul.refactors.fixtures import fixture_of
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.recipes.rename_symbol.other_classes import report_dispatched
from overhaul.refactors.recipes.rename_symbol.taken import refuse_taken_declaration
from overhaul.refactors.recipes.rename_symbol.variables import VariableRename
from overhaul.refactors.symbols.callees import Callees
from overhaul.refactors.symbols.family import Family
from overhaul.refactors.symbols.target import ParameterTarget, VariableTarget, arguments_of
from overhaul.refactors.values import FunctionDefinition

# A constructor is not called through a base class, so a subclass's own is another function.
_PARAMETERS = frozenset({"parameters", "arguments", "kwargs", "__kwdefaults__", "__annotations__"})
_EXPECTED_CALLS = frozenset({
    "call", "assert_called_with", "assert_called_once_with", "assert_any_call", "assert_awaited_with",
    "assert_awaited_once_with", "assert_any_await",
})  # fmt: skip
_DISPATCHERS = frozenset({"singledispatch", "singledispatchmethod"})
CONSTRUCTORS = frozenset({"__init__", "__new__", "__init_subclass__"})


class ArgumentRename:
    """One parameter of a function, or of a method and its overrides."""

    def __init__(self, inference: Inference, target: ParameterTarget, findings: Findings) -> None:
        self.inference = inference
        self.project = inference.project
        self.findings = findings
        self.old, self.new = findings.old, findings.new
        self.functions = list(dict.fromkeys(_with_overrides(inference, target)))
        self.callees = Callees(inference, self.functions, self.old)

    def find(self) -> None:
        """Find every site in the tree."""
        for function in self.functions:
            self._definition(function)
        for module in self.project.containing([self.old]):
            for keyword, _ in module.bindings.keywords.get(self.old, ()):
                self._keyword(module, keyword)
            for constant, _ in module.bindings.strings:
                if constant.value == self.old:
                    self._dictionary_key(module, constant)
                    self._looked_up(module, constant)
        for module in self.project.containing(self.callees.names):
            for call in module.bindings.star_calls:
                self._unpacked_call(module, call)
        for function in self.callees.forwarders():
            self._forwarder(function)
        dispatchers = {each.node.name for each in self.functions if decorator_names(each.node) & _DISPATCHERS}
        for module in self.project.containing(["register"]) if dispatchers else ():
            report_dispatched(self.inference, module, dispatchers, self.findings)

    def _definition(self, function: FunctionDefinition) -> None:
        module, node = function.module, function.node
        scope = module.bindings.scopes[node]
        target = VariableTarget(module, scope, self.old, self.findings.symbol)
        VariableRename(self.inference, target, self.findings).find()
        strange = unknown_decorator(self.inference, module, node)
        if strange is not None:
            self.findings.leave_at(
                module,
                module.source.start(node.decorator_list[0]),
                f"decorator {strange} may hand over '{self.old}' by keyword from outside the code (as click does)",
            )
        if fixture_of(self.inference, module, node, self.old) is not None:
            self.findings.note(
                module, _argument(function, self.old), "pytest gives this parameter a fixture by its name"
            )
        for decorator in node.decorator_list:
            self._parametrised(module, decorator)

    def _parametrised(self, module: Module, decorator: ast.expr) -> None:
        if not isinstance(decorator, ast.Call) or last_name(decorator.func) not in ("parametrize", "given"):
            return
        for constant in ast.walk(decorator):
            text = constant.value if isinstance(constant, ast.Constant) else None
            if isinstance(text, str) and self.old in text.replace(",", " ").split():
                self.findings.leave(module, constant, "name of the parameter in a string of parametrize")

    def _keyword(self, module: Module, node: ast.keyword) -> None:
        call = module.bindings.parents[node]
        if isinstance(call, ast.ClassDef):
            if self.callees.accepts_class_keyword(module, call):
                self.findings.rename(module, node, "keyword of the class statement")
            return
        if not isinstance(call, ast.Call):
            return
        if last_name(call.func) in _EXPECTED_CALLS:
            self.findings.leave(module, node, "keyword of a call that a mock is asked about")
            return
        outer = self._unpacked_into(module, call)
        accepted, reason = self.callees.judge(module, outer or call)
        if accepted:
            self._refuse_repeated(module, call)
            self.findings.rename(module, node, reason)
        elif accepted is None:
            self.findings.leave(module, node, reason)

    def _unpacked_into(self, module: Module, call: ast.Call) -> ast.Call | None:
        """Return the outer call of `f(**dict(old=1))`."""
        above = module.bindings.parents.get(call)
        if isinstance(above, ast.keyword) and above.arg is None and last_name(call.func) == "dict":
            outer = module.bindings.parents[above]
            return outer if isinstance(outer, ast.Call) else None
        return None

    def _refuse_repeated(self, module: Module, call: ast.Call) -> None:
        for keyword in call.keywords:
            if keyword.arg == self.new:
                refuse_taken_declaration(module, keyword, self.new, "the call passes it already")

    def _dictionary_key(self, module: Module, constant: ast.Constant) -> None:
        """Rename the key in `f(**{"old": 1})`."""
        display = module.bindings.parents.get(constant)
        if not isinstance(display, ast.Dict) or constant not in display.keys:
            return
        above = module.bindings.parents.get(display)
        if not isinstance(above, ast.keyword) or above.arg is not None:
            return
        call = module.bindings.parents[above]
        if not isinstance(call, ast.Call):
            return
        accepted, reason = self.callees.judge(module, call)
        if accepted:
            self.findings.rename_string(module, constant, f"key of the keywords; {reason}")
        elif accepted is None:
            self.findings.leave(module, constant, reason)

    def _looked_up(self, module: Module, constant: ast.Constant) -> None:
        """Report the key in `signature(f).parameters["old"]` and in what a mock was called with."""
        above = module.bindings.parents.get(constant)
        mapping = above.value if isinstance(above, ast.Subscript) and above.slice is constant else None
        if isinstance(above, ast.Compare) and above.left is constant:
            mapping = above.comparators[0]
        if isinstance(mapping, ast.Attribute) and mapping.attr in _PARAMETERS:
            shown = ast.unparse(mapping)
            self.findings.leave(module, constant, f"key of {shown}, which may be of the function")

    def _unpacked_call(self, module: Module, call: ast.Call) -> None:
        """Report `f(**options)`, whose keys cannot be seen, unless a forwarding function's own keywords are."""
        for keyword in call.keywords:
            if keyword.arg is not None or isinstance(keyword.value, ast.Dict):
                continue
            if isinstance(keyword.value, ast.Call) and last_name(keyword.value.func) == "dict":
                continue
            if self.callees.is_forwarded(module, keyword.value):
                continue
            accepted, _ = self.callees.judge(module, call)
            if accepted:
                shown = ast.unparse(keyword.value)
                self.findings.leave(
                    module, keyword.value, f"**{shown} of a proved call may hold the key '{self.old}'"
                )
                self._possible_keys(module)

    def _possible_keys(self, module: Module) -> None:
        """Report the keys of this name in the dictionaries of a file that unpacks some into the function."""
        why = "key of a dictionary that may be unpacked into the function"
        for constant, _ in module.bindings.strings:
            if constant.value == self.old and _is_key(module, constant):
                span = string_span(module.source, constant, 0, len(self.old))
                self.findings.leave_at(module, span[0] if span else module.source.start(constant), why)
        for keyword, _ in module.bindings.keywords.get(self.old, ()):
            call = module.bindings.parents[keyword]
            if isinstance(call, ast.Call) and last_name(call.func) in ("dict", "update"):
                self.findings.leave(module, keyword, why)

    def _forwarder(self, function: FunctionDefinition) -> None:
        """Rename the key where a function that hands its **keywords on looks at it, and in their TypedDict."""
        module = function.module
        for constant in self.callees.keys_in(function):
            self.findings.rename_string(module, constant, "key of the keywords that are handed on")
        for other, node in self.callees.typed_keys(function):
            self.findings.rename(other, node, f"key of the TypedDict of the keywords of {function.qualified}")


def _is_key(module: Module, constant: ast.Constant) -> bool:
    """Tell whether a string is a key: of a display, a subscript, `setdefault("x", 1)` or `pop("x")`."""
    above = module.bindings.parents.get(constant)
    if isinstance(above, ast.Dict):
        return constant in above.keys
    if isinstance(above, ast.Call):
        return last_name(above.func) in ("setdefault", "pop", "get") and above.args[:1] == [constant]
    return isinstance(above, ast.Subscript) and above.slice is constant


def _argument(function: FunctionDefinition, name: str) -> ast.arg:
    return next(argument for argument in arguments_of(function) if argument.arg == name)


def _with_overrides(inference: Inference, target: ParameterTarget) -> Iterable[FunctionDefinition]:
    """Yield the functions that have the parameter: the target's, its stub's, and the overrides'."""
    for function in target.functions:
        if function.owner is None:
            yield from _module_twins(inference, function, target.name)
            continue
        family = Family.around(inference, function.owner, function.node.name)
        for definition in family.definitions:
            if function.node.name in CONSTRUCTORS and definition.key != function.owner.key:
                continue
            for binding in definition.scope.bindings.get(function.node.name, ()):
                if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
                    found = inference.project.function_definition(definition.module, binding.node)
                    if any(argument.arg == target.name for argument in arguments_of(found)):
                        yield found


def _module_twins(
    inference: Inference, function: FunctionDefinition, name: str
) -> Iterable[FunctionDefinition]:
    """Yield a function and the others of its name in its scope and in the stub beside it."""
    scope = function.module.bindings.scopes[function.node].parent
    yield function
    location = inference.project.table.at(function.module.key)
    if scope is None or scope.kind != "module" or location is None:
        return
    for module in inference.project.modules_at(location):
        for binding in module.scope.bindings.get(function.node.name, ()):
            if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
                found = inference.project.function_definition(module, binding.node)
                if any(argument.arg == name for argument in arguments_of(found)):
                    yield found
