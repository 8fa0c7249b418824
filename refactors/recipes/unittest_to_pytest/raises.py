"""assertRaises and assertRaisesRegex: as context managers and as calls."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.import_needs import ImportStatement
from overhaul.refactors.indentation import shares_line
from overhaul.refactors.name_tokens import name_span
from overhaul.refactors.project import Module
from overhaul.refactors.recipes.unittest_to_pytest.claims import Names
from overhaul.refactors.recipes.unittest_to_pytest.layout import Layout, comment_doubt
from overhaul.refactors.recipes.unittest_to_pytest.vocabulary import current_name
from overhaul.refactors.scopes import Scope


@dataclass(frozen=True, slots=True)
class Raises:
    """An expected exception: `raises` is how the file calls pytest.raises, `exceptions` the uses of the caught one.

    `called` are the callable and its arguments where the assertion calls it itself. `siblings` are all the calls whose
    contexts have one name: they change together.
    """

    raises: str
    call: ast.Call
    expected: ast.expr
    pattern: ast.expr | None
    called: tuple[ast.expr | ast.keyword, ...]
    exceptions: tuple[ast.Attribute, ...]
    needs: tuple[ImportStatement, ...]
    is_block: bool = True
    siblings: tuple[ast.Call, ...] = ()

    @property
    def is_rebuilt(self) -> bool:
        """Whether a block takes the place of the call; else only the name of the method and `match=` change."""
        return bool(self.called) and self.is_block

    def block(self, layout: Layout) -> str:
        """Return the block that takes the place of the statement."""
        expected = layout.written(self.expected)
        if isinstance(self.expected, ast.NamedExpr | ast.Yield):
            expected = f"({expected})"
        match = f", match={layout.written(self.pattern)}" if self.pattern is not None else ""
        inner = f"{layout.line_end}{layout.indent}{layout.step}"
        return f"with {self.raises}({expected}{match}):{inner}{self._statement(layout, inner)}"

    def keyword_place(self, module: Module) -> int | None:
        """Return the byte offset at which `match=` is put before the pattern."""
        assert self.pattern is not None  # noqa: S101 - asked for patterns only
        return _after_comma(module, self.expected, self.pattern)

    def _statement(self, layout: Layout, inner: str) -> str:
        function, arguments = self.called[0], list(self.called[1:])
        if isinstance(function, ast.Lambda) and not arguments and _can_be_inlined(function):
            return layout.enclosed(function.body, len(layout.indent) + len(layout.step))
        written = layout.written(function)  # type: ignore[arg-type]  # the first one is no keyword
        if not isinstance(function, ast.Name | ast.Attribute):
            written = f"({written})"
        texts = layout.arguments(arguments)
        line = f"{written}({', '.join(texts)})"
        if layout.statement.lineno == layout.statement.end_lineno or "\n" in line:
            return line
        if len(layout.indent) + len(layout.step) + len(line) <= layout.longest:
            return line
        return f"{written}({''.join(f'{inner}{layout.step}{each},' for each in texts)}{inner})"


def raises_of(names: Names, name: str, call: ast.Call) -> Raises | Doubt:
    """Return what a call of assertRaises becomes; a Doubt if pytest.raises is not exactly the same there."""
    module, name = names.module, current_name(name)
    found = names.find("pytest.raises")
    if isinstance(found, Doubt):
        return found
    count = 2 if name == "assertRaisesRegex" else 1
    if len(call.args) < count or any(isinstance(each, ast.Starred) for each in call.args[:count]):
        return Doubt("the expected exception is not given by place")
    expected, pattern = call.args[0], call.args[1] if count == 2 else None
    if pattern is not None and _may_be_empty(pattern):
        return Doubt("an empty pattern is one that pytest warns of")
    if isinstance(pattern, ast.NamedExpr | ast.Yield | ast.YieldFrom):
        return Doubt("the pattern does something")
    if _looks_at_failures(module):
        return Doubt("the file looks at AssertionErrors, and pytest.raises does not raise one")
    above = module.bindings.parents[call]
    called: tuple[ast.expr | ast.keyword, ...] = (*call.args[count:], *call.keywords)
    if pattern is not None and _after_comma(module, expected, pattern) is None:
        return Doubt("something else stands before the pattern")
    if isinstance(above, ast.withitem) and above.context_expr is call:
        if called:
            return Doubt("pytest.raises takes no message")
        caught = _caught(module, above, names.scope)
        if isinstance(caught, Doubt):
            return caught
        uses, siblings = caught
        return Raises(found[0], call, expected, pattern, (), uses, found[1], siblings=siblings)
    if not isinstance(above, ast.Expr):
        return Doubt("the assertion is used as a value")
    if len(call.args) == count or isinstance(call.args[count], ast.Starred):
        return Doubt("what is called is not given by place")
    return _called(names, Raises(found[0], call, expected, pattern, called, (), found[1]), above)


def _called(names: Names, raises: Raises, statement: ast.Expr) -> Raises | Doubt:
    """Choose between a block and the call: only what cannot fail itself may move into the block."""
    function = raises.called[0]
    is_alone = not shares_line(names.module, statement)
    if isinstance(function, ast.Lambda):
        function = ast.Constant(None)
    if is_alone and all(_is_harmless(_value(each)) for each in [function, *raises.called[1:]]):
        kept = [raises.expected, *([raises.pattern] if raises.pattern else []), *map(_value, raises.called)]
        return comment_doubt(names.module, raises.call, kept) or raises
    if raises.pattern is not None:
        return Doubt("what the arguments raise would be caught as well")
    return Raises(raises.raises, raises.call, raises.expected, None, raises.called, (), raises.needs, False)


def _caught(
    module: Module, item: ast.withitem, scope: Scope
) -> tuple[tuple[ast.Attribute, ...], tuple[ast.Call, ...]] | Doubt:
    """Return all uses of a context's name, which are uses of the exception, and the calls that it is bound to."""
    if item.optional_vars is None:
        return (), ()
    if not isinstance(item.optional_vars, ast.Name):
        return Doubt("the context is not bound to a name")
    name = item.optional_vars.id
    owner = scope.lookup(name, item.optional_vars)
    if owner is None or owner.kind != "function":
        return Doubt(f"'{name}' is no variable of the function")
    parents = module.bindings.parents
    siblings: list[ast.Call] = []
    for binding in owner.bindings[name]:
        above = parents.get(binding.node)
        call = above.context_expr if isinstance(above, ast.withitem) else None
        method = call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""
        if current_name(method) not in ("assertRaises", "assertRaisesRegex"):
            return Doubt(f"'{name}' is bound to something else as well")
        siblings.append(call)  # type: ignore[arg-type]  # it has a method's name, so it is a call
    found: list[ast.Attribute] = []
    for use, place in module.bindings.names[name]:
        if not isinstance(use.ctx, ast.Load) or place.lookup(name, use) is not owner:
            continue
        above = parents.get(use)
        is_exception = isinstance(above, ast.Attribute) and above.attr == "exception"
        further = parents.get(above) if above is not None else None
        is_exception = is_exception and name_span(module.bindings, above, "exception") is not None  # type: ignore[arg-type]
        if not is_exception or (isinstance(further, ast.Attribute) and further.attr == "__traceback__"):
            return Doubt(f"'{name}' is used for more than its exception")
        found.append(above)  # type: ignore[arg-type]  # it is an attribute
    return tuple(found), tuple(siblings)


