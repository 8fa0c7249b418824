"""A tree that remembers what was looked for in it, and looks for announced words all at once.

Each search reads every file of the tree; on a large one that is most of what an analysis costs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from overhaul.refactors.links import HasLinks, Link
from overhaul.refactors.source import Tree

# Python, and what else a recipe reads for a name.
_SUFFIXES = (".py", ".pyi", ".rst", ".md", ".toml", ".cfg", ".ini", ".ipynb", ".pyx", ".pxd")


@runtime_checkable
class _TellsWordsApart(Protocol):
    def containing_each(
        self, words: Collection[str], suffixes: Collection[str]
    ) -> Mapping[str, Collection[str]] | None: ...


@runtime_checkable
class _ListsByEnding(Protocol):
    def paths_ending(self, suffixes: Collection[str]) -> Sequence[str]: ...


class WordSearch:
    """A `Tree` around another, whose files must not change meanwhile."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._announced: set[str] = set()
        self._paths_by_word: dict[str, Collection[str]] = {}
        self._found: dict[tuple[frozenset[str], frozenset[str]], Sequence[str]] = {}

    def announce(self, words: Iterable[str]) -> None:
        """Say what will be looked for: the next search for one of the words is one for all of them."""
        self._announced.update(
            word
            for word in words
            if word not in self._paths_by_word and word.isascii() and word.isidentifier()
        )

    def paths(self) -> Sequence[str]:
        return self.tree.paths()

    def paths_ending(self, suffixes: Collection[str]) -> Sequence[str]:
        """Return those of `paths` that end so."""
        if isinstance(self.tree, _ListsByEnding):
            return self.tree.paths_ending(suffixes)
        return [path for path in self.tree.paths() if path.endswith(tuple(suffixes))]

    def read(self, path: str) -> bytes:
        return self.tree.read(path)

    def links(self) -> Sequence[Link]:
        """Return the symbolic links, if the tree knows of any."""
        return self.tree.links() if isinstance(self.tree, HasLinks) else ()

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        # A file's name may be no UTF-8; then no file can have it as a word.
        key = frozenset(filter(_is_text, words)), frozenset(suffixes)
        if key not in self._found:
            self._found[key] = self._search(*key)
        return self._found[key]

    def knows(self, words: Collection[str], suffixes: Collection[str]) -> bool:
        """Tell whether a search for the words reads no file."""
        return (frozenset(words), frozenset(suffixes)) in self._found or self._is_looked_up(words, suffixes)

    def _search(self, words: frozenset[str], suffixes: frozenset[str]) -> Sequence[str]:
        if not self._announced.isdisjoint(words):
            self._look_up_announced()
        if not self._is_looked_up(words, suffixes):
            return self.tree.containing(words, suffixes)
        endings = tuple(suffixes)
        return sorted(
            {path for word in words for path in self._paths_by_word[word] if path.endswith(endings)}
        )

    def _is_looked_up(self, words: Collection[str], suffixes: Collection[str]) -> bool:
        return all(word in self._paths_by_word for word in words) and all(
            suffix in _SUFFIXES for suffix in suffixes
        )

    def _look_up_announced(self) -> None:
        words = sorted(self._announced)
        self._announced.clear()
        found = (
            self.tree.containing_each(words, _SUFFIXES) if isinstance(self.tree, _TellsWordsApart) else None
        )
        if found is not None:
            self._paths_by_word.update({word: found.get(word, ()) for word in words})


def _is_text(word: str) -> bool:
    return word.isascii() or not any("\udc80" <= character <= "\udcff" for character in word)
