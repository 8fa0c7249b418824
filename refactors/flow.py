"""Which assignments reach a use of a variable, and what the tests around it tell of its class."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Sequence
from itertools import takewhile

from overhaul.refactors.bindings import ModuleBindings
from overhaul.refactors.scopes import Binding, Scope

_LEAVES_BLOCK = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_BOUNDARIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def reaching_bindings(module: ModuleBindings, owner: Scope, use: ast.Name, scope: Scope) -> list[Binding]:
    """Return the bindings that a use may see: the last certain one before it, and all possible later ones.

    A use in a nested function may run at any time, so it sees all.
    """
    bindings = owner.bindings[use.id]
    while scope is not owner and scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    if len(bindings) == 1 or scope is not owner or owner.kind == "class":
        return bindings
    around = _statements_around(module, use)
    blocks = {id(_block(module, statement)) for statement in around}
    loops = [statement for statement in around if isinstance(statement, _LOOPS)]
    place = (use.lineno, use.col_offset)
    earlier = bisect_left(bindings, place, key=lambda binding: binding.place)
    reaching: list[Binding] = []
    for binding in reversed(bindings[:earlier]):
        if isinstance(binding.node, ast.ExceptHandler) and not _is_around(module, binding.node, use):
            continue  # Python deletes the name at the end of the handler
        statement = module.statement_of(binding.node)
        if isinstance(binding.node, ast.arg):
            reaching.append(binding)
            break
        if statement is around[0] and statement not in loops:
            if loops or isinstance(binding.node, ast.NamedExpr):
                reaching.append(binding)
            continue
        is_certain = id(_block(module, statement)) in blocks and _is_always_bound(module, binding, use)
        if is_certain and (not isinstance(statement, _LOOPS) or statement in around):
            reaching.append(binding)
            break
        if not _in_other_branch(module, statement, around):
            reaching.append(binding)
    reaching.reverse()
    last_line = max((loop.end_lineno or 0 for loop in loops), default=0)
    reaching += [
        binding
        for binding in takewhile(lambda each: each.line <= last_line, bindings[earlier:])
        if any(loop.lineno <= binding.line <= (loop.end_lineno or 0) for loop in loops)
    ]
    return reaching or bindings


def _is_around(module: ModuleBindings, outer: ast.AST, node: ast.AST) -> bool:
    """Tell whether a node is inside another."""
    current: ast.AST | None = node
    while current is not None and current is not outer:
        current = module.parents.get(current)
    return current is outer


def _is_always_bound(module: ModuleBindings, binding: Binding, use: ast.Name) -> bool:
    """Tell whether a statement that is run binds the name: not by a case that may not match, nor `a and (x := b)`."""
    child: ast.AST = binding.node
    above = module.parents.get(child)
    if not isinstance(above, ast.NamedExpr | ast.match_case | ast.pattern):
        return True
    while above is not None and not isinstance(child, ast.stmt):
        if isinstance(above, ast.match_case):
            return _is_around(module, above, use)
        if (
            (isinstance(above, ast.BoolOp) and child is not above.values[0])
            or (isinstance(above, ast.IfExp) and child is not above.test)
            or (isinstance(above, ast.Compare) and child in above.comparators[1:])
            or isinstance(
                above, ast.comprehension | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
            )
        ):
            return False
        child, above = above, module.parents.get(above)
    return True


def _statements_around(module: ModuleBindings, node: ast.AST) -> list[ast.stmt]:
    """Return the statement of a node and those it is nested in, up to the function, the innermost first."""
    found: list[ast.stmt] = []
    current: ast.AST | None = node
    while current is not None and not isinstance(current, _BOUNDARIES):
        if isinstance(current, ast.stmt):
            found.append(current)
        current = module.parents.get(current)
    return found or [module.statement_of(node)]


def _block(module: ModuleBindings, statement: ast.stmt) -> list[ast.stmt]:
    """Return the list of statements that a statement is in."""
    if statement not in module.blocks:
        above = module.parents[statement]
        for name in ("body", "orelse", "finalbody"):
            block = getattr(above, name, None)
            if isinstance(block, list):
                module.blocks.update(dict.fromkeys(block, block))
    return module.blocks.get(statement, [])


def _in_other_branch(module: ModuleBindings, statement: ast.stmt, around: list[ast.stmt]) -> bool:
    """Tell whether a statement is in the branch of an `if` that the use's own branch excludes."""
    current: ast.AST = statement
    while isinstance(current, ast.stmt):
        above = module.parents.get(current)
        if isinstance(above, ast.If) and above in around:
            ours = around[around.index(above) - 1] if around.index(above) else None
            return ours is not None and (current in above.body) != (ours in above.body)
        if not isinstance(above, ast.stmt | ast.ExceptHandler):
            return False
        current = above
    return False


def classes_tested(module: ModuleBindings, expression: ast.expr) -> list[ast.expr]:
    """Return the class expressions that tests around an expression prove it to be an instance of one of."""
    child: ast.AST = expression
    above = module.parents.get(child)
    while above is not None and not isinstance(child, _BOUNDARIES):
        found = _proved_at(module, above, child, expression)
        if found:
            return found if _still_holds(module, found[0], expression) else []
        child, above = above, module.parents.get(above)
    return []


