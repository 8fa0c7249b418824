"""Whether a call hands a keyword to the functions whose parameter is renamed, directly or through `**keywords`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from overhaul.refactors.annotations import last_name
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module
from overhaul.refactors.values import (
    ClassDefinition,
    ClassValue,
    External,
    FunctionDefinition,
    FunctionValue,
    Instance,
    Unknown,
    Value,
)

_PARTIAL = frozenset({"functools.partial", "functools.partialmethod"})
Judgement = tuple[bool | None, str]


class Callees:
    """The functions with the parameter, and those that hand their keywords on to one of them."""

    def __init__(self, inference: Inference, functions: Sequence[FunctionDefinition], name: str) -> None:
        self.inference = inference
        self.functions = functions
        self.name = name
        self.names = set(_called_names(inference, functions))
        self._forwards: dict[FunctionDefinition, bool | None] = {}

    def judge(self, module: Module, call: ast.Call) -> Judgement:
        """Tell whether a call's keyword goes to the parameter: True, False, or None with the reason."""
        shown = ast.unparse(call.func)
        values = self.inference.values(module, call.func)
        answers = {self._accepts_value(module, call, value) for value in values}
        if answers == {True}:
            return True, f"keyword in a call of {shown}"
        if answers == {False}:
            return False, ""
        if True in answers:
            return None, f"keyword in a call of '{shown}', which may be another function"
        is_variable = isinstance(call.func, ast.Name)  # a parameter or variable may hold any function
        if is_variable or last_name(call.func) in self.names or self._is_handed_over(module, call):
            why = [value.reason for value in values if isinstance(value, Unknown)]
            return (
                None,
                f"keyword in a call of '{shown}', which is not known: {why[0] if why else 'no known type'}",
            )
        return False, ""

    def _accepts_value(self, module: Module, call: ast.Call, value: Value) -> bool | None:
        if isinstance(value, FunctionValue):
            accepted = self.accepts(value.definition)
            return None if accepted is False and self._is_handed_over(module, call) else accepted
        if isinstance(value, ClassValue):
            return self._constructs(value.definition)
        if isinstance(value, Instance) and isinstance(value.of, ClassDefinition):
            return self._method_accepts(value.of, "__call__")
        if isinstance(value, Instance) and value.of == "functools.partial" and value.arguments:
            inner = {self._accepts_value(module, call, each) for each in value.arguments[0]}
            return inner.pop() if len(inner) == 1 else None
        if isinstance(value, Instance) and value.of == "typing.Callable":
            return None
        if isinstance(value, External) and value.name in _PARTIAL and call.args:
            inner = {
                self._accepts_value(module, call, each)
                for each in self.inference.values(module, call.args[0])
            }
            return inner.pop() if len(inner) == 1 else None
        return None if isinstance(value, Unknown) or self._is_handed_over(module, call) else False

    def accepts_class_keyword(self, module: Module, node: ast.ClassDef) -> bool:
        """Tell whether a class statement's keyword goes to the parameter of an `__init_subclass__`."""
        definition = self.inference.project.class_definition(module, node)
        bases = self.inference.hierarchy.ancestry(definition).classes[1:]
        return any(self._own_method(base, "__init_subclass__") for base in bases)

    def _own_method(self, definition: ClassDefinition, name: str) -> bool:
        return any(function.owner == definition and function.node.name == name for function in self.functions)

    def _constructs(self, definition: ClassDefinition) -> bool | None:
        answers = {self._method_accepts(definition, name) for name in ("__init__", "__new__")}
        return True if True in answers else None if None in answers else False

    def _method_accepts(self, definition: ClassDefinition, name: str) -> bool | None:
        owner = self.inference.hierarchy.provider(definition, name)
        if owner is None:
            return False
        answers: set[bool | None] = set()
        for binding in owner.scope.bindings.get(name, ()):
            if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
                function = self.inference.project.function_definition(owner.module, binding.node)
                answers.add(self.accepts(function))
        return True if True in answers else None if None in answers else False

    def accepts(self, function: FunctionDefinition) -> bool | None:
        """Tell whether a keyword of a function is the parameter, its own or one it hands on."""
        if function in self.functions:
            # A keyword of the name of a positional-only parameter is another one, of **keywords.
            return not any(each.arg == self.name for each in function.node.args.posonlyargs)
        if function not in self._forwards:
            self._forwards[function] = False
            self._forwards[function] = self._hands_on(function)
        return self._forwards[function]

    def _hands_on(self, function: FunctionDefinition) -> bool | None:
        arguments = function.node.args
        if arguments.kwarg is None:
            return False
        if any(each.arg == self.name for each in [*arguments.args, *arguments.kwonlyargs]):
            return False
        if any(_method_on(function.module, key) == "pop" for key in self._keys(function)):
            return False
        answers = {
            self._accepts_value(function.module, call, value)
            for call in function.module.bindings.star_calls
            if self._unpacks_keywords(function, call)
            and not any(each.arg == self.name for each in call.keywords)
            for value in self.inference.values(function.module, call.func)
        }
        return (
            True
            if True in answers
            else None
            if None in answers and function.node.name in self.names
            else False
        )

    def _unpacks_keywords(self, function: FunctionDefinition, call: ast.Call) -> bool:
        return any(each.arg is None and self._is_keywords_of(function, each.value) for each in call.keywords)

    def _is_keywords_of(self, function: FunctionDefinition, value: ast.expr) -> bool:
        if isinstance(value, ast.Dict):  # f(**{**keywords, "x": 1})
            return any(
                key is None and self._is_keywords_of(function, each)
                for key, each in zip(value.keys, value.values, strict=True)
            )
        if not isinstance(value, ast.Name) or function.node.args.kwarg is None:
            return False
        if value.id != function.node.args.kwarg.arg:
            return False
        bindings = function.module.bindings
        return bindings.scope_of(value).lookup(value.id, value) is bindings.scopes[function.node]

    def is_forwarded(self, module: Module, value: ast.expr) -> bool:
        """Tell whether `**value` is the `**keywords` of a function that hands them on."""
        return any(
            accepted and function.module is module and self._is_keywords_of(function, value)
            for function, accepted in self._all_in(module)
        )

    def _all_in(self, module: Module) -> Iterator[tuple[FunctionDefinition, bool | None]]:
        for node, _ in module.bindings.functions:
            if node.args.kwarg is not None:
                function = self.inference.project.function_definition(module, node)
                yield function, self.accepts(function)

    def forwarders(self) -> list[FunctionDefinition]:
        """Return the functions found so far that hand the keyword on."""
        return [function for function, accepted in self._forwards.items() if accepted]

    def keys_in(self, function: FunctionDefinition) -> list[ast.Constant]:
        """Return the strings with which a function looks at the key in its own keywords."""
        return list(self._keys(function))

    def _keys(self, function: FunctionDefinition) -> Iterator[ast.Constant]:
        bindings = function.module.bindings
        for constant, _ in bindings.strings:
            if constant.value != self.name:
                continue
            above = bindings.parents.get(constant)
            mapping: ast.AST | None = None
            if isinstance(above, ast.Subscript) and above.slice is constant:
                mapping = above.value
            elif isinstance(above, ast.Call) and above.args and above.args[0] is constant:
                mapping = getattr(above.func, "value", None)
            elif isinstance(above, ast.Compare) and above.left is constant:
                mapping = above.comparators[0]
            if isinstance(mapping, ast.Name) and self._is_keywords_of(function, mapping):
                yield constant

    def typed_keys(self, function: FunctionDefinition) -> Iterator[tuple[Module, ast.AST]]:
        """Yield the key in the TypedDict of `**keywords: Unpack[Options]`."""
        keywords = function.node.args.kwarg
        annotation = keywords.annotation if keywords is not None else None
        if not isinstance(annotation, ast.Subscript) or last_name(annotation.value) != "Unpack":
            return
        for value in self.inference.values(function.module, annotation.slice):
            if isinstance(value, ClassValue):
                owner = self.inference.hierarchy.provider(value.definition, self.name)
                if owner is not None:
                    for binding in owner.scope.bindings.get(self.name, ()):
                        yield owner.module, binding.node

    def _is_handed_over(self, module: Module, call: ast.Call) -> bool:
        """Tell whether a call that is not of the function gets the function itself: `invoke(f, old=1)`."""
        for argument in call.args:
            if isinstance(argument, ast.Name | ast.Attribute) and last_name(argument) in self.names:
                for value in self.inference.values(module, argument):
                    if isinstance(value, FunctionValue) and value.definition in self.functions:
                        return True
        return False


def _method_on(module: Module, key: ast.Constant) -> str:
    above = module.bindings.parents.get(key)
    return last_name(above.func) if isinstance(above, ast.Call) else ""


def _called_names(inference: Inference, functions: Sequence[FunctionDefinition]) -> Iterator[str]:
    """Yield the names under which code calls the functions: a constructor's class and its subclasses."""
    for function in functions:
        if function.owner is not None and function.node.name in ("__init__", "__new__", "__call__"):
            yield function.owner.name
            yield from (each.name for each in inference.hierarchy.descendants(function.owner))
        if function.node.name not in ("__new__", "__call__"):
            yield function.node.name
