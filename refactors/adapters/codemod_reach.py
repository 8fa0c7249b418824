"""Which places of a file a LibCST codemod can react to, told from its class: then only these need be shown to it.

A codemod whose visitors all take expressions sees no more than the statement around each, unless it asks for the
module or for metadata. A matcher that asks for names matches nothing where the names are not written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import libcst
from libcst import BaseExpression, CSTTransformer
from libcst import matchers as m
from libcst.codemod import CodemodCommand, ContextAwareTransformer, VisitorBasedCodemodCommand
from libcst.matchers import MatcherDecoratableTransformer, TypeOf
from libcst.matchers._decorators import (
    CONSTRUCTED_LEAVE_MATCHER_ATTR,
    CONSTRUCTED_VISIT_MATCHER_ATTR,
    VISIT_NEGATIVE_MATCHER_ATTR,
    VISIT_POSITIVE_MATCHER_ATTR,
)
from libcst.matchers._matcher_base import BaseMatcherNode, _ExtractMatchingNode

# Classes of expressions that are one class of `ast` as well; LibCST finds others in more places (names, tuples).
_KINDS: dict[str, type[ast.expr]] = {
    "Call": ast.Call,
    "Subscript": ast.Subscript,
    "BinaryOperation": ast.BinOp,
    "BooleanOperation": ast.BoolOp,
    "Comparison": ast.Compare,
    "Lambda": ast.Lambda,
    "IfExp": ast.IfExp,
    "Dict": ast.Dict,
    "Set": ast.Set,
    "ListComp": ast.ListComp,
    "SetComp": ast.SetComp,
    "DictComp": ast.DictComp,
    "GeneratorExp": ast.GeneratorExp,
    "Await": ast.Await,
}
_CONSTRUCTED = (CONSTRUCTED_VISIT_MATCHER_ATTR, CONSTRUCTED_LEAVE_MATCHER_ATTR)
_GATES = (VISIT_POSITIVE_MATCHER_ATTR, VISIT_NEGATIVE_MATCHER_ATTR)
_STOCK = {
    "transform_module": CodemodCommand,
    "transform_module_impl": ContextAwareTransformer,
    "should_allow_multiple_passes": CodemodCommand,
    "on_visit": MatcherDecoratableTransformer,
    "on_leave": MatcherDecoratableTransformer,
    "on_visit_attribute": MatcherDecoratableTransformer,
    "on_leave_attribute": MatcherDecoratableTransformer,
    "matches": MatcherDecoratableTransformer,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Expressions of these classes, and those whose text has all names of one of the sets."""

    kinds: tuple[type[ast.expr], ...]
    names: tuple[frozenset[str], ...]

    def may_be_in(self, content: bytes) -> bool:
        """Tell whether a file has something that the codemod can react to."""
        return bool(self.kinds) or self.has_names(content, 0, len(content))

    def has_names(self, content: bytes, start: int, end: int) -> bool:
        """Tell whether all names of one of the sets are written between two offsets."""
        return any(
            all(_pattern(name).search(content, start, end) for name in required) for required in self.names
        )


def is_undecorated(command: type[CodemodCommand]) -> bool:
    """Tell whether a codemod is a stock visitor, none of whose methods has a decorator of `libcst.matchers`."""
    return is_stock(command) and not _has_any(command, (*_CONSTRUCTED, *_GATES))


def decorated_methods(command: type) -> list[str]:
    """Return the names of the methods that have a decorator of `libcst.matchers`, sorted."""
    return [name for name in dir(command) if _has_any_of(getattr(command, name), (*_CONSTRUCTED, *_GATES))]


def _has_any_of(method: object, decorations: tuple[str, ...]) -> bool:
    return any(getattr(method, each, None) for each in decorations)


def _has_any(command: type, decorations: tuple[str, ...]) -> bool:
    return any(_has_any_of(getattr(command, name), decorations) for name in dir(command))


@cache
def _pattern(name: str) -> re.Pattern[bytes]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)".encode())


def reach_of(command: CodemodCommand) -> Reach | None:
    """Return what a codemod can react to; None if it may be anything."""
    if not is_stock(type(command)) or command.get_inherited_dependencies():
        return None
    if _has_any(type(command), _GATES):
        return None
    kinds: set[str] = set(_concrete_visitors(type(command)))
    names: list[frozenset[str]] = []
    for matcher in _constructed_matchers(command):
        for kind, required in _alternatives(matcher):
            if required and _is_expression(kind):
                names.append(required)
            else:
                kinds.add(kind)
    if not kinds <= _KINDS.keys():
        return None
    return Reach(tuple(_KINDS[kind] for kind in sorted(kinds)), tuple(names))


def is_stock(command: type[CodemodCommand]) -> bool:
    """Tell whether a codemod is driven by LibCST's own traversal and by nothing else."""
    return issubclass(command, VisitorBasedCodemodCommand) and all(
        getattr(command, name) is getattr(owner, name) for name, owner in _STOCK.items()
    )


def _constructed_matchers(command: CodemodCommand) -> Iterator[BaseMatcherNode]:
    """Yield the matchers of the methods decorated with `visit` and `leave`."""
    for name in dir(type(command)):
        method = getattr(type(command), name)
        for attribute in _CONSTRUCTED:
            yield from getattr(method, attribute, ())


def _concrete_visitors(command: type) -> Iterator[str]:
    """Yield the classes of nodes for which a codemod has `visit_...` or `leave_...` methods of its own."""
    for name in dir(command):
        if name.startswith(("visit_", "leave_")) and getattr(command, name) is not getattr(
            CSTTransformer, name, None
        ):
            method = getattr(command, name)
            if not any(getattr(method, each, None) for each in _CONSTRUCTED):
                yield name.split("_")[1]


def _is_expression(kind: str) -> bool:
    node = getattr(libcst, kind, None)
    return isinstance(node, type) and issubclass(node, BaseExpression)


def _alternatives(matcher: Any) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield, for each thing that a matcher matches, the class of node and names that must be written in it."""
    if isinstance(matcher, m.OneOf):
        for option in matcher._options:
            yield from _alternatives(option)
    elif isinstance(matcher, BaseMatcherNode) and not isinstance(matcher, m.AllOf | TypeOf):
        yield type(matcher).__name__, frozenset(_required(matcher))
    else:
        yield "anything", frozenset()


def _required(matcher: Any) -> Iterable[str]:
    """Return names that are written wherever a matcher matches; fewer than there are, never more."""
    if isinstance(matcher, _ExtractMatchingNode):
        return _required(matcher._matcher)
    if isinstance(matcher, m.AllOf):
        return {name for option in matcher._options for name in _required(option)}
    if isinstance(matcher, m.Name):
        return {matcher.value} if isinstance(matcher.value, str) else ()
    if isinstance(matcher, m.OneOf | TypeOf) or not isinstance(matcher, BaseMatcherNode):
        return ()
    found: set[str] = set()
    for value in vars(matcher).values():
        for each in value if isinstance(value, list | tuple) else (value,):
            found.update(_required(each))
    return found
