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
from overhaul.refactors.recipes.modernize_syntax.unittest_aliases import unittest_aliases
from overhaul.refactors.recipes.modernize_syntax.without_effect import future_imports, unicode_prefixes

_REMOVED = rb"(?:import|from)[ \t](?:[^#\r\n]*,)?[ \t]*(?:%s)\b" % "|".join(REMOVED).encode()
_OTHER_NAMES = (
    rb"IOError|EnvironmentError|TimeoutError"
    rb"|(?:socket|select|mmap|os)\s*(?:\.\s*(?:error|timeout)|\s+(?:import|as)\b)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of modernisation. A file without any of the words, or without the mark, has no candidate."""

    name: str
    words: tuple[bytes, ...]
    mark: re.Pattern[bytes]
    apply: Callable[[ModernFile], None]

    def may_apply(self, content: bytes) -> bool:
        """Tell whether a file is worth parsing; a plain search tells it for most."""
        return any(word in content for word in self.words) and self.mark.search(content) is not None


def _rule(name: str, words: str, apply: Callable[[ModernFile], None], mark: bytes = b"") -> Rule:
    return Rule(name, tuple(word.encode() for word in words.split()), re.compile(mark), apply)


# Those that make a new text of an expression come last: they take over what is edited inside it.
RULES: tuple[Rule, ...] = (
    _rule("builtin-generics", "typing", builtin_generics),
    _rule("union-types", "typing", union_types, rb"Optional|Union"),
    _rule("typing-imports", "typing", typing_imports),
    _rule("type-parameters", "TypeAlias Generic", type_parameters),
    _rule(
        "collections-abc",
        "collections",
        collections_abc,
        rb"collections\s*(?:\.\s*[A-Z]|\s+(?:import|as)\b|[\r\n;,])",
    ),
    _rule("super-arguments", "super", super_calls, rb"super\s*\(\s*\w"),
    _rule("object-base", "object", class_bases, rb"object\s*,?\s*[),]"),
    _rule(
        "encoding-comment",
        "coding:  coding=",
        encoding_comments,
        rb"\A(?:[^\r\n]*(?:\r\n|\r|\n))?[^\r\n]*coding[:=]",
    ),
    _rule("open-mode", "open", open_modes, rb"""["'](?:r|rt|tr)["']"""),
    _rule("io-open", "io", io_open, rb"io\s*\.\s*open|io\s+(?:import|as)\b"),
    _rule(
        "os-error",
        "IOError EnvironmentError socket select mmap TimeoutError os.error import",
        os_errors,
        _OTHER_NAMES,
    ),
    _rule("removed-modules", "import", removed_modules, _REMOVED),
    _rule("unittest-aliases", "TestCase", unittest_aliases, rb"\.(?:assert|fail)\w+"),
    _rule("future-import", "__future__", future_imports, rb"from\s+__future__\s+import"),
    _rule("unicode-prefix", "u' u\" U' U\"", unicode_prefixes, rb"\b[uU]['\"]"),
    _rule(
        "set-literal",
        "set dict",
        set_literals,
        rb"set\s*\(\s*[\[(\w]|dict\s*\(\s*[\[(]|dict\s*\(.*\sfor\s|dict\s*\(\s*[\r\n]",
    ),
    _rule("percent-format", "%", percent_format, rb"""["']\s*\)*\s*(?:#.*)?\\?\s*%"""),
    _rule("str-format", "format", brace_format, rb"""["']\s*\)*\s*(?:#.*)?\\?\s*\.\s*format"""),
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
