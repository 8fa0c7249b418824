"""In which order a template evaluates its metavariables, and which expressions care."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.effects import is_effect_free, names_read
from overhaul.refactors.operands import operands
from overhaul.refactors.recipes.replace_call.metavariables import REST as REST_PREFIX
from overhaul.refactors.recipes.replace_call.metavariables import Argument, Captures, metavariable

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


def evaluated(template: ast.AST, certain: bool = True) -> Iterator[tuple[str, bool]]:
    """Give the metavariables in the order of evaluation, each with whether it is evaluated exactly once."""
    name = metavariable(template) or metavariable(template, REST_PREFIX)
    if name is not None:
        yield name, certain
        return
    for child, is_certain in operands(template):
        yield from evaluated(child, certain and is_certain)


def binds_names(template: ast.AST) -> bool:
    """Whether the template has names of its own, which a captured expression could mean by mistake."""
    return any(isinstance(node, (ast.Lambda, ast.NamedExpr, *_COMPREHENSIONS)) for node in ast.walk(template))


def awaits(template: ast.AST) -> bool:
    """Whether the template can only stand in a coroutine."""
    return any(
        isinstance(node, ast.Await) or (isinstance(node, ast.comprehension) and node.is_async)
        for node in ast.walk(template)
    )


def deferred(template: ast.AST) -> set[str]:
    """The metavariables that the template evaluates later, or again and again: in a lambda or a generator."""
    found: set[str] = set()
    for node in ast.walk(template):
        if isinstance(node, ast.Lambda):
            parts: list[ast.AST] = [node.body]
        elif isinstance(node, ast.GeneratorExp):
            first = node.generators[0]
            parts = [node.elt, *first.ifs, *node.generators[1:]]
        else:
            continue
        found.update(name for part in parts for name, _ in evaluated(part))
    return found


def order_doubt(template: ast.AST, captures: Captures) -> Doubt | None:
    """Tell what stands against evaluating the captured expressions as the template does."""
    is_free = _freedom(captures)
    for node in captures.dropped:
        if not is_free(node):
            return Doubt(f"'{ast.unparse(node)}' would no longer be evaluated, and may have side effects")
    order = list(evaluated(template))
    times = [name for name, _ in order]
    uncertain = {name for name, certain in order if not certain}
    effective = [(name, nodes) for name, nodes in _groups(captures) if not all(map(is_free, nodes))]
    for name, _ in effective:
        if name not in times:
            return Doubt(f"${name} would no longer be evaluated, and may have side effects")
        if times.count(name) > 1 or name in uncertain:
            return Doubt(f"${name} may be evaluated more than once or not at all, and may have side effects")
    # Of arguments between the pattern's own ones, a rest is not one run; its parts count one by one.
    before = [
        name for name in _in_source_order(captures, is_free) if any(name == each for each, _ in effective)
    ]
    after = [name for name in times if any(name == each for each, _ in effective)]
    if list(dict.fromkeys(before)) != after or len(before) != len(after):
        return Doubt("the arguments would be evaluated in another order, and may have side effects")
    return None


def _freedom(captures: Captures) -> Callable[[ast.AST], bool]:
    """Return whether an expression may move: it has no effect, and what it reads no other one sets by `:=`."""
    captured = [*captures.nodes(), *captures.dropped]
    bound = {
        inner.target.id for node in captured for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)
    }
    return lambda node: is_effect_free(node) and not (bound and bound & names_read(node))


def _groups(captures: Captures) -> Iterator[tuple[str, Sequence[Argument]]]:
    yield from ((name, [node]) for name, node in captures.one.items())
    yield from captures.rest.items()


def _in_source_order(captures: Captures, is_free: Callable[[ast.AST], bool]) -> list[str]:
    """Return the names of what may have effects; neighbours of one rest count once."""
    nodes = [(name, node) for name, group in _groups(captures) for node in group if not is_free(node)]
    nodes.sort(key=lambda each: (each[1].lineno, each[1].col_offset))
    return [each[0] for index, each in enumerate(nodes) if index == 0 or nodes[index - 1][0] != each[0]]
