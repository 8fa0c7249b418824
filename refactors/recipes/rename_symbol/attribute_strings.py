"""Strings that name an attribute: given to getattr and its like, keys of namespaces, answers of `__getattr__`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Literal

from overhaul.refactors.annotations import last_name
from overhaul.refactors.external_calls import MOCKS
from overhaul.refactors.functional_classes import MAKERS
from overhaul.refactors.inference import Inference
from overhaul.refactors.modules import Location
from overhaul.refactors.name_tokens import string_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.rename_symbol.computed_names import gives_computed_names, reads_by_name
from overhaul.refactors.recipes.rename_symbol.findings import Findings
from overhaul.refactors.values import Instance, ModuleValue, Values

# Calls whose second argument is the name of an attribute of the first.
_OF_FIRST = frozenset(
    {"getattr", "setattr", "hasattr", "delattr", "object", "spy", "stub", "swap_attr", "getattr_static"}
)
# Methods whose argument is the name of an attribute of their object.
_OF_OBJECT = frozenset({"__getattribute__", "__setattr__", "__delattr__", "__getattr__"})
_ANSWERS = _OF_OBJECT | {"__dir__"}
_GETTERS = frozenset({"attrgetter", "methodcaller"})
_NAMESPACES = frozenset(
    {"__dict__", "__dataclass_fields__", "__annotations__", "__members__", "model_fields", "__fields__"}
)
_NAMESPACE_CALLS = frozenset({"vars", "asdict", "dir", "get_type_hints", "get_annotations", "fields_dict"})
_NAMESPACE_METHODS = frozenset({"_asdict", "dict", "model_dump"})
NO_TYPE = "; its object has no known type"
_NAMED_MAKERS = MAKERS | {"TypeVar", "ParamSpec", "TypeVarTuple", "NewType", "TypeAliasType"}
OPTION = "; -p strings=yes edits it"

Judge = Callable[[Values], Literal[True, False] | None]


class AttributeStrings:
    """Strings that are the name alone, in files that have it.

    `means` tells whether the attribute of a value is the symbol, None if that is unknown; `path_values` gives the
    values of a dotted path.
    """

    def __init__(
        self,
        inference: Inference,
        findings: Findings,
        means: Judge,
        path_values: Callable[[list[str], Module], Values],
        edit: bool,
        is_member: bool,
    ) -> None:
        self.inference = inference
        self.findings = findings
        self.old, self.new = findings.old, findings.new
        self.means = means
        self.path_values = path_values
        self.edit = edit
        self.is_member = is_member

    def judge(self, module: Module, constant: ast.Constant) -> None:
        """Report or edit a string where it names an attribute of something."""
        above = module.bindings.parents.get(constant)
        if isinstance(above, ast.Call):
            found = self._in_call(module, constant, above)
        elif isinstance(above, ast.Subscript) and above.slice is constant:
            found = self._in_namespace(module, constant, above.value)
        elif isinstance(above, ast.Compare):
            found = self._in_comparison(module, constant, above)
        elif isinstance(above, ast.Dict):
            found = self._in_update(module, constant, above)
        else:
            found = False
        if not found:
            self._answered(module, constant)

    def keyword(self, module: Module, keyword: ast.keyword) -> None:
        """Judge the keyword of `patch.multiple(owner, name=...)`, `globals().update(name=...)` and of mocks."""
        call = module.bindings.parents[keyword]
        if not isinstance(call, ast.Call):
            return
        called = last_name(call.func)
        values: Values | None = None
        what = ""
        if called == "multiple" and call.args:
            values, what = self.receiver(module, call.args[0]), "attribute that patch.multiple replaces"
        elif called == "update" and isinstance(call.func, ast.Attribute):
            values, what = self.namespace(module, call.func.value), "key of a namespace"
        elif called in MOCKS and self.is_member:
            values, what = self.inference.values(module, call), "attribute that a mock is given"
        if values is None or self.means(values) is False:
            return
        meant = self.means(values)
        if meant and self.edit:
            self.findings.rename(module, keyword, what)
        else:
            self.findings.leave(module, keyword, f"{what}{OPTION if meant else NO_TYPE}")

    def part(self, module: Module, constant: ast.Constant, text: str) -> None:
        """Report the name as part of a string: `attrgetter("user.name")`, `Mock(**{"name.return_value": 1})`."""
        call = module.bindings.parents.get(constant)
        is_getter = isinstance(call, ast.Call) and last_name(call.func) in _GETTERS
        parts = text.split(".")
        is_mocked = self.is_member and parts[0] == self.old and parts[1] in ("return_value", "side_effect")
        if self.old in parts and (is_getter or is_mocked):
            start = len(".".join(["", *parts[: parts.index(self.old)]]))
            span = string_span(module.source, constant, start, len(self.old))
            where = "a getter" if is_getter else "a mock"
            offset = span[0] if span else module.source.start(constant)
            self.findings.leave_at(module, offset, f"name in a string given to {where}{NO_TYPE}")

    def _in_call(self, module: Module, constant: ast.Constant, call: ast.Call) -> bool:
        name, function = last_name(call.func), call.func
        if constant not in call.args:
            return False
        index = call.args.index(constant)
        if index == 0 and name in _NAMED_MAKERS and self._is_own_name(module, call):
            self.report(module, constant, True, f"{name}, which shows and pickles by it")
            return True
        if name in _GETTERS:
            self.report(module, constant, None, name)
        elif index == 1 and (name in _OF_FIRST or name in _OF_OBJECT):
            self.report(module, constant, self.means(self.receiver(module, call.args[0])), name)
        elif index == 0 and name in _OF_OBJECT and isinstance(function, ast.Attribute):
            self.report(module, constant, self.means(self.inference.values(module, function.value)), name)
        elif index == 0 and isinstance(function, ast.Attribute) and name not in _NAMESPACE_CALLS:
            if not self._in_namespace(module, constant, function.value):
                return self._read_by_callee(module, constant, call, index)
        else:
            return self._read_by_callee(module, constant, call, index)
        return True

    def _is_own_name(self, module: Module, call: ast.Call) -> bool:
        """Tell whether a call is assigned to the renamed variable: `User = NewType("User", int)`."""
        statement = module.bindings.parents.get(call)
        return isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name)
            and self.findings.is_resolved(module.path, module.source.start(target))
            for target in statement.targets
        )

    def _read_by_callee(self, module: Module, constant: ast.Constant, call: ast.Call, index: int) -> bool:
        """Report a name handed to a function of the tree that reads an attribute by it."""
        if not reads_by_name(self.inference, module, call, index):
            return False
        self.report(module, constant, None, f"{last_name(call.func)}, which reads an attribute by it")
        return True

    def _in_namespace(self, module: Module, constant: ast.Constant, mapping: ast.expr) -> bool:
        values = self.namespace(module, mapping)
        if values is None:
            return False
        self.report(module, constant, self.means(values), "a namespace")
        return True

    def _in_comparison(self, module: Module, constant: ast.Constant, compare: ast.Compare) -> bool:
        sides = [compare.left, *compare.comparators]
        for other in sides:
            if last_name(other) in ("__name__", "__qualname__") and isinstance(other, ast.Attribute):
                self.report(module, constant, None, f"a comparison with {ast.unparse(other)}")
                return True
            if isinstance(other, ast.Attribute) and other.attr == "name":
                owner = _fields_of(module, other.value)
                if owner is not None:
                    meant = self.means(self.inference.values(module, owner))
                    self.report(module, constant, meant, "a comparison with a field's name")
                    return True
        return any(self._in_namespace(module, constant, other) for other in sides if other is not constant)

    def _in_update(self, module: Module, constant: ast.Constant, display: ast.Dict) -> bool:
        """Judge the key in `vars(x).update({"name": 1})`."""
        call = module.bindings.parents.get(display)
        is_update = isinstance(call, ast.Call) and last_name(call.func) == "update"
        if not is_update or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            return False
        return constant in display.keys and self._in_namespace(module, constant, call.func.value)

    def _answered(self, module: Module, constant: ast.Constant) -> None:
        """Report a name in `__getattr__` and its like, or in a display of a file that computes such names."""
        node, scope = module.bindings.parents.get(constant), module.bindings.scope_of(constant)
        around = scope
        while around.parent is not None:
            name = getattr(around.node, "name", "")
            if name in _ANSWERS:
                owner = around.parent
                values = self._of_block(module, owner.node)
                if self.means(values) is not False or owner.parent is None:
                    self.report(module, constant, None, f"{name}, which answers for attributes")
                return
            around = around.parent
        if not isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
            return
        above = module.bindings.parents.get(node)
        if isinstance(above, ast.keyword) and above.arg in ("spec", "spec_set"):
            self.report(module, constant, None, "a mock, as a name that it has")
            return
        if "__getattr__" in module.scope.bindings and scope is module.scope:
            if not _is_exported(module, constant):
                self.report(module, constant, None, "a display of a module that has __getattr__")
        elif gives_computed_names(module) and not _is_exported(module, constant):
            self.report(module, constant, None, "a display of a file that reads attributes by computed names")

    def _of_block(self, module: Module, node: ast.AST) -> Values:
        if isinstance(node, ast.ClassDef):
            return (Instance(self.inference.project.class_definition(module, node)),)
        return (ModuleValue(Location(module.key, (module.path,))),)

    def receiver(self, module: Module, node: ast.expr) -> Values:
        """Return the values of an expression, or of what a string names by its path."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.path_values(node.value.split("."), module)
        return self.inference.values(module, node)

    def namespace(self, module: Module, node: ast.expr, follow: bool = True) -> Values | None:
        """Return the owner of `globals()`, `vars(x)`, `x.__dict__`, `asdict(x)`, `x._asdict()`; None for others."""
        if isinstance(node, ast.Call):
            return self._called_namespace(module, node)
        if isinstance(node, ast.Attribute) and node.attr in _NAMESPACES:
            return self.inference.values(module, node.value)
        if isinstance(node, ast.Name) and follow:
            owner = module.bindings.scope_of(node).lookup(node.id, node)
            for binding in owner.bindings[node.id] if owner is not None else ():
                above = module.bindings.parents.get(binding.node)
                if isinstance(above, ast.Assign):
                    found = self.namespace(module, above.value, follow=False)
                    if found is not None:
                        return found
        return None

    def _called_namespace(self, module: Module, node: ast.Call) -> Values | None:
        name = last_name(node.func)
        if name in _NAMESPACE_CALLS and node.args:
            return self.inference.values(module, node.args[0])
        if name in ("globals", "locals", "vars", "dir") and not node.args:
            scope = module.bindings.scope_of(node)
            block = scope.node if scope.kind == "class" and name != "globals" else module.scope.node
            return self._of_block(module, block)
        if name in _NAMESPACE_METHODS and isinstance(node.func, ast.Attribute):
            return self.inference.values(module, node.func.value)
        return None

    def report(self, module: Module, constant: ast.Constant, meant: bool | None, where: str) -> None:
        """Edit a string that is proved to name the symbol if that is asked for; report it otherwise."""
        if meant is False:
            return
        span = string_span(module.source, constant, 0, len(self.old))
        if meant and self.edit and span is not None:
            self.findings.replace(module, span, self.new, f"name in a string given to {where}", constant)
        else:
            why = OPTION if meant else NO_TYPE
            offset = span[0] if span else module.source.start(constant)
            self.findings.leave_at(module, offset, f"name in a string given to {where}{why}")


def _fields_of(module: Module, name: ast.expr) -> ast.expr | None:
    """Return the class that `for f in fields(C)` goes through, for `f`."""
    if not isinstance(name, ast.Name):
        return None
    owner = module.bindings.scope_of(name).lookup(name.id, name)
    for binding in owner.bindings[name.id] if owner is not None else ():
        loop = module.bindings.parents.get(binding.node)
        iterated = getattr(loop, "iter", None)
        if isinstance(iterated, ast.Call) and last_name(iterated.func) == "fields" and iterated.args:
            return iterated.args[0]
    return None


def _is_exported(module: Module, constant: ast.Constant) -> bool:
    """Tell whether a string is in `__all__` or `__slots__`, which have rules of their own."""
    statement = module.bindings.statement_of(constant)
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return any(last_name(each) in ("__all__", "__slots__", "__match_args__") for each in targets if each)
