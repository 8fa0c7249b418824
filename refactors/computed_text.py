"""What text an expression may give, as far as it is written out: `f"get_{kind}"`, `"acme." + name`."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from overhaul.refactors.project import Module

ANY = ".*"
_PERCENT = re.compile(r"%(?:\(\w+\))?[sdr]")
_FIELD = re.compile(r"\{(\w*)\}|\{[^{}]*\}")
# Analysed code is hostile: what is read of an expression, and what is tried in matching it, has an end.
_MOST_NODES = 100
_MOST_CHOICES = 4


def may_give(module: Module, expression: ast.expr, text: str) -> bool:
    """Tell whether an expression may give a text; no, if no word of what it gives is written out."""
    pattern = pattern_of(module, expression)
    return is_partly_known(pattern) and re.fullmatch(pattern, text, re.DOTALL) is not None


def is_partly_known(pattern: str) -> bool:
    """Tell whether a pattern has any word."""
    return re.search(r"\w", pattern) is not None


def pattern_of(module: Module, expression: ast.expr) -> str:
    """Return what an expression gives as a regular expression: `.*` for what cannot be told.

    Variables stand for the values assigned to them, `__name__` and `__package__` for those of the module.
    """
    pattern = re.sub(r"(?:\.\*)+", ANY, _Reader(module).pattern(expression))
    if pattern.count(ANY) + pattern.count("|") <= _MOST_CHOICES:
        return pattern
    known = re.compile(r"(?:\w|\\.)*")
    first = known.match(pattern)
    return f"{first.group() if first else ''}{ANY}"


class _Reader:
    """Reads one expression."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.left = _MOST_NODES

    def pattern(self, expression: ast.expr) -> str:
        self.left -= 1
        if self.left < 0:
            return ANY
        match expression:
            case ast.Constant(value=value):
                return re.escape(str(value))
            case ast.JoinedStr(values=values):
                return "".join(map(self.pattern, values))
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self.pattern(value)
            case ast.Name():
                return self._variable(expression)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.pattern(left) + self.pattern(right)
            case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=right):
                given = right.elts if isinstance(right, ast.Tuple) else [right]
                return self._filled(_PERCENT.split(text), given)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
                return self._formatted(text, expression)
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str(text)), attr="join"),
                args=[ast.List(elts=parts) | ast.Tuple(elts=parts)],
            ):
                return re.escape(text).join(map(self.pattern, parts))
        return ANY

    def _variable(self, name: ast.Name) -> str:
        owner = self.module.bindings.scope_of(name).lookup(name.id, name)
        if owner is None:
            own = self.module.name
            package = own if self.module.is_package else own.rpartition(".")[0]
            known = {"__name__": own, "__package__": package}.get(name.id)
            return ANY if known is None else re.escape(known)
        patterns = sorted({self._assigned(each.node) for each in owner.bindings[name.id]})
        if len(patterns) == 1:
            return patterns[0]
        return f"(?:{'|'.join(patterns)})" if all(map(is_partly_known, patterns)) else ANY

    def _assigned(self, target: ast.AST) -> str:
        match self.module.bindings.parents.get(target):
            case (
                ast.Assign(value=value)
                | ast.AnnAssign(value=ast.expr() as value)
                | ast.NamedExpr(value=value)
            ):
                return self.pattern(value)
            case ast.AugAssign(op=ast.Add(), value=value):
                return ANY + self.pattern(value)
        return ANY

    def _filled(self, texts: Sequence[str], given: Sequence[ast.expr]) -> str:
        """Put values between texts, in order; any values if their number is another."""
        patterns = [self.pattern(each) for each in given]
        if len(patterns) != len(texts) - 1 or any(isinstance(each, ast.Dict) for each in given):
            patterns = [ANY] * (len(texts) - 1)
        return "".join(re.escape(text) + value for text, value in zip(texts, [*patterns, ""], strict=True))

    def _formatted(self, text: str, call: ast.Call) -> str:
        given: dict[str | None, ast.expr] = {str(index): each for index, each in enumerate(call.args)}
        given |= {each.arg: each.value for each in call.keywords}
        found, end = "", 0
        for index, field in enumerate(_FIELD.finditer(text)):
            value = given.get(field[1] or str(index)) if field[1] is not None else None
            found += re.escape(text[end : field.start()])
            found += self.pattern(value) if value is not None else ANY
            end = field.end()
        return found + re.escape(text[end:])
