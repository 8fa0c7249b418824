"""Expressions with a flag in them: what they come to, and the splices that say so."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.project import Module
from overhaul.refactors.quoted import string_around
from overhaul.refactors.recipes.remove_flag.grouping import brackets_around, outer_span
from overhaul.refactors.text import Splice

_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.List, ast.Dict, ast.Set)
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


class Unfoldable(Exception):
    """What stands against an edit of an expression."""


@dataclass(slots=True)
class Folding:
    """`known` are the expressions that are the flag, with its value. `settled` are those whose splices are made."""

    module: Module
    known: Mapping[ast.expr, bool]
    settled: set[ast.expr] = field(default_factory=set)

    def concerns(self, node: ast.AST) -> bool:
        """Tell whether the flag is in some code."""
        return any(each in self.known for each in ast.walk(node))

    def value(self, node: ast.expr) -> bool | None:
        """Return True or False if that is what an expression gives, without doing anything else."""
        if node in self.known:
            return self.known[node]
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                found = self.truth(operand)
                return None if found is None else not found
            case ast.BoolOp(op=operator, values=values):
                return self._all(values, isinstance(operator, ast.Or))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = self.truth(test)
                return None if chosen is None else self.value(body if chosen else orelse)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return self._compared(left, operator, right)
            case ast.Call(func=ast.Name(id="bool"), args=[inner], keywords=[]):
                return self.truth(inner) if self.concerns(inner) and self._is_builtin(node.func) else None
        return None

    def truth(self, node: ast.expr) -> bool | None:
        """Return whether an expression is true where only that counts and what it evaluates has no effect."""
        if isinstance(node, ast.BoolOp):
            absorbing = isinstance(node.op, ast.Or)
            free = True
            for each in node.values:
                found = self.truth(each)
                if found is absorbing and free:
                    return absorbing
                free = free and (found is not None or changes_nothing(each))
            return (
                (not absorbing) if all(self.truth(each) is (not absorbing) for each in node.values) else None
            )
        if isinstance(node, ast.IfExp):
            chosen = self.truth(node.test)
            return None if chosen is None else self.truth(node.body if chosen else node.orelse)
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return node.value
        return self.value(node)

    def splices(self, node: ast.expr, is_test: bool) -> list[Splice]:
        """Return the splices that make an expression what it comes to. Raises Unfoldable."""
        if not self.concerns(node):
            return []
        found = self.truth(node) if is_test else self.value(node)
        if found is not None:
            return self._literal(node, found)
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.splices(operand, True)
            case ast.BoolOp():
                return self._operands(node, is_test)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = self.truth(test)
                if chosen is None:
                    return [
                        *self.splices(test, True),
                        *self.splices(body, is_test),
                        *self.splices(orelse, is_test),
                    ]
                return self._only(node, body if chosen else orelse, is_test)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
        return [splice for child in _expressions(node) for splice in self.splices(child, False)]

    def settle(self, node: ast.AST) -> None:
        """Note that all of the flag in some code is seen to."""
        self.settled.update(
            each for each in ast.walk(node) if isinstance(each, ast.expr) and each in self.known
        )

    def _literal(self, node: ast.expr, found: bool) -> list[Splice]:
        around = string_around(self.module.bindings, node)
        if around is not None:
            raise Unfoldable(around[1].reason.replace("the call", "it"))
        source = self.module.source
        self.settle(node)
        return [
            (source.start(node), source.end(node), str(found)),
            *_plain(brackets_around(self.module, node)),
        ]

    def _all(self, values: list[ast.expr], absorbing: bool) -> bool | None:
        """Return what `and` or `or` gives if each operand up to the deciding one is known."""
        for each in values:
            found = self.value(each)
            if found is None or found is absorbing:
                return found
        return not absorbing

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool | None:
        if not isinstance(operator, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            return None
        if isinstance(left, ast.Constant):
            left, right = right, left
        found = self.value(left)
        if found is None or not isinstance(right, ast.Constant) or not isinstance(right.value, bool):
            return None
        return (found is right.value) is isinstance(operator, ast.Is | ast.Eq)

    def _is_builtin(self, name: ast.expr) -> bool:
        return (
            isinstance(name, ast.Name) and self.module.bindings.scope_of(name).lookup(name.id, name) is None
        )

    def _operands(self, node: ast.BoolOp, is_test: bool) -> list[Splice]:
        """Drop operands that decide nothing, and those that are never evaluated."""
        absorbing = isinstance(node.op, ast.Or)
        kept: list[ast.expr] = []
        splices: list[Splice] = []
        for index, each in enumerate(node.values):
            is_last = index == len(node.values) - 1
            found = self.truth(each) if is_test or not is_last else self.value(each)
            if found is absorbing:
                if is_test:
                    raise Unfoldable("what is evaluated before it may have an effect")
                kept.append(each)
                splices += self.splices(each, False)
                self.settle(node)  # what follows is never evaluated
                break
            if found is (not absorbing) and (is_test or not is_last) and self.concerns(each):
                self.settle(each)
                continue
            kept.append(each)
            splices += self.splices(each, is_test)
        if not kept:
            raise Unfoldable("its value is another operand's")
        return [*splices, *self._without(node, kept)]

    def _without(self, node: ast.BoolOp, kept: list[ast.expr]) -> list[Splice]:
        found: list[Splice] = []
        spans = {each: outer_span(self.module, each) for each in node.values}
        for index, each in enumerate(node.values):
            if each in kept:
                continue
            if any(other in kept for other in node.values[index + 1 :]):
                found.append((spans[each][0], spans[node.values[index + 1]][0], ""))
            else:
                found.append((spans[node.values[index - 1]][1], spans[each][1], ""))
        return [*found, *self._bare(node, kept[0] if len(kept) == 1 else None)]

    def _only(self, node: ast.IfExp, kept: ast.expr, is_test: bool) -> list[Splice]:
        """Leave one branch of a conditional expression."""
        for each in (node.test, node.body, node.orelse):
            if each is not kept:
                self.settle(each)
        source = self.module.source
        start, end = outer_span(self.module, kept)
        if string_around(self.module.bindings, node) is not None:
            raise Unfoldable("it is inside an f-string or a string")
        splices: list[Splice] = [(source.start(node), start, ""), (end, source.end(node), "")]
        return [*_plain(splices), *self.splices(kept, is_test), *self._bare(node, kept)]

    def _bare(self, node: ast.expr, kept: ast.expr | None) -> list[Splice]:
        """Take away brackets that group nothing any more."""
        if string_around(self.module.bindings, node) is not None:
            raise Unfoldable("it is inside an f-string or a string")
        if isinstance(kept, _ATOMS):
            return brackets_around(self.module, node)
        return []

    def _comprehension(self, node: Comprehension) -> list[Splice]:
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        splices = [splice for each in results for splice in self.splices(each, False)]
        for generator in node.generators:
            splices += self.splices(generator.iter, False)
            before = outer_span(self.module, generator.iter)[1]
            for condition in generator.ifs:
                end = outer_span(self.module, condition)[1]
                if self.concerns(condition) and self.truth(condition) is True:
                    splices.append((before, end, ""))
                    self.settle(condition)
                else:
                    splices += self.splices(condition, True)
                before = end
        return splices


def _plain(splices: list[Splice]) -> list[Splice]:
    return [each for each in splices if each[0] < each[1]]


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions directly in a node, those of keywords, comprehensions and arguments among them."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif not isinstance(child, ast.stmt | ast.expr_context):
            yield from _expressions(child)
