"""Applies the changes, one after the other, to the signature of the function that the user names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace

from overhaul.refactors.errors import NameTaken, ParameterError, did_you_mean
from overhaul.refactors.recipes.change_signature.notation import (
    Add,
    Change,
    Default,
    InlineDefault,
    KeywordOnly,
    NormalizeCalls,
    Remove,
    Rename,
    Reorder,
)
from overhaul.refactors.recipes.change_signature.signature import (
    Kind,
    Parameter,
    Signature,
    by_name,
    positional,
    shown,
)

_VALUES = (ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.Tuple, ast.expr_context, ast.unaryop)


def apply_changes(changes: Sequence[Change], signature: Signature) -> Signature:
    """Return the new signature. Raises ParameterError for an unknown parameter or a signature Python refuses."""
    for change in changes:
        signature = _apply(change, signature)
    signature = tuple(sorted(signature, key=lambda each: each.kind))
    wrong = invalid(signature)
    if wrong is not None:
        raise ParameterError(f"the new signature {shown(signature)} is not possible: {wrong}")
    return signature


def invalid(signature: Signature) -> str | None:
    """Tell what Python would refuse in a signature."""
    with_default = None
    for each in positional(signature):
        if with_default is not None and each.default is None:
            return (
                f"'{each.name}' without a default follows '{with_default}', which has one."
                f" Give it a default first (default {each.name} = VALUE), or make it keyword-only"
            )
        if each.default is not None:
            with_default = each.name
    names = [each.name for each in signature]
    return next((f"'{name}' is there twice" for name in names if names.count(name) > 1), None)


def _apply(change: Change, signature: Signature) -> Signature:
    if isinstance(change, Add):
        return _add(change, signature)
    if isinstance(change, Remove):
        found = _named(signature, change.name)
        return tuple(each for each in signature if each is not found)
    if isinstance(change, Rename):
        return _rename(change, signature)
    if isinstance(change, Reorder):
        return _reorder(change, signature)
    if isinstance(change, KeywordOnly):
        return _keyword_only(change, signature)
    if isinstance(change, Default):
        return _changed(signature, change.name, lambda each: replace(each, default=change.value))
    if isinstance(change, InlineDefault):
        return _inline_default(change, signature)
    assert isinstance(change, NormalizeCalls)  # noqa: S101 - the last of the union
    return signature


def _named(signature: Signature, name: str) -> Parameter:
    stars = len(name) - len(name.lstrip("*"))
    found = by_name(signature, name.lstrip("*"))
    kinds = {1: Kind.VAR_POSITIONAL, 2: Kind.VAR_KEYWORD}
    if found is None or (stars and found.kind is not kinds[stars]):
        names = [each.shown for each in signature]
        raise ParameterError(
            f"the function has no parameter '{name}'.{did_you_mean(name, names)}"
            f" Its parameters (without self) are: {', '.join(names) or 'none'}"
        )
    return found


def _single(signature: Signature, name: str) -> Parameter:
    found = _named(signature, name)
    if found.kind in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD):
        raise ParameterError(f"'{found.shown}' takes any number of arguments; it can only be removed")
    return found


def _changed(signature: Signature, name: str, change: Callable[[Parameter], Parameter]) -> Signature:
    found = _single(signature, name)
    return tuple(change(each) if each is found else each for each in signature)


def _rename(change: Rename, signature: Signature) -> Signature:
    _refuse_taken(change.new, signature)
    return _changed(signature, change.old, lambda each: replace(each, name=change.new))


def _refuse_taken(name: str, signature: Signature) -> None:
    if by_name(signature, name) is not None:
        raise NameTaken(
            f"the function has a parameter '{name}' already: {shown(signature)}. Choose another name"
        )


def _reorder(change: Reorder, signature: Signature) -> Signature:
    found = [_single(signature, name) for name in change.names]
    if len({each.kind for each in found}) > 1:
        raise ParameterError(
            f"'reorder {', '.join(change.names)}' mixes parameters of different kinds in {shown(signature)};"
            " only those between the same of '/', '*' and '**' can change places"
        )
    ordered = iter(found)
    return tuple(next(ordered) if each in found else each for each in signature)


def _keyword_only(change: KeywordOnly, signature: Signature) -> Signature:
    for name in change.names:
        _single(signature, name)
    moved = [replace(each, kind=Kind.KEYWORD_ONLY) for each in signature if each.name in change.names]
    others = [each for each in signature if each.name not in change.names]
    # What becomes keyword-only goes before what is so already: the definition changes least.
    return tuple(sorted([*moved, *others], key=lambda each: each.kind))


def _inline_default(change: InlineDefault, signature: Signature) -> Signature:
    found = _single(signature, change.name)
    if found.default is None:
        raise ParameterError(f"'{change.name}' has no default to write into the calls: {shown(signature)}")
    nodes = ast.walk(ast.parse(found.default, mode="eval").body)
    if not all(isinstance(node, _VALUES) for node in nodes):
        raise ParameterError(
            f"the default '{found.default}' of '{change.name}' is made once, when the function is defined; in each"
            " call it would be made anew. Name the value first, or give the calls another with 'default'"
        )
    default = found.default if change.keep else None
    return tuple(
        replace(each, default=default, value=found.default) if each is found else each for each in signature
    )


def _add(change: Add, signature: Signature) -> Signature:
    _refuse_taken(change.name, signature)
    new = Parameter(change.name, Kind.POSITIONAL, None, change.default, change.annotation, change.value)
    if change.default is None and change.value is None:
        raise ParameterError(
            f"the added parameter '{change.name}' has neither a default nor a value for the callers, which would"
            f" all break. Add one: add {change.name} = DEFAULT, or add {change.name} call VALUE"
        )
    if change.place == "keyword-only":
        new = replace(new, kind=Kind.KEYWORD_ONLY)
        last = sum(each.kind <= Kind.KEYWORD_ONLY for each in signature)
        return (*signature[:last], new, *signature[last:])
    if change.place in ("before", "after") and change.anchor is not None:
        anchor = _single(signature, change.anchor)
        index = signature.index(anchor) + (change.place == "after")
        return (*signature[:index], replace(new, kind=anchor.kind), *signature[index:])
    index = _index(change, signature)
    before, after = signature[:index], signature[index:]
    if after and after[0].kind is Kind.POSITIONAL_ONLY:
        new = replace(new, kind=Kind.POSITIONAL_ONLY)
    return (*before, new, *after)


def _index(change: Add, signature: Signature) -> int:
    count = len(positional(signature))
    if change.place == "first":
        return 0
    if change.place == "at":
        index = int(change.anchor or 1) - 1
        if index > count:
            raise ParameterError(
                f"'at {change.anchor}' is beyond the {count} positional parameters of {shown(signature)}"
            )
        return index
    if change.place == "last" or change.default is not None:
        return count
    return sum(each.is_required for each in positional(signature))
