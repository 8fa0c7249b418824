"""Which files are worth parsing: told from their bytes, since parsing is nearly all that an analysis costs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from overhaul.refactors.project import Module
from overhaul.refactors.recipes.replace_call.matching import Matcher
from overhaul.refactors.wide_files import narrowed


def candidate_modules(matcher: Matcher) -> list[Module]:
    """Return the parsed files that may call the pattern's function, under whatever name the tree gives it."""
    found = {module.path: module for module in _first_candidates(matcher)}
    waiting = list(found.values())
    while waiting and matcher.target is not None:
        module = waiting.pop()
        names = matcher.reexported_names(module)
        if not names:
            continue
        importable = module.name.rpartition(".")[2]
        paths = set(matcher.project.tree.containing(names, [".py"]))
        for path in sorted(paths.intersection(matcher.project.tree.containing([importable], [".py"]))):
            user = None if path in found else matcher.project.module(path)
            if user is not None:
                found[path] = user
                waiting.append(user)
        matcher.words |= names
    return [found[path] for path in sorted(found)]


def _first_candidates(matcher: Matcher) -> Iterator[Module]:
    """Yield the files that may call the function by its own name.

    `"...".join` is no call of a function named join. A function from outside the tree is reached either through
    the name of its top package or through a file of the tree that gives it another one; the latter are looked
    for in the files that are parsed anyway, until there are no new ones.
    """
    project = matcher.project
    contents: dict[str, bytes] = {}
    written = _any_word(matcher.words, before=rb"(?<!['\"]\.)" if matcher.target else b"")
    for path in project.tree.containing(matcher.words, [".py"]):
        try:
            contents[path] = narrowed(project.tree.read(path))
        except OSError:
            project.module(path)  # which notes the failure
            continue
        if not written.search(contents[path]):
            del contents[path]
    words = _outside_names(matcher)
    while contents and words is not None:
        pattern = _any_word(words)
        found = [path for path, content in contents.items() if pattern.search(content)]
        words = set()
        for path in found:
            del contents[path]
            module = project.module(path)
            if module is not None:
                words |= _other_names(matcher, module)
                yield module
        if not words:
            return
    for path in contents if words is None else ():
        module = project.module(path)
        if module is not None:
            yield module


def _outside_names(matcher: Matcher) -> set[str] | None:
    """Return the top packages of a function from outside the tree; None for one of the tree or a builtin."""
    tops = {name.partition(".")[0] for name in matcher.names}
    if matcher.target is None or "builtins" in tops:
        return None
    return tops if all(matcher.project.table.locate(top) is None for top in tops) else None


def _other_names(matcher: Matcher, module: Module) -> set[str]:
    """Return the names under which other files import a module that re-exports the function, or its package."""
    tops = {name.partition(".")[0] for name in matcher.names}
    for statement, scope in module.bindings.imports:
        if scope is not module.scope:
            continue
        names = {alias.name.partition(".")[0] for alias in statement.names}
        source = (statement.module or "").partition(".")[0] if isinstance(statement, ast.ImportFrom) else ""
        renames = any(alias.asname for alias in statement.names) and bool(names & tops)
        if (
            source in tops
            or renames
            or (isinstance(statement, ast.ImportFrom) and not tops.isdisjoint(names))
        ):
            return {part for part in module.name.split(".")[-2:] if part}
    return set()


def _any_word(words: set[str], before: bytes = b"") -> re.Pattern[bytes]:
    either = b"|".join(re.escape(word.encode()) for word in sorted(words))
    return re.compile(before + rb"(?<!\w)(?:" + either + rb")(?!\w)")