def _still_holds(module: ModuleBindings, tested: ast.expr, expression: ast.expr) -> bool:
    """Tell whether nothing between a test and a use gives the variable, or the attribute, another value."""
    root: ast.expr = expression
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    owner = module.scope_of(expression).lookup(root.id)
    if owner is not module.scope_of(tested).lookup(root.id):
        return False
    around = _statements_around(module, expression)
    test = module.statement_of(tested)
    after = (tested.lineno, tested.col_offset)
    if test not in around:  # an assertion, or a test whose branch leaves the block
        after = (test.end_lineno or 0, test.end_col_offset or 0)
    loops = [each for each in around if isinstance(each, _LOOPS) and (each.lineno, each.col_offset) > after]
    stores: list[ast.AST] = (
        [each.node for each in owner.bindings.get(root.id, ())] if owner is not None else []
    )
    part = expression
    while isinstance(part, ast.Attribute):
        stores += [
            store
            for store, _ in module.attributes.get(part.attr, ())
            if not isinstance(store.ctx, ast.Load) and same_place(store, part)
        ]
        part = part.value
    return not any(_comes_between(module, store, after, expression, around, loops) for store in stores)


def _comes_between(
    module: ModuleBindings,
    store: ast.AST,
    after: tuple[int, int],
    use: ast.expr,
    around: list[ast.stmt],
    loops: Sequence[ast.stmt],
) -> bool:
    if isinstance(store, ast.arg):
        return False
    place = (getattr(store, "lineno", 0), getattr(store, "col_offset", 0))
    if place <= after:
        return False
    statement = module.statement_of(store)
    if statement is around[0] and not isinstance(module.parents.get(store), ast.NamedExpr):
        return any(loop is not statement for loop in loops)  # `x = x.name` is bound after the use
    if place < (use.lineno, use.col_offset):
        return not _in_other_branch(module, statement, around)
    return any(_is_around(module, loop, store) for loop in loops)


def _proved_at(
    module: ModuleBindings, above: ast.AST, child: ast.AST, expression: ast.expr
) -> list[ast.expr]:
    if isinstance(above, ast.BoolOp):
        before = above.values[: above.values.index(child)] if child in above.values else []
        holds = isinstance(above.op, ast.And)
        return next((found for test in before if (found := _proved(test, expression, holds))), [])
    if isinstance(above, ast.IfExp) and child is not above.test:
        return _proved(above.test, expression, child is above.body)
    if isinstance(above, ast.If | ast.While) and child is not above.test:
        found = _proved(above.test, expression, child in above.body)
        if found:
            return found
    if isinstance(above, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        tests = [test for generator in above.generators for test in generator.ifs]
        return next((found for test in tests if (found := _proved(test, expression, True))), [])
    if isinstance(above, ast.match_case) and child in above.body:
        return _matched(module, above, expression)
    return _proved_before(module, child, expression) if isinstance(child, ast.stmt) else []


def _proved_before(module: ModuleBindings, statement: ast.stmt, expression: ast.expr) -> list[ast.expr]:
    """Read the assertions and early exits before a statement in its block."""
    for earlier in _tests_in(module, _block(module, statement)):
        if (earlier.lineno, earlier.col_offset) >= (statement.lineno, statement.col_offset):
            break
        if isinstance(earlier, ast.Assert):
            found = _proved(earlier.test, expression, True)
        else:
            found = _proved(earlier.test, expression, False)
        if found:
            return found
    return []


def _tests_in(module: ModuleBindings, block: list[ast.stmt]) -> Sequence[ast.Assert | ast.If]:
    """Return the assertions of a block and the tests whose branch leaves it."""
    if id(block) not in module.tests:
        module.tests[id(block)] = [
            each
            for each in block
            if isinstance(each, ast.Assert)
            or (isinstance(each, ast.If) and not each.orelse and isinstance(each.body[-1], _LEAVES_BLOCK))
        ]
    return module.tests[id(block)]


def _matched(module: ModuleBindings, case: ast.match_case, expression: ast.expr) -> list[ast.expr]:
    subject = getattr(module.parents.get(case), "subject", None)
    if subject is None or not same_place(subject, expression):
        return []
    pattern = case.pattern
    while isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        pattern = pattern.pattern
    patterns = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
    classes = [each.cls for each in patterns if isinstance(each, ast.MatchClass)]
    return classes if len(classes) == len(patterns) else []


def _proved(test: ast.expr, expression: ast.expr, holds: bool) -> list[ast.expr]:
    """Return the classes that an expression is an instance of if a test holds, or if it does not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _proved(test.operand, expression, not holds)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And if holds else ast.Or):
        return next((found for each in test.values if (found := _proved(each, expression, holds))), [])
    if not holds:
        return []
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "isinstance":
        if len(test.args) == 2 and same_place(test.args[0], expression):
            return _alternatives(test.args[1])
    elif isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Is | ast.Eq):
        left = test.left
        is_type = isinstance(left, ast.Call) and isinstance(left.func, ast.Name) and left.func.id == "type"
        if (
            is_type
            and isinstance(left, ast.Call)
            and len(left.args) == 1
            and same_place(left.args[0], expression)
        ):
            return [test.comparators[0]]
    return []


def _alternatives(classes: ast.expr) -> list[ast.expr]:
    if isinstance(classes, ast.Tuple):
        return [each for item in classes.elts for each in _alternatives(item)]
    if isinstance(classes, ast.BinOp):
        return _alternatives(classes.left) + _alternatives(classes.right)
    return [classes]


def same_place(left: ast.expr, right: ast.expr) -> bool:
    """Tell whether two expressions are the same variable or chain of attributes."""
    if isinstance(left, ast.NamedExpr):
        left = left.target
    if isinstance(left, ast.Name) and isinstance(right, ast.Name):
        return left.id == right.id
    if isinstance(left, ast.Attribute) and isinstance(right, ast.Attribute):
        return left.attr == right.attr and same_place(left.value, right.value)
    return False
