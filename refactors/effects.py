"""Which expressions change nothing when they are evaluated, so that they may move, repeat or go."""

from __future__ import annotations

import ast


def is_effect_free(node: ast.AST) -> bool:
    """Whether evaluating this any number of times, at any moment, is taken to change nothing.

    Names, constants and chains of attributes on names are; a property with side effects would be the exception.
    """
    if isinstance(node, ast.keyword):
        return node.arg is not None and is_effect_free(node.value)
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name | ast.Constant)


def changes_nothing(node: ast.AST) -> bool:
    """Whether evaluating this changes nothing, so that it may move or go; not repeat, since it may make an object.

    Beside what is free of effects these are displays, lambdas and `is` of such, and operators and text of constants.
    Other operators and subscripts call what their operands define, of which nothing is known here.
    """
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(map(changes_nothing, parts))
        case ast.Set(elts=parts):
            return all(isinstance(each, ast.Constant) for each in parts)
        case ast.Dict(keys=keys, values=values):
            return all(isinstance(each, ast.Constant) for each in keys) and all(map(changes_nothing, values))
        case ast.Lambda(args=arguments):
            return all(map(changes_nothing, [*arguments.defaults, *filter(None, arguments.kw_defaults)]))
        case ast.Compare(left=left, ops=operators, comparators=others):
            are_identity = all(isinstance(each, ast.Is | ast.IsNot) for each in operators)
            return are_identity and all(map(changes_nothing, [left, *others]))
        case ast.UnaryOp(operand=ast.Constant()) | ast.JoinedStr(values=[] | [ast.Constant()]):
            return True
    return is_effect_free(node)


def rebinds(node: ast.AST, names: set[str]) -> bool:
    """Whether evaluating this gives one of these names another value: `(x := f())`."""
    return any(isinstance(each, ast.NamedExpr) and each.target.id in names for each in ast.walk(node))


def names_read(node: ast.AST) -> set[str]:
    """The names that an expression mentions."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
