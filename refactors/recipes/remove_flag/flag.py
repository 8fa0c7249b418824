"""The flag: where its value is read, by its symbol or by calls of a pattern, and what else names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from overhaul.refactors.effects import changes_nothing
from overhaul.refactors.inference import Inference
from overhaul.refactors.project import Module, Project
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.rename_symbol.findings import Usage
from overhaul.refactors.recipes.rename_symbol.usages import find_usages
from overhaul.refactors.recipes.replace_call.candidates import candidate_modules
from overhaul.refactors.recipes.replace_call.matching import Match, Matcher
from overhaul.refactors.recipes.replace_call.pattern import parse_pattern
from overhaul.refactors.symbols.positions import named_target
from overhaul.refactors.symbols.target import MemberTarget, Target, VariableTarget


@dataclass(slots=True)
class FlagUses:
    """What was found of a flag in one tree: reads by module, doubts (a place and the reason), sites of other files."""

    reads: dict[str, list[ast.expr]] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    doubts: list[tuple[Module, int, str]] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    imports: list[Usage] = field(default_factory=list)
    definition: Usage | None = None

    def read(self, module: Module, node: ast.expr) -> None:
        self.modules[module.path] = module
        self.reads.setdefault(module.path, []).append(node)


def is_pattern(flag: str) -> bool:
    """Tell whether a flag is given as a call, not as a symbol."""
    return "(" in flag


def find_flag(project: Project, flag: str) -> FlagUses:
    """Return every read of a flag. Raises ParameterError for what names none."""
    return _called(project, flag) if is_pattern(flag) else _named(project, flag)


def _called(project: Project, flag: str) -> FlagUses:
    pattern = parse_pattern(flag)
    has_key = any(
        isinstance(each, ast.Constant)
        for each in [*pattern.call.args, *(k.value for k in pattern.call.keywords)]
    )
    matcher = Matcher(project, pattern, has_key, "")
    uses = FlagUses()
    for module in candidate_modules(matcher):
        for found in matcher.find(module):
            if not isinstance(found, Match):
                uses.doubts.append((module, module.source.start(found.node), found.doubt.reason))
                continue
            passed = [*found.call.args, *(each.value for each in found.call.keywords)]
            if all(changes_nothing(each) for each in passed):
                uses.read(module, found.call)
            else:
                uses.doubts.append(
                    (module, module.source.start(found.call), "what it is given may have an effect")
                )
    uses.doubts += _keys(project, pattern.call, uses)
    return uses


def _keys(project: Project, call: ast.Call, uses: FlagUses) -> Iterator[tuple[Module, int, str]]:
    """Yield the other places that have a string of the pattern: tests that switch it, lists of flags."""
    keys = {
        each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    for key in sorted(keys):
        word = (
            key
            if key.isidentifier()
            else max(key.replace("-", " ").replace(".", " ").split() or [key], key=len)
        )
        for module in project.containing([word]):
            calls = uses.reads.get(module.path, [])
            for constant, _ in module.bindings.strings:
                offset = module.source.start(constant)
                inside = any(constant in ast.walk(each) for each in calls)
                if constant.value == key and not inside and not _in_doubt(module, constant, uses):
                    yield module, offset, "a string names the flag"


def _in_doubt(module: Module, constant: ast.Constant, uses: FlagUses) -> bool:
    call = module.bindings.parents.get(constant)
    return isinstance(call, ast.Call) and any(
        other is module and module.source.start(call) <= offset <= module.source.end(call)
        for other, offset, _ in uses.doubts
    )


def _named(project: Project, flag: str) -> FlagUses:
    inference = Inference(project)
    target = named_target(inference, flag)
    usages = find_usages(inference, target)
    own = _definitions(target)
    uses = FlagUses(sites=list(usages.unresolved))
    for usage in usages.proved:
        node = usage.node
        if isinstance(node, ast.alias):
            uses.imports.append(usage)
        elif node in own:
            uses.definition = usage
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            uses.read(usage.module, node)
        else:
            uses.doubts.append((usage.module, usage.span[0], _what(usage)))
    name = flag.rpartition(".")[2]
    for module in project.containing([name]):
        for keyword, _ in module.bindings.keywords.get(name, ()):
            uses.doubts.append((module, module.source.start(keyword), "a keyword has the flag's name"))
        if not own:
            for binding in module.scope.bindings.get(name, ()):
                if isinstance(binding.node, ast.Name):
                    uses.doubts.append(
                        (module, module.source.start(binding.node), "this may be the flag's definition")
                    )
    return uses


def _what(usage: Usage) -> str:
    if isinstance(usage.node, ast.Name | ast.Attribute):
        return "the flag is set here"
    return f"{usage.reason}: names the flag"


def _definitions(target: Target) -> set[ast.AST]:
    if isinstance(target, VariableTarget):
        bindings = target.scope.bindings.get(target.name, [])
    elif isinstance(target, MemberTarget):
        bindings = target.definition.scope.bindings.get(target.name, [])
    else:
        bindings = []
    return {bindings[0].node} if bindings and isinstance(bindings[0].node, ast.Name) else set()
