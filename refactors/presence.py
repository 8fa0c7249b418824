"""Whether an expression is certainly not None: the inference leaves None out, since it has no attributes."""

from __future__ import annotations

import ast

from overhaul.refactors.annotations import last_name
from overhaul.refactors.flow import classes_tested, reaching_bindings
from overhaul.refactors.inference import Inference
from overhaul.refactors.member_values import is_property
from overhaul.refactors.project import Module
from overhaul.refactors.scopes import Binding, FunctionNode
from overhaul.refactors.values import ClassDefinition, ClassValue, External, FunctionValue, Instance

_LONGEST_CHAIN = 12
_MAYBE = frozenset({"Optional", "Any", "object", "None"})


class Presence:
    """Proofs that rest on constructors, `self`, declared types without None, and tests around the expression."""

    def __init__(self, inference: Inference) -> None:
        self.inference = inference

    def is_certain(self, module: Module, node: ast.expr, depth: int = 0) -> bool:
        """Tell whether an expression cannot be None."""
        if depth > _LONGEST_CHAIN:
            return False
        if isinstance(node, ast.Name | ast.Attribute) and classes_tested(module.bindings, node):
            return True
        match node:
            case ast.Name():
                return self._name(module, node, depth)
            case ast.Attribute():
                return self._attribute(module, node, depth)
            case ast.Call():
                return self._call(module, node)
            case ast.Await(value=ast.Call() as call):
                return self._call(module, call)
            case ast.Subscript():
                return not isinstance(node.slice, ast.Slice) and self._holds(module, node.value, depth)
            case ast.IfExp():
                return all(self.is_certain(module, each, depth + 1) for each in (node.body, node.orelse))
            case ast.BoolOp(op=ast.Or()):
                return self.is_certain(module, node.values[-1], depth + 1)
            case ast.BoolOp():
                return all(self.is_certain(module, each, depth + 1) for each in node.values)
            case ast.NamedExpr():
                return self.is_certain(module, node.value, depth + 1)
        return False

    def _name(self, module: Module, node: ast.Name, depth: int) -> bool:
        scope = module.bindings.scope_of(node)
        owner = scope.lookup(node.id, node)
        if owner is None:
            return False
        bindings = reaching_bindings(module.bindings, owner, node, scope)
        declared = [each for each in bindings if self._declaration(module, each) is not None]
        return bool(bindings) and all(self._bound(module, each, depth) for each in declared or bindings)

    def _declaration(self, module: Module, binding: Binding) -> ast.AnnAssign | None:
        above = module.bindings.parents.get(binding.node)
        return above if isinstance(above, ast.AnnAssign) and above.target is binding.node else None

    def _bound(self, module: Module, binding: Binding, depth: int) -> bool:
        node = binding.node
        if isinstance(node, ast.arg):
            return self._parameter(module, node)
        declaration = self._declaration(module, binding)
        if declaration is not None:
            return self._declares_presence(module, declaration.annotation) and not _is_none(declaration.value)
        above = module.bindings.parents.get(node)
        if isinstance(above, ast.Assign) and node in above.targets:
            return self.is_certain(module, above.value, depth + 1)
        if isinstance(above, ast.NamedExpr):
            return self.is_certain(module, above.value, depth + 1)
        if isinstance(above, ast.For | ast.AsyncFor | ast.comprehension) and above.target is node:
            return self._holds(module, above.iter, depth)
        if isinstance(above, ast.withitem) and isinstance(above.context_expr, ast.Call):
            return self._enters(module, above.context_expr, depth)
        return False

    def _parameter(self, module: Module, node: ast.arg) -> bool:
        function = module.bindings.parents.get(node)
        function = module.bindings.parents.get(function) if isinstance(function, ast.arguments) else function
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        if node.annotation is not None:
            return self._declares_presence(module, node.annotation) and not _defaults_to_none(function, node)
        owner = self.inference.project.function_definition(module, function).owner
        positional = [*function.args.posonlyargs, *function.args.args]
        decorators = {last_name(each) for each in function.decorator_list}
        return bool(owner and positional and positional[0] is node and "staticmethod" not in decorators)

    def _attribute(self, module: Module, node: ast.Attribute, depth: int) -> bool:
        """Tell it of an attribute whose type is declared in each class that the receiver may be of."""
        values = self.inference.values(module, node.value)
        return bool(values) and all(
            isinstance(value, Instance)
            and isinstance(value.of, ClassDefinition)
            and self._member(value.of, node.attr, depth)
            for value in values
        )

    def _member(self, definition: ClassDefinition, name: str, depth: int) -> bool:
        hierarchy = self.inference.hierarchy
        related = [*hierarchy.ancestry(definition).classes, *hierarchy.descendants(definition)]
        declared = False
        for each in related:
            stores = list(hierarchy.instance_stores(each, name))
            for binding in each.scope.bindings.get(name, ()):
                if isinstance(binding.node, ast.FunctionDef) and is_property(binding.node):
                    if not self._returns_presence(each.module, binding.node):
                        return False
                    declared = True
                    continue
                declaration = self._declaration(each.module, binding)
                if declaration is None or not self._bound(each.module, binding, depth):
                    return False
                declared = True
            for store in stores:
                above = each.module.bindings.parents.get(store)
                if isinstance(above, ast.AnnAssign):
                    if not self._declares_presence(each.module, above.annotation) or _is_none(above.value):
                        return False
                    declared = True
        return declared or self._always_stored(definition, name, depth)

    def _always_stored(self, definition: ClassDefinition, name: str, depth: int) -> bool:
        """Tell whether every assignment to an attribute of this name, anywhere, gives something."""
        found = False
        for module in self.inference.project.containing([name]):
            for attribute, _ in module.bindings.attributes.get(name, ()):
                if isinstance(attribute.ctx, ast.Load):
                    continue
                above = module.bindings.parents.get(attribute)
                if not isinstance(above, ast.Assign) or attribute not in above.targets:
                    return False
                if not self.is_certain(module, above.value, depth + 1):
                    return False
                found = True
        unset = any(
            "setattr" in each.module.bindings.names
            for each in self.inference.hierarchy.ancestry(definition).classes
        )
        return found and not unset

    def _call(self, module: Module, node: ast.Call) -> bool:
        values = self.inference.values(module, node.func)
        return bool(values) and all(
            self._constructs(value.definition)
            if isinstance(value, ClassValue)
            else isinstance(value, FunctionValue)
            and self._returns_presence(value.definition.module, value.definition.node)
            for value in values
        )

    def _constructs(self, definition: ClassDefinition) -> bool:
        """Tell whether calling a class certainly gives an instance: no `__new__` or metaclass says otherwise."""
        hierarchy = self.inference.hierarchy
        classes = hierarchy.ancestry(definition).classes
        has_metaclass = any(each.node.keywords for each in classes)
        return hierarchy.provider(definition, "__new__") is None and not has_metaclass

    def _returns_presence(self, module: Module, node: FunctionNode) -> bool:
        return node.returns is not None and self._declares_presence(module, node.returns)

    def _enters(self, module: Module, node: ast.Call, depth: int) -> bool:
        """Tell it of `with Class() as name` where `__enter__` declares its result."""
        for value in self.inference.values(module, node):
            if not isinstance(value, Instance) or not isinstance(value.of, ClassDefinition):
                return False
            methods = self.inference.member_values(value, "__enter__")
            if not methods or not all(
                isinstance(each, FunctionValue)
                and self._returns_presence(each.definition.module, each.definition.node)
                for each in methods
            ):
                return False
        return bool(self.inference.values(module, node)) and depth <= _LONGEST_CHAIN

    def _holds(self, module: Module, container: ast.expr, depth: int) -> bool:
        """Tell whether no element of a container can be None: by its display, or by its declared type."""
        if isinstance(container, ast.List | ast.Tuple | ast.Set):
            return bool(container.elts) and all(
                self.is_certain(module, each, depth + 1) for each in container.elts
            )
        if isinstance(container, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return self.is_certain(module, container.elt, depth + 1)
        values = self.inference.values(module, container)
        if not values or not all(isinstance(each, Instance) and isinstance(each.of, str) for each in values):
            return False  # what a class of the tree gives when it is iterated is for its methods to say
        if isinstance(container, ast.Name):
            scope = module.bindings.scope_of(container)
            owner = scope.lookup(container.id, container)
            bindings = owner.bindings[container.id] if owner is not None else []
            return len(bindings) == 1 and self._holds_bound(module, bindings[0])
        return self.is_certain(module, container, depth + 1)

    def _holds_bound(self, module: Module, binding: Binding) -> bool:
        """Tell it of a variable whose declared type has no None anywhere in it."""
        if isinstance(binding.node, ast.arg):
            return binding.node.annotation is not None and self._parameter(module, binding.node)
        declaration = self._declaration(module, binding)
        return declaration is not None and self._declares_presence(module, declaration.annotation)

    def _declares_presence(self, module: Module, annotation: ast.expr) -> bool:
        """Tell whether a type has no None in it: only classes, and containers of such."""
        if isinstance(annotation, ast.Constant):
            expression = module.bindings.string_expressions.get(annotation)
            return expression is not None and self._declares_presence(module, expression)
        if isinstance(annotation, ast.Subscript):
            inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
            return self._names_class(module, annotation.value) and all(
                self._declares_presence(module, each) for each in inner
            )
        if isinstance(annotation, ast.BinOp):
            return self._declares_presence(module, annotation.left) and self._declares_presence(
                module, annotation.right
            )
        return isinstance(annotation, ast.Name | ast.Attribute) and self._names_class(module, annotation)

    def _names_class(self, module: Module, node: ast.expr) -> bool:
        """Tell whether a name in a type is a class, and no alias of `Optional[...]`, type variable or `Any`."""
        if last_name(node) in _MAYBE:
            return False
        values = self.inference.values(module, node)
        return bool(values) and all(
            isinstance(value, ClassValue)
            or (isinstance(value, External) and value.name.rpartition(".")[2] not in _MAYBE)
            for value in values
        )


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _defaults_to_none(function: FunctionNode, parameter: ast.arg) -> bool:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    pairs = [*zip(with_default, arguments.defaults, strict=True)]
    pairs += [
        (each, default)
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    ]
    return any(each is parameter and _is_none(default) for each, default in pairs)
