"""A function's parameters as the callers see them: without `self` or `cls`, each with where it comes from."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from overhaul.refactors.scopes import FunctionNode


class Kind(enum.IntEnum):
    """How arguments reach a parameter, in the order in which a definition lists them."""

    POSITIONAL_ONLY = 0
    POSITIONAL = 1
    VAR_POSITIONAL = 2
    KEYWORD_ONLY = 3
    VAR_KEYWORD = 4

    @property
    def is_positional(self) -> bool:
        """By position, one argument."""
        return self in (Kind.POSITIONAL_ONLY, Kind.POSITIONAL)

    @property
    def takes_keyword(self) -> bool:
        """By its own name."""
        return self in (Kind.POSITIONAL, Kind.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `origin` is its name before all changes, None for an added one.

    `default` is its text, None without one; `annotation` is set for added ones only. `value` is the text of what
    calls get that pass nothing: callers of an added parameter, or an inlined default.
    """

    name: str
    kind: Kind
    origin: str | None = None
    default: str | None = None
    annotation: str | None = None
    value: str | None = None

    @property
    def shown(self) -> str:
        """The name with its stars."""
        return {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}.get(self.kind, "") + self.name

    @property
    def is_required(self) -> bool:
        return self.default is None and self.kind not in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)


Signature: TypeAlias = tuple[Parameter, ...]


def signature_of(node: FunctionNode, receiver: ast.arg | None) -> Signature:
    """Return the parameters of a definition but for `self` or `cls`. Defaults are unparsed, for comparison."""
    found = []
    for argument, kind, default in written_parameters(node.args):
        if argument is not receiver:
            text = ast.unparse(default) if default is not None else None
            found.append(Parameter(argument.arg, kind, argument.arg, text))
    return tuple(found)


def written_parameters(arguments: ast.arguments) -> Iterator[tuple[ast.arg, Kind, ast.expr | None]]:
    """Yield each parameter in the order of the definition, with its kind and default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    for index, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
        is_only = index < len(arguments.posonlyargs)
        yield argument, Kind.POSITIONAL_ONLY if is_only else Kind.POSITIONAL, default
    if arguments.vararg is not None:
        yield arguments.vararg, Kind.VAR_POSITIONAL, None
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument, Kind.KEYWORD_ONLY, default
    if arguments.kwarg is not None:
        yield arguments.kwarg, Kind.VAR_KEYWORD, None


def positional(signature: Sequence[Parameter]) -> list[Parameter]:
    """Return those that take one argument by position."""
    return [each for each in signature if each.kind.is_positional]


def of_kind(signature: Sequence[Parameter], kind: Kind) -> Parameter | None:
    """Return the parameter of a kind that a signature has once: `*args` or `**kwargs`."""
    return next((each for each in signature if each.kind is kind), None)


def by_name(signature: Sequence[Parameter], name: str) -> Parameter | None:
    """Return the parameter of a name."""
    return next((each for each in signature if each.name == name), None)


def by_origin(signature: Sequence[Parameter], origin: str | None) -> Parameter | None:
    """Return what a parameter has become, or None if it is removed."""
    return next((each for each in signature if origin is not None and each.origin == origin), None)


def shown(signature: Sequence[Parameter]) -> str:
    """Return the signature for a message: `(a, *, b=1)`."""
    pieces: list[str] = []
    for index, each in enumerate(signature):
        previous = signature[index - 1].kind if index else None
        if previous is Kind.POSITIONAL_ONLY and each.kind is not Kind.POSITIONAL_ONLY:
            pieces.append("/")
        if each.kind is Kind.KEYWORD_ONLY and previous not in (Kind.KEYWORD_ONLY, Kind.VAR_POSITIONAL):
            pieces.append("*")
        pieces.append(each.shown + (f"={each.default}" if each.default is not None else ""))
    if signature and signature[-1].kind is Kind.POSITIONAL_ONLY:
        pieces.append("/")
    return f"({', '.join(pieces)})"
