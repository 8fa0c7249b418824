"""Attributes of modules and of objects that the change takes away, and that are still used."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from overhaul.refactors.project import Module
from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.trees import Trees, expects_failure, places_text
from overhaul.refactors.standard_library import defines
from overhaul.refactors.values import ClassDefinition, Instance, ModuleValue, Value

_DYNAMIC = ("__getattr__", "__getattribute__")
_MEMBERS = frozenset({"method", "async method", "property"})


class _Gone(NamedTuple):
    """A name of a module or class that a changed file has no more; `owner` is the class, "" for the module's own."""

    path: str
    owner: str
    line: int


def broken_uses(trees: Trees) -> Iterator[Finding]:
    """Yield one finding for each attribute that is gone, with everybody who still uses it."""
    gone = _gone(trees)
    if not gone:
        return
    project = trees.head.project
    project.announce(gone)
    modules = list(project.containing(gone))
    for name, lost in sorted(gone.items()):
        if any(_is_given(module, name) for module in modules):
            continue
        uses: dict[_Gone, list[tuple[str, int]]] = defaultdict(list)
        for module in modules:
            for node, _ in module.bindings.attributes.get(name, ()):
                found = _broken(trees, module, node, lost)
                if found is not None and not expects_failure(module, node):
                    uses[found].append((module.path, node.end_lineno or node.lineno))
        for each, places in uses.items():
            yield from _finding(trees, name, each, places)


def _finding(trees: Trees, name: str, lost: _Gone, places: list[tuple[str, int]]) -> Iterator[Finding]:
    cite = trees.lines.cite_removal(lost.path, lost.line)
    if cite is None:
        return
    what = f"{lost.owner}.{name}" if lost.owner else f"{trees.base.table.name(lost.path)}.{name}"
    yield Finding(
        f"`{what}` is gone but still used",
        f"`{what}` is used at {places_text(places)}, and nothing defines it after this change: AttributeError.",
        1, cite.path, cite.first_line, cite.last_line, side=cite.side, proved_by="rule",
        proof=f"every value that the receiver may have is known, and none has `{name}`",
    )  # fmt: skip


def _gone(trees: Trees) -> dict[str, list[_Gone]]:
    """By name, what changed files that are still there have lost."""
    found: dict[str, list[_Gone]] = defaultdict(list)
    for path, old in sorted(trees.lines.old_paths.items()):
        before, after = trees.base.facts.get(old), trees.head.facts.get(path)
        if path != old or before is None or after is None or before.error or after.error:
            continue
        there = {each.qualified for each in after.definitions}
        for each in before.definitions:
            owner, _, name = each.qualified.rpartition(".")
            if each.qualified in there or name.startswith("__"):
                continue
            if owner and owner in there and each.kind in _MEMBERS:
                found[name].append(_Gone(path, owner, each.line))
            elif not owner and name in before.names and name not in after.names:
                found[name].append(_Gone(path, "", each.line))
        for fact in before.imports:
            if fact.bound in before.names and fact.bound not in after.names:
                found[fact.bound].append(_Gone(path, "", fact.line))
    return found


def _is_given(module: Module, name: str) -> bool:
    """Whether code gives some object an attribute of this name from outside, or asks whether it is there."""
    if any(constant.value == name for constant, _ in module.bindings.strings):
        return True
    uses = module.bindings.attributes.get(name, ())
    return any(not isinstance(node.ctx, ast.Load) for node, _ in uses)


def _broken(trees: Trees, module: Module, node: ast.Attribute, lost: list[_Gone]) -> _Gone | None:
    """Which of the lost names a use means, if it certainly fails."""
    values = trees.head.inference.values(module, node.value)
    found = {_missing(trees, value, node.attr, lost) for value in values}
    return found.pop() if len(found) == 1 else None


def _missing(trees: Trees, value: Value, name: str, lost: list[_Gone]) -> _Gone | None:
    if isinstance(value, ModuleValue):
        paths = value.location.paths
        if trees.head.imports.may_have(value.location, name):
            return None
        return next((each for each in lost if not each.owner and each.path in paths), None)
    if not isinstance(value, Instance) or not isinstance(value.of, ClassDefinition):
        return None
    hierarchy = trees.head.inference.hierarchy
    below = [value.of, *hierarchy.descendants(value.of)]
    if not all(_lacks(trees, each, name) for each in below):
        return None
    bases = {each.key for each in hierarchy.ancestry(value.of).classes}
    keys = _keys(trees, lost)
    return next((keys[key] for key in bases if key in keys), None)


def _lacks(trees: Trees, definition: ClassDefinition, name: str) -> bool:
    """Whether a class certainly has no such attribute, its own or inherited."""
    hierarchy = trees.head.inference.hierarchy
    ancestry = hierarchy.ancestry(definition)
    if ancestry.unknown or any(defines(each, name) is not False for each in ancestry.external):
        return False
    if any(each.node.decorator_list or each.node.keywords for each in ancestry.classes):
        return False
    return all(hierarchy.provider(definition, each) is None for each in (name, *_DYNAMIC))


def _keys(trees: Trees, lost: list[_Gone]) -> Mapping[str, _Gone]:
    """The classes that have lost the name, by the key that `ClassDefinition` has."""
    found = {}
    for each in lost:
        module = trees.head.module(each.path) if each.owner else None
        if module is not None:
            found[f"{module.key}::{each.owner}"] = each
    return found
