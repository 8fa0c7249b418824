"""Whether a precondition is true of a repository."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from overhaul.refactors.declared_dependencies import (
    PYTHON,
    Declared,
    declared_dependencies,
    have_common_version,
    is_within,
)
from overhaul.refactors.errors import SymbolNotFound
from overhaul.refactors.recipes.composite.steps import Condition
from overhaul.refactors.source import Tree


@dataclass(frozen=True)
class Repository:
    """A tree as preconditions ask about it; what its metadata says is read once."""

    tree: Tree

    def unmet(self, conditions: Sequence[Condition]) -> Condition | None:
        """Return the first condition that is not true, if any."""
        return next((each for each in conditions if not self._holds(each)), None)

    def _holds(self, condition: Condition) -> bool:
        asked = condition.asked
        if asked.files:
            return self._has_file(asked.files, asked.contain)
        if asked.dependency:
            name = canonicalize_name(asked.dependency)
            allowed = [each.allowed for each in self._declared if each.name == name]
            has_one = any(have_common_version(each, SpecifierSet(asked.version)) for each in allowed)
            return has_one and all(is_within(each, SpecifierSet(asked.within)) for each in allowed)
        if condition.recipe is None:
            pythons = [each for each in self._declared if each.name == PYTHON]
            return bool(pythons) and all(
                is_within(each.allowed, SpecifierSet(asked.requires_python)) for each in pythons
            )
        try:
            return bool(condition.recipe.analyse(self.tree).sites)
        except SymbolNotFound:
            return False

    @cached_property
    def _declared(self) -> list[Declared]:
        return declared_dependencies(self.tree)

    def _has_file(self, pattern: str, contained: str) -> bool:
        matched = _glob(pattern)
        paths = [path for path in self.tree.paths() if matched.fullmatch(path)]
        if not contained:
            return bool(paths)
        found = re.compile(rf"(?<!\w){re.escape(contained)}(?!\w)".encode())
        return any(found.search(self._read(path)) for path in paths)

    def _read(self, path: str) -> bytes:
        try:
            return self.tree.read(path)
        except OSError:
            return b""


def _glob(pattern: str) -> re.Pattern[str]:
    """Return what `*`, `?` and `**/` mean in a pattern of paths."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    words = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(parts.get(word, re.escape(word)) for word in words), re.DOTALL)
