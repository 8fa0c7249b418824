"""Files in which a pattern stands, found in their bytes: only those are parsed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from overhaul.refactors.project import Module, Project
from overhaul.refactors.wide_files import narrowed


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for one of the words, whole."""
    return rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in sorted(words))})(?!\w)"


def paths_matching(project: Project, words: Collection[str], pattern: str) -> Iterator[str]:
    """Yield the Python files that have one of the words and the pattern."""
    yield from _matching(project, project.paths_containing(words) if words else (), pattern)


def modules_matching(project: Project, words: Collection[str], pattern: str) -> Iterator[Module]:
    """Yield the parsed files that have one of the words and the pattern."""
    yield from _parsed(project, paths_matching(project, words, pattern))


def all_modules_matching(project: Project, pattern: str) -> Iterator[Module]:
    """Yield the parsed files of the whole tree that have the pattern."""
    yield from _parsed(project, _matching(project, project.table.files, pattern))


def _matching(project: Project, paths: Iterable[str], pattern: str) -> Iterator[str]:
    compiled = re.compile(pattern.encode())
    for path in paths:
        try:
            content = narrowed(project.tree.read(path))
        except OSError:
            continue
        if compiled.search(content):
            yield path


def _parsed(project: Project, paths: Iterable[str]) -> Iterator[Module]:
    for path in paths:
        module = project.module(path)
        if module is not None:
            yield module