def is_text_of_failure_used(module: Module, statement: ast.stmt) -> bool:
    """Tell whether a block around a statement catches AssertionErrors in order to look at what they say."""
    inner: ast.AST = statement
    above = module.bindings.parents.get(statement)
    while above is not None and not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
        if isinstance(above, ast.Try) and inner in above.body:
            if any(each.name and each.type and _is_failure(each.type) for each in above.handlers):
                return True
        elif isinstance(above, ast.With):
            for item in above.items:
                call = item.context_expr
                is_looked_at = item.optional_vars is not None or (
                    isinstance(call, ast.Call) and len(call.args) + len(call.keywords) > 1
                )
                if is_looked_at and _is_failure(call):
                    return True
        inner, above = above, module.bindings.parents.get(above)
    return False


def _is_failure(expression: ast.expr) -> bool:
    names = {getattr(each, "id", getattr(each, "attr", "")) for each in ast.walk(expression)}
    return bool(names & {"AssertionError", "failureException"})


def _looks_at_failures(module: Module) -> bool:
    """Tell whether a file does more with AssertionError than raise it."""
    uses = module.bindings.names.get("AssertionError", ())
    is_caught = any(not isinstance(module.bindings.statement_of(node), ast.Raise) for node, _ in uses)
    return is_caught or "failureException" in module.bindings.attributes


def _after_comma(module: Module, before: ast.expr, node: ast.expr) -> int | None:
    """Return the offset behind the comma between two arguments; None where more than parentheses stand there."""
    source = module.source
    match = re.compile(rb"[\s)]*,\s*").match(source.content, source.end(before), source.start(node))
    if match is None or source.content[match.end() : source.start(node)].strip(b"( \t\r\n"):
        return None
    return match.end()


def _may_be_empty(pattern: ast.expr) -> bool:
    return isinstance(pattern, ast.Constant) and not pattern.value


def _value(node: ast.expr | ast.keyword) -> ast.expr:
    return node.value if isinstance(node, ast.keyword | ast.Starred) else node


def _is_harmless(node: ast.expr) -> bool:
    match node:
        case ast.BinOp(left=left, right=right):
            parts = (left, right)
            return all(isinstance(each, ast.Constant) or _is_constant_sum(each) for each in parts)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(map(_is_harmless, parts))
        case ast.Dict(keys=keys, values=values):
            return all(isinstance(each, ast.Constant) for each in keys) and all(map(_is_harmless, values))
    return changes_nothing(node)


def _is_constant_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp | ast.UnaryOp) and not any(
        isinstance(each, ast.Name | ast.Call) for each in ast.walk(node)
    )


def _can_be_inlined(function: ast.Lambda) -> bool:
    arguments = function.args
    has_parameters = any(
        [arguments.posonlyargs, arguments.args, arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    )
    return not has_parameters and not any(
        isinstance(each, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await)
        for each in ast.walk(function.body)
    )
