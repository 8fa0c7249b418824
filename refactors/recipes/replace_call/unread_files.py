"""Calls in what is not read as Python, which are reported: Cython, what does not parse, what is behind a link."""

from __future__ import annotations

from collections.abc import Iterator

from overhaul.refactors.links import link_sites
from overhaul.refactors.project import PYTHON_SUFFIXES
from overhaul.refactors.recipe import Site
from overhaul.refactors.recipes.replace_call.matching import Matcher
from overhaul.refactors.text import lines_with

_CYTHON = (".pyx", ".pxd")


def unread_calls(matcher: Matcher, symbol: str) -> Iterator[Site]:
    """Yield a site for each line of such a file that seems to call the pattern's function."""
    project = matcher.project
    reasons = {
        path: f"stands in a file that {failure.error}"
        for path, failure in project.failures.items()
        if path.endswith(PYTHON_SUFFIXES)
    }
    # A search starts a program, and few trees have such files.
    if project.tree.paths_ending(_CYTHON):
        found = project.tree.containing(matcher.words, _CYTHON)
        reasons |= dict.fromkeys(found, "stands in a Cython file, which is not edited")
    yield from link_sites(project, matcher.words, symbol)
    words = [f".{word}" if matcher.target is None else word for word in sorted(matcher.words)]
    for path, reason in reasons.items():
        try:
            content = project.tree.read(path)
        except OSError:
            yield Site(path, 1, 1, symbol, "unresolved", "cannot be read")
            continue
        for line, column in lines_with(content, words, r"[ \t]*\("):
            yield Site(path, line, column, symbol, "unresolved", f"a call of the name {reason}")
