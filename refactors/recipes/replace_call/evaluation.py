"""In which order a template evaluates its metavariables, and which expressions care."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from overhaul.refactors.doubt import Doubt
from overhaul.refactors.effects import is_effect_free
from overhaul.refactors.recipes.replace_call.pattern import REST as REST_PREFIX
from overhaul.refactors.recipes.replace_call.pattern import Argument, Captures, metavariable

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


def evaluated(template: ast.AST, certain: bool = True) -> Iterator[tuple[str, bool]]:
    """Give the metavariables in the order of evaluation, each with whether it is evaluated exactly once."""
    name = metavariable(template) or metavariable(template, REST_PREFIX)
    if name is not None:
        yield name, certain
        return
    for child, is_certain in _children(template):
        yield from evaluated(child, certain and is_certain)


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    match node:
        case ast.BoolOp(values=[first, *others]):
            yield first, True
            yield from ((each, False) for each in others)
        case ast.Compare(left=left, comparators=[first, *others]):
            yield from ((left, True), (first, True), *((each, False) for each in others))
        case ast.IfExp():
            yield from ((node.test, True), (node.body, False), (node.orelse, False))
        case ast.Lambda():
            yield from (
                (each, True) for each in (*node.args.defaults, *node.args.kw_defaults) if each is not None
            )
            yield node.body, False
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            yield node.generators[0].iter, True
            yield from (
                (each, False) for each in ast.iter_child_nodes(node) if each is not node.generators[0]
            )
            yield from ((each, False) for each in node.generators[0].ifs)
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                yield from ((each, True) for each in (key, value) if each is not None)
        case _:
            yield from ((each, True) for each in ast.iter_child_nodes(node))


def binds_names(template: ast.AST) -> bool:
    """Whether the template has names of its own, which a captured expression could mean by mistake."""
    return any(isinstance(node, (ast.Lambda, ast.NamedExpr, *_COMPREHENSIONS)) for node in ast.walk(template))


def order_doubt(template: ast.AST, captures: Captures) -> Doubt | None:
    """Tell what stands against evaluating the captured expressions as the template does."""
    for node in captures.dropped:
        if not is_effect_free(node):
            return Doubt(f"'{ast.unparse(node)}' would no longer be evaluated, and may have side effects")
    order = list(evaluated(template))
    times = [name for name, _ in order]
    uncertain = {name for name, certain in order if not certain}
    effective = [(name, nodes) for name, nodes in _groups(captures) if not all(map(is_effect_free, nodes))]
    for name, _ in effective:
        if name not in times:
            return Doubt(f"${name} would no longer be evaluated, and may have side effects")
        if times.count(name) > 1 or name in uncertain:
            return Doubt(f"${name} may be evaluated more than once or not at all, and may have side effects")
    # Of arguments between the pattern's own ones, a rest is not one run; its parts count one by one.
    before = [name for name, _ in _in_source_order(captures) if any(name == each for each, _ in effective)]
    after = [name for name in times if any(name == each for each, _ in effective)]
    if list(dict.fromkeys(before)) != after or len(before) != len(after):
        return Doubt("the arguments would be evaluated in another order, and may have side effects")
    return None


def _groups(captures: Captures) -> Iterator[tuple[str, Sequence[Argument]]]:
    yield from ((name, [node]) for name, node in captures.one.items())
    yield from captures.rest.items()


def _in_source_order(captures: Captures) -> list[tuple[str, Argument]]:
    """Return each captured expression that may have effects; neighbours of one rest count once."""
    nodes = [(name, node) for name, group in _groups(captures) for node in group if not is_effect_free(node)]
    nodes.sort(key=lambda each: (each[1].lineno, each[1].col_offset))
    return [each for index, each in enumerate(nodes) if index == 0 or nodes[index - 1][0] != each[0]]
