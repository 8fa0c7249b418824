"""The rules by name: which bytes a file must have for one to be worth reading it, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from overhaul.refactors.errors import ParameterError, did_you_mean
from overhaul.refactors.recipes.modernize_syntax.abstract_classes import collections_abc, typing_imports
from overhaul.refactors.recipes.modernize_syntax.brace_format import brace_format
from overhaul.refactors.recipes.modernize_syntax.builtin_generics import builtin_generics
from overhaul.refactors.recipes.modernize_syntax.class_bases import class_bases
from overhaul.refactors.recipes.modernize_syntax.encoding_comments import encoding_comments
from overhaul.refactors.recipes.modernize_syntax.modern_file import ModernFile
from overhaul.refactors.recipes.modernize_syntax.opening import io_open, open_modes
from overhaul.refactors.recipes.modernize_syntax.os_errors import os_errors
from overhaul.refactors.recipes.modernize_syntax.percent_format import percent_format
from overhaul.refactors.recipes.modernize_syntax.removed_modules import REMOVED, removed_modules
from overhaul.refactors.recipes.modernize_syntax.set_literals import set_literals
from overhaul.refactors.recipes.modernize_syntax.super_calls import super_calls
from overhaul.refactors.recipes.modernize_syntax.type_parameters import type_parameters
from overhaul.refactors.recipes.modernize_syntax.union_types import union_types


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of modernisation. `mark` is a pattern that every file with a candidate has."""

    name: str
    mark: re.Pattern[bytes]
    apply: Callable[[ModernFile], None]


def _rule(name: str, mark: bytes, apply: Callable[[ModernFile], None]) -> Rule:
    return Rule(name, re.compile(mark), apply)


# Those that make a new text of an expression come last: they take over what is edited inside it.
RULES: tuple[Rule, ...] = (
    _rule("builtin-generics", rb"\btyping\b", builtin_generics),
    _rule("union-types", rb"\b(?:Optional|Union)\b|\btyping\b.* as\b", union_types),
    _rule("typing-imports", rb"\btyping\b", typing_imports),
    _rule("type-parameters", rb"\b(?:TypeAlias|Generic)\b", type_parameters),
    _rule("collections-abc", rb"\bcollections\b", collections_abc),
    _rule("super-arguments", rb"\bsuper\s*\(\s*\w", super_calls),
    _rule("object-base", rb"\bobject\s*(?:,\s*)?[),]", class_bases),
    _rule("encoding-comment", rb"\A(?:[^\r\n]*(?:\r\n|\r|\n))?[^\r\n]*coding[:=]", encoding_comments),
    _rule("open-mode", rb"""["'](?:r|rt|tr)["']""", open_modes),
    _rule("io-open", rb"\bio\b", io_open),
    _rule("os-error", rb"\b(?:IOError|EnvironmentError|error|timeout|TimeoutError)\b", os_errors),
    _rule("removed-modules", rb"\b(?:" + "|".join(REMOVED).encode() + rb")\b", removed_modules),
    _rule("set-literal", rb"\b(?:set|dict)\s*\(", set_literals),
    _rule("percent-format", rb"""["']\s*\)*\s*\\?\s*%|["']\s*\)*\s*#.*\s*%""", percent_format),
    _rule("str-format", rb"\.\s*format\b", brace_format),
)
NAMES = tuple(rule.name for rule in RULES)


def chosen_rules(names: Iterable[str]) -> Sequence[Rule]:
    """Return the rules of these names, all if there are none. Raises ParameterError."""
    wanted = list(names)
    for name in wanted:
        if name not in NAMES:
            raise ParameterError(
                f"there is no rule '{name}'.{did_you_mean(name, NAMES)} The rules are: {', '.join(NAMES)}"
            )
    return [rule for rule in RULES if not wanted or rule.name in wanted]
