"""Whether arguments may be evaluated and turned into text one after the other, as f-strings do.

`%` and `format` evaluate all of them first: in `'%s %s' % (items, items.pop())` the list is shown without its last.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

_PURE = frozenset(
    [
        "abs",
        "ascii",
        "bool",
        "float",
        "format",
        "hash",
        "hex",
        "id",
        "int",
        "isinstance",
        "len",
        "oct",
        "ord",
        "chr",
        "repr",
        "round",
        "str",
        "sum",
        "min",
        "max",
        "sorted",
        "type",
    ]
)


def changes_nothing(node: ast.expr) -> bool:
    """Tell whether evaluating this is taken to change nothing that another argument shows.

    Names, constants, attributes, subscripts, operators, and builtins that only look at such.
    """
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=value) | ast.UnaryOp(operand=value) | ast.Starred(value=value):
            return changes_nothing(value)
        case ast.FormattedValue(value=value):
            return changes_nothing(value)
        case ast.Subscript(value=value, slice=index):
            return changes_nothing(value) and changes_nothing(index)
        case ast.Slice():
            return all(changes_nothing(each) for each in (node.lower, node.upper, node.step) if each)
        case ast.BinOp(left=left, right=right):
            return changes_nothing(left) and changes_nothing(right)
        case ast.Compare(left=left, comparators=others):
            return all(map(changes_nothing, [left, *others]))
        case (
            ast.BoolOp(values=parts)
            | ast.Tuple(elts=parts)
            | ast.List(elts=parts)
            | ast.JoinedStr(values=parts)
        ):
            return all(map(changes_nothing, parts))
        case ast.IfExp(test=test, body=one, orelse=other):
            return all(map(changes_nothing, (test, one, other)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _PURE:
            return all(map(changes_nothing, arguments))
    return False


def keeps_order(evaluated: Sequence[ast.expr], shown: Sequence[ast.expr]) -> bool:
    """Tell whether showing the arguments one by one is the same as evaluating all of them first.

    Only the first that is evaluated and shown may do more than look at things.
    """
    if any(not changes_nothing(each) for each in evaluated[1:]):
        return False
    if evaluated and not changes_nothing(evaluated[0]):
        return shown.count(evaluated[0]) == 1 and shown[0] is evaluated[0]
    return True
