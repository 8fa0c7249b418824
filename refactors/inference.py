"""What an expression may be, from imports, definitions, assignments, annotations and tests around it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from overhaul.refactors.annotations import last_name
from overhaul.refactors.assignments import assigned_values, element_values
from overhaul.refactors.calls import call_values, parameter_values
from overhaul.refactors.classes import Hierarchy
from overhaul.refactors.containers import is_container_method
from overhaul.refactors.declared_types import declared_values
from overhaul.refactors.decorators import keeps_function, replaced_values
from overhaul.refactors.fixtures import requested_values
from overhaul.refactors.flow import classes_tested, reaching_bindings
from overhaul.refactors.modules import Location
from overhaul.refactors.outside_stores import OutsideStores
from overhaul.refactors.project import Exported, Module, Project
from overhaul.refactors.scopes import Binding, Scope
from overhaul.refactors.values import (
    BuiltinMethod,
    ClassDefinition,
    ClassValue,
    External,
    FunctionValue,
    Instance,
    ModuleValue,
    Super,
    Unknown,
    Value,
    Values,
    builtin,
    union,
)

TRANSPARENT_DECORATORS = frozenset({
    "abc.abstractmethod", "builtins.staticmethod", "builtins.classmethod", "builtins.property", "typing.final",
    "typing.overload", "typing.override", "typing_extensions.override", "typing_extensions.overload",
    "functools.cache", "functools.lru_cache", "functools.wraps", "functools.cached_property", "typing.no_type_check",
    "contextlib.contextmanager", "contextlib.asynccontextmanager", "pytest.fixture", "types.coroutine",
    "abc.abstractproperty", "functools.singledispatch", "functools.singledispatchmethod", "warnings.deprecated",
    "typing_extensions.deprecated", "enum.property", "atexit.register", "typing_extensions.final",
})  # fmt: skip
_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty", "setter", "getter", "deleter"})
_DEPTH = 60
_STEPS = 4000


class Inference:
    """The values of expressions, worked out when asked and kept."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.hierarchy = Hierarchy(self, project)
        self.outside_stores = OutsideStores(self)
        self._known: dict[ast.AST, Values] = {}
        self._active: set[object] = set()
        # A result found while a cycle was cut short is not kept: it may lack what the cut hid.
        self._interruptions = 0
        self._steps = 0

    def values(self, module: Module, node: ast.expr) -> Values:
        """Return what an expression of a module may be."""
        known = self._known.get(node)
        if known is not None:
            return known
        interruptions = self._interruptions
        result = self.guarded(node, lambda: self._evaluate(module, node))
        if not self._active or interruptions == self._interruptions:
            self._known[node] = result
        return result

    def guarded(self, key: object, evaluate: Callable[[], Values]) -> Values:
        """Evaluate unless that is under way already or the chain of reasons has become too long."""
        if key in self._active:
            self._interruptions += 1
            return ()
        self._steps = self._steps + 1 if self._active else 0
        if len(self._active) > _DEPTH or self._steps > _STEPS:
            self._interruptions += 1
            return (Unknown("the chain of definitions is too long"),)
        self._active.add(key)
        try:
            return evaluate()
        finally:
            self._active.discard(key)

    def _evaluate(self, module: Module, node: ast.expr) -> Values:
        if isinstance(node, ast.Name | ast.Attribute):
            tested = classes_tested(module.bindings, node)
            if tested:
                return union(*(declared_values(self, module, each) for each in tested))
        evaluate = _EVALUATORS.get(type(node))
        return evaluate(self, module, node) if evaluate else (Unknown("not a name, an attribute or a call"),)

    def name_values(self, module: Module, node: ast.Name) -> Values:
        """Return what a name may be where it is used."""
        scope = module.bindings.scope_of(node)
        owner = scope.lookup(node.id, node)
        if owner is None:
            return self._unbound(module, node.id)
        bindings = reaching_bindings(module.bindings, owner, node, scope)
        return self.binding_union(module, bindings)

    def binding_union(self, module: Module, bindings: Iterable[Binding]) -> Values:
        """Return what a name bound in these ways may be."""
        bindings = list(bindings)
        declared = [binding for binding in bindings if is_declared(module, binding.node)]
        found = union(*(self.binding_values(module, binding) for binding in declared or bindings))
        if declared or not bindings or not all(isinstance(each.node, ast.Name) for each in bindings):
            return found
        if bindings[-1].scope.kind != "module":
            return found
        return union(found, self.outside_stores.of_module(module.key, bindings[-1].name))

    def binding_values(self, module: Module, binding: Binding) -> Values:
        return self.guarded(binding.node, lambda: self._bound(module, binding))

    def _bound(self, module: Module, binding: Binding) -> Values:
        node = binding.node
        if isinstance(node, ast.alias):
            found = self.project.imported(module, binding)
            if found is None:
                return (Unknown(f"'{binding.name}' is imported from where the tree has none"),)
            return self.exported_values(found)
        if isinstance(node, ast.ClassDef):
            return union(
                (ClassValue(self.project.class_definition(module, node)),), *self._decorated(module, node)
            )
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self._function(module, node)
        if isinstance(node, ast.arg):
            return parameter_values(self, module, node)
        return assigned_values(self, module, binding)

    def _decorated(self, module: Module, node: ast.ClassDef) -> Iterable[Values]:
        """Yield the classes that decorators are seen to give back in a class's place."""
        for decorator in node.decorator_list:
            if not isinstance(decorator, ast.Call):
                found = union(*(self.call_value(value) for value in self.values(module, decorator)))
                yield tuple(value for value in found if isinstance(value, ClassValue))

    def binding_values_of(self, module: Module, target: ast.expr) -> Values:
        """Return what the target of an assignment is bound to by it."""
        return self.guarded(target, lambda: assigned_values(self, module, Binding("", target, module.scope)))

    def exported_values(self, found: ModuleValue | External | Exported) -> Values:
        """Return what a name of another module's namespace may be."""
        if isinstance(found, Exported):
            return self.binding_union(found.module, found.bindings)
        return (found,)

    def _unbound(self, module: Module, name: str) -> Values:
        for statement, _ in module.bindings.star_imports:
            source = self.project.import_source(module, statement)
            if isinstance(source, Location):
                found = self.project.member(source, name) if self.project.exports(source, name) else None
                if found is not None:
                    return self.exported_values(found)
        return (External(f"builtins.{name}"),)

    def _function(self, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Values:
        strange = self.unknown_decorator(module, node)
        if strange is not None:
            replaced = replaced_values(self, module, node.decorator_list)
            if replaced:
                return replaced
            return (Unknown(f"'{node.name}' is decorated by {strange}, which may replace it"),)
        return (FunctionValue(self.project.function_definition(module, node)),)

    def unknown_decorator(self, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
        """Return the text of a decorator that may replace the function by something else."""
        for decorator in node.decorator_list:
            function = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(function, ast.Attribute) and function.attr in (
                "setter",
                "getter",
                "deleter",
                "register",
            ):
                continue
            names = [value.name for value in self.values(module, function) if isinstance(value, External)]
            if (not names or not set(names) <= TRANSPARENT_DECORATORS) and not keeps_function(
                self, module, decorator
            ):
                return ast.unparse(function)
        return None

    def is_property(self, node: ast.AST) -> bool:
        return isinstance(node, ast.FunctionDef) and any(
            last_name(each) in _PROPERTIES for each in node.decorator_list
        )

    def self_values(self, module: Module, node: ast.Name, scope: Scope) -> Values:
        """Return the values of a name if it is a method's own first parameter, or nothing."""
        owner = scope.lookup(node.id, node)
        if owner is None or owner.kind != "function":
            return ()
        binding = owner.bindings[node.id][0]
        if not isinstance(binding.node, ast.arg):
            return ()
        function = owner.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return ()
        positional = [*function.args.posonlyargs, *function.args.args]
        if not positional or positional[0] is not binding.node or owner.parent is None:
            return ()
        if not isinstance(owner.parent.node, ast.ClassDef) or owner.parent.kind != "class":
            return ()
        return self.binding_values(module, binding)

    def attribute_values(self, module: Module, node: ast.Attribute) -> Values:
        given = requested_values(self, module, node)
        if given:
            return given
        found = [self.member_values(value, node.attr) for value in self.values(module, node.value)]
        return union(*found)

    def member_values(self, value: object, name: str) -> Values:
        """Return what an attribute of a value may be."""
        if isinstance(value, ModuleValue):
            found = self.project.member(value.location, name)
            return self.exported_values(found) if found else (Unknown(f"the module has no '{name}'"),)
        if isinstance(value, External):
            return (External(f"{value.name}.{name}"),)
        if isinstance(value, Instance | ClassValue | Super):
            return self._class_member(value, name)
        if isinstance(value, Unknown):
            return (value,)
        return (Unknown("an attribute of a function"),)

    def _class_member(self, value: Instance | ClassValue | Super, name: str) -> Values:
        definition = value.of if isinstance(value, Instance) else value.definition
        if isinstance(definition, str):
            if isinstance(value, Instance) and is_container_method(value, name):
                return (BuiltinMethod(value, name),)
            return (Unknown(f"an attribute of {definition}"),)
        if name == "__class__" and isinstance(value, Instance):
            return (ClassValue(definition),)
        classes = self.hierarchy.ancestry(definition).classes
        for each in classes[1:] if isinstance(value, Super) else classes:
            found = self._own_member(each, name, value)
            if found and not isinstance(value, Super) and self._is_assigned(each, name):
                return union(found, self.outside_stores.of_class(definition, each, name))
            if found:
                return found
        return (Unknown(f"'{definition.name}' defines no '{name}' that can be read"),)

    def _own_member(self, owner: ClassDefinition, name: str, value: Instance | ClassValue | Super) -> Values:
        bindings = owner.scope.bindings.get(name, [])
        are_assigned = all(isinstance(binding.node, ast.Name) for binding in bindings)
        if bindings and are_assigned and not isinstance(value, Super) and self._is_enumeration(owner):
            return (Instance(owner),)
        stores = list(self.hierarchy.instance_stores(owner, name))
        declared = [binding for binding in bindings if is_declared(owner.module, binding.node)]
        declared_stores = [store for store in stores if is_declared(owner.module, store)]
        if declared or declared_stores:  # a declared type holds for every assignment
            bindings, stores = declared, declared_stores
        of_class = [self._bound_member(owner, binding, value) for binding in bindings]
        return union(*of_class, *(self._stored(owner, store) for store in stores))

    def _is_assigned(self, owner: ClassDefinition, name: str) -> bool:
        """Tell whether an attribute is a variable without a declared type, which other code may set as well."""
        nodes = [binding.node for binding in owner.scope.bindings.get(name, ())]
        nodes += self.hierarchy.instance_stores(owner, name)
        is_variable = all(isinstance(node, ast.Name | ast.Attribute) for node in nodes)
        declared = any(is_declared(owner.module, node) for node in nodes)
        return is_variable and not declared and not self._is_enumeration(owner)

    def _stored(self, owner: ClassDefinition, store: ast.Attribute) -> Values:
        return self.guarded(store, lambda: assigned_values(self, owner.module, store))

    def _bound_member(
        self, owner: ClassDefinition, binding: Binding, value: Instance | ClassValue | Super
    ) -> Values:
        node = binding.node
        if isinstance(node, ast.FunctionDef) and self.is_property(node) and not isinstance(value, ClassValue):
            method = self.project.function_definition(owner.module, node)
            return call_values(self, FunctionValue(method, value))
        found = tuple(
            FunctionValue(each.definition, value) if isinstance(each, FunctionValue) else each
            for each in self.binding_values(owner.module, binding)
        )
        return union(*(self._described(each) for each in found))

    def _described(self, value: Value) -> Values:
        """Return what reading a class's attribute gives: the result of `__get__` for a descriptor."""
        if not isinstance(value, Instance) or not isinstance(value.of, ClassDefinition):
            return (value,)
        if self.hierarchy.provider(value.of, "__get__") is None:
            return (value,)
        return union(*(self.call_value(each) for each in self.member_values(value, "__get__")))

    def _is_enumeration(self, owner: ClassDefinition) -> bool:
        return any(name.startswith("enum.") for name in self.hierarchy.ancestry(owner).external)

    def call(self, module: Module, node: ast.Call) -> Values:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return self._super(module, node)
        if isinstance(node.func, ast.Name) and node.func.id == "type" and len(node.args) == 1:
            return tuple(
                ClassValue(value.of) if isinstance(value, Instance) and not isinstance(value.of, str)
                else Unknown("the class of an unknown value")
                for value in self.values(module, node.args[0])
            )  # fmt: skip
        return union(*(call_values(self, value, module, node) for value in self.values(module, node.func)))

    def call_value(self, value: Value) -> Values:
        """Return what calling a value gives, whatever its arguments."""
        return call_values(self, value)

    def result(self, function: FunctionValue) -> Values:
        """Return what calling a function gives."""
        return call_values(self, function)

    def _super(self, module: Module, node: ast.Call) -> Values:
        if node.args:
            return tuple(
                Super(value.definition)
                if isinstance(value, ClassValue)
                else Unknown("super() of an unknown class")
                for value in self.values(module, node.args[0])
            )
        scope = module.bindings.enclosing_class(module.bindings.scope_of(node))
        if scope is None or not isinstance(scope.node, ast.ClassDef):
            return (Unknown("super() outside a class"),)
        return (Super(self.project.class_definition(module, scope.node)),)

    def subscript(self, module: Module, node: ast.Subscript) -> Values:
        found: list[Values] = []
        for value in self.values(module, node.value):
            if isinstance(value, ClassValue):
                is_member = self._is_enumeration(value.definition)
                found.append((Instance(value.definition),) if is_member else (value,))
            elif isinstance(value, External) or isinstance(node.slice, ast.Slice):
                found.append((value,))
            else:
                found.append(element_values(self, value, node.slice))
        return union(*found)

    def awaited(self, module: Module, node: ast.Await) -> Values:
        return union(
            *(
                value.arguments[-1]
                if isinstance(value, Instance) and value.arguments
                else (Unknown("the result of an await"),)
                for value in self.values(module, node.value)
            )
        )

    def binary(self, module: Module, node: ast.BinOp) -> Values:
        left = self.values(module, node.left)
        kept: Values = tuple(each for each in left if isinstance(each, Instance) and isinstance(each.of, str))
        if any(isinstance(each, Instance) and each.arguments for each in kept):
            kept = union(kept, self.values(module, node.right))  # a list and what is added to it
        return kept if kept and len(kept) >= len(left) else (Unknown("the result of an operator"),)


def is_declared(module: Module, node: ast.AST) -> bool:
    """Tell whether a target of an assignment is annotated by it."""
    return isinstance(module.bindings.parents.get(node), ast.AnnAssign)


def _constant(_inference: Inference, _module: Module, node: ast.Constant) -> Values:
    if node.value is None:
        return ()
    return builtin(type(node.value).__name__)


def _either(inference: Inference, module: Module, node: ast.BoolOp) -> Values:
    return union(*(inference.values(module, each) for each in node.values))


def _sequence(inference: Inference, module: Module, node: ast.List | ast.Set | ast.Tuple) -> Values:
    if not node.elts:  # filled later, by what cannot be seen here
        return builtin(type(node).__name__.lower())
    items = [inference.values(module, each) for each in node.elts if not isinstance(each, ast.Starred)]
    name = type(node).__name__.lower()
    return builtin(name, *items) if name == "tuple" else builtin(name, union(*items))


def _dictionary(inference: Inference, module: Module, node: ast.Dict) -> Values:
    if not node.keys:
        return builtin("dict")
    keys = union(*(inference.values(module, key) for key in node.keys if key is not None))
    return builtin("dict", keys, union(*(inference.values(module, value) for value in node.values)))


def _comprehension(
    inference: Inference, module: Module, node: ast.ListComp | ast.SetComp | ast.GeneratorExp
) -> Values:
    name = {ast.ListComp: "list", ast.SetComp: "set"}.get(type(node), "generator")
    return builtin(name, inference.values(module, node.elt))


_EVALUATORS: dict[type[ast.expr], Callable[[Inference, Module, Any], Values]] = {
    ast.Name: Inference.name_values,
    ast.Attribute: Inference.attribute_values,
    ast.Call: Inference.call,
    ast.Subscript: Inference.subscript,
    ast.Await: Inference.awaited,
    ast.BinOp: Inference.binary,
    ast.Constant: _constant,
    ast.BoolOp: _either,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Tuple: _sequence,
    ast.Dict: _dictionary,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: lambda inference, module, node: builtin(
        "dict", inference.values(module, node.key), inference.values(module, node.value)
    ),
    ast.IfExp: lambda inference, module, node: union(
        inference.values(module, node.body), inference.values(module, node.orelse)
    ),
    ast.NamedExpr: lambda inference, module, node: inference.values(module, node.value),
    ast.JoinedStr: lambda *_: builtin("str"),
    ast.Compare: lambda *_: builtin("bool"),
    ast.UnaryOp: lambda inference, module, node: (
        builtin("bool") if isinstance(node.op, ast.Not) else inference.values(module, node.operand)
    ),
}
