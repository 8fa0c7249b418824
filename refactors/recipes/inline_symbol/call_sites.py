"""One call of the function: what it hands over, and what stands around it."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.fitting import parsed, string_around
from overhaul.refactors.indentation import indent_of, shares_line
from overhaul.refactors.inference import Inference
from overhaul.refactors.name_tokens import Span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.inline_symbol.arguments import Argument, bound_arguments
from overhaul.refactors.recipes.inline_symbol.body import Body
from overhaul.refactors.recipes.inline_symbol.purity import Purity, is_bound_once, purity
from overhaul.refactors.scopes import Scope
from overhaul.refactors.values import ClassDefinition, ClassValue, Instance, Value


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """A call, or the `await` of one: `node` is what the body takes the place of."""

    module: Module
    call: ast.Call
    node: ast.expr
    scope: Scope
    arguments: list[Argument]

    @property
    def span(self) -> Span:
        return self.module.source.start(self.node), self.module.source.end(self.node)

    @property
    def statement(self) -> ast.stmt:
        return self.module.bindings.statement_of(self.node)

    @property
    def indent(self) -> str:
        """The indentation of the call's statement."""
        return indent_of(self.module.source, self.statement.lineno)

    @property
    def block(self) -> Scope:
        """The function, class or module whose names an assignment here would bind."""
        scope = self.scope
        while scope.kind in ("comprehension", "type parameters") and scope.parent is not None:
            scope = scope.parent
        return scope

    def kept_imports(self) -> set[ast.AST]:
        """Return the imports that the call's statement still uses when the body has taken the call's place."""
        arguments = [each.node for each in self.arguments if not each.is_default]
        callee = set(ast.walk(self.call.func))
        nodes = [node for node in ast.walk(self.statement) if node not in callee]
        nodes += [node for each in arguments for node in ast.walk(each)]
        found: set[ast.AST] = set()
        for node in nodes:
            if isinstance(node, ast.Name):
                owner = self.module.bindings.scope_of(node).lookup(node.id, node)
                found |= {each.node for each in owner.bindings[node.id]} if owner is not None else set()
        return found

    def statement_doubt(self) -> Doubt | None:
        """Tell what stands against putting statements before the call's own."""
        statement = self.statement
        whole = isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return)
        if not whole or getattr(statement, "value", None) is not self.node:
            return Doubt("the call is a part of a statement")
        if isinstance(statement, ast.AugAssign) and not self._is_own_variable(statement.target):
            return Doubt("the variable is read before the call, which may change it")
        if shares_line(self.module, statement):
            return Doubt("the call's statement shares its line with another")
        if self.block.kind == "class":
            return Doubt("variables of the body would become the class's own")
        return None

    def _is_own_variable(self, target: ast.expr) -> bool:
        if not isinstance(target, ast.Name) or self.scope.kind != "function":
            return False
        owner = self.scope.lookup(target.id, target)
        return owner is self.scope and all(each.scope is owner for each in owner.bindings[target.id])


def call_site(
    inference: Inference, body: Body, module: Module, use: ast.Name | ast.Attribute
) -> CallSite | Doubt:
    """Return the call that a use of the function is in, with its arguments."""
    parents = module.bindings.parents
    call = parents.get(use)
    if not isinstance(call, ast.Call) or call.func is not use:
        return Doubt("the function is used as a value, without a call")
    if string_around(module, call) is not None:
        return Doubt("the call is in a string, where only a variable can be replaced")
    node: ast.expr = call
    if isinstance(body.node, ast.AsyncFunctionDef):
        above = parents.get(call)
        if not isinstance(above, ast.Await):
            return Doubt("the coroutine is not awaited at once")
        node = above
    receiver = _receiver(inference, body, module, use)
    if isinstance(receiver, Doubt):
        return receiver
    arguments = bound_arguments(body.node, call, receiver)
    if isinstance(arguments, Doubt):
        return arguments
    for each in arguments:
        if each.is_default and purity(inference, body.module, each.node) != "constant":
            return Doubt(f"the default of '{each.parameter}' was evaluated when the function was defined")
    if _has_comment(module.source.slice(module.source.start(node), module.source.end(node))):
        return Doubt("a comment inside the call would be lost")
    return CallSite(module, call, node, module.bindings.scope_of(node), arguments)


def _receiver(
    inference: Inference, body: Body, module: Module, use: ast.Name | ast.Attribute
) -> ast.expr | Doubt | None:
    """Return what a method's first parameter gets; None for a function, or if the call gives it itself."""
    function = inference.project.function_definition(body.module, body.node)
    if not isinstance(use, ast.Attribute) or function.owner is None:
        return None
    kind = body.node.decorator_list[0].id if body.node.decorator_list else ""  # type: ignore[attr-defined]
    values = inference.values(module, use.value)
    is_class = bool(values) and all(isinstance(each, ClassValue) for each in values)
    is_instance = bool(values) and all(isinstance(each, Instance) for each in values)
    if kind == "staticmethod":
        if purity(inference, module, use.value) == "acting":
            return Doubt("the receiver would no longer be evaluated, and may have side effects")
        return None
    if kind == "classmethod":
        return use.value if is_class else Doubt("the receiver is not known to be the class itself")
    if is_instance:
        if any(_may_forward(inference, each, function.owner) for each in values):
            return Doubt("the receiver's class has __getattr__, which may hand the call to another object")
        return use.value
    return None if is_class else Doubt("the receiver is not known to be an instance")


def _may_forward(inference: Inference, value: Value, owner: ClassDefinition) -> bool:
    """Tell whether an object may answer for another class by handing its attributes on, whatever its types say."""
    if not isinstance(value, Instance) or not isinstance(value.of, ClassDefinition) or value.of == owner:
        return False
    hierarchy = inference.hierarchy
    return any(hierarchy.provider(value.of, name) for name in ("__getattr__", "__getattribute__"))


def argument_kind(inference: Inference, site: CallSite, argument: Argument, text: str) -> Purity:
    """Return what an argument depends on while the body runs: `stable` only for a name that it cannot change.

    `text` is the argument's with the calls inside it replaced.
    """
    if argument.is_default:
        return "constant"
    node: ast.expr = argument.node
    source = site.module.source
    if text != source.slice(source.start(node), source.end(node)):
        tree = parsed(text)
        if isinstance(tree, ast.Constant):
            return "constant"
        return _name_kind(site, tree.id) if isinstance(tree, ast.Name) else "acting"
    kind = purity(inference, site.module, node)
    if kind == "stable" and isinstance(node, ast.Name):
        return _name_kind(site, node.id)
    if kind == "stable" and not isinstance(node, ast.Attribute):
        return "reading"
    return kind


def _name_kind(site: CallSite, name: str) -> Purity:
    arguments = [each for argument in site.arguments for each in ast.walk(argument.node)]
    if any(isinstance(each, ast.NamedExpr) and each.target.id == name for each in arguments):
        return "reading"
    owner = site.scope.lookup(name)
    if owner is None or is_bound_once(site.module, owner, name):
        return "stable"
    if owner.kind == "module" or any(each.scope is not owner for each in owner.bindings[name]):
        return "reading"
    return "stable"


def _has_comment(text: str) -> bool:
    if "#" not in text:
        return False
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({text})").readline))
    except (tokenize.TokenError, SyntaxError):
        return True
    return any(token.type == tokenize.COMMENT for token in tokens)
