"""One tree together with others that are only looked at: the libraries that it uses.

With a library beside it, `from acme import fetch_user` can be proved to be `acme.api.fetch_user`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from overhaul.refactors.links import HasLinks, Link
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.source import Tree

BESIDE = ".beside"


class CombinedTree:
    """The files of `own`, and those of each tree in `beside` below `.beside/NAME/`."""

    def __init__(self, own: Tree, beside: Mapping[str, Tree]) -> None:
        self._own = own
        self._beside = {f"{BESIDE}/{name}/": tree for name, tree in beside.items()}

    def paths(self) -> Sequence[str]:
        return sorted(
            [*self._own.paths(), *(p + path for p, tree in self._beside.items() for path in tree.paths())]
        )

    def read(self, path: str) -> bytes:
        for prefix, tree in self._beside.items():
            if path.startswith(prefix):
                return tree.read(path.removeprefix(prefix))
        return self._own.read(path)

    def links(self) -> Sequence[Link]:
        """Return those of the tree itself."""
        return self._own.links() if isinstance(self._own, HasLinks) else ()

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        found = list(self._own.containing(words, suffixes))
        for prefix, tree in self._beside.items():
            found += [prefix + path for path in tree.containing(words, suffixes)]
        return sorted(found)


def own_part(analysis: Analysis) -> Analysis:
    """What an analysis of a combined tree says of the tree itself."""
    return replace(
        analysis,
        sites=[site for site in analysis.sites if not _is_beside(site.path)],
        edits=[edit for edit in analysis.edits if not _is_beside(edit.path)],
        failures=[failure for failure in analysis.failures if not _is_beside(failure.path)],
    )


def _is_beside(path: str) -> bool:
    return path.startswith(f"{BESIDE}/")
