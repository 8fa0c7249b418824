"""Writing cases short: of one file, whose name is the same in all of a recipe's cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overhaul.refactors.recipe import Case


@dataclass(frozen=True, slots=True)
class CaseWriter:
    """Makes cases in which a text instead of files is the file `path`, and a line alone is one of it."""

    path: str

    def __call__(
        self,
        name: str,
        parameters: Mapping[str, Any],
        before: str | Mapping[str, str],
        after: str | Mapping[str, str] | None = None,
        unresolved: Sequence[str] = (),
    ) -> Case:
        """Return one case."""
        return Case(
            name,
            parameters,
            {self.path: before} if isinstance(before, str) else before,
            {self.path: after} if isinstance(after, str) else after,
            [place if ":" in place else f"{self.path}:{place}" for place in unresolved],
        )
