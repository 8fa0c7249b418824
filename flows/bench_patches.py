"""Patches of a benchmark as trees of a mirror: no work tree takes part, and no program but git reads them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import git

from overhaul.flows.errors import BenchError, PatchRefused
from overhaul.flows.hardened_git import first_lines, said_by
from overhaul.flows.mirror import Mirror

# As it is, then as a model may have written it: line numbers and counts wrong, less context, other blanks.
_MANNERS: tuple[tuple[str, ...], ...] = ((), ("--recount", "-C1", "--ignore-whitespace"))


def patch_between(mirror: Mirror, base: str, head: str) -> str:
    """The change from one commit to another, as `git apply` takes it. Bytes that are no UTF-8 are surrogates."""
    return mirror.diff(base, head, "--binary").decode("utf-8", "surrogateescape")


def apply(mirror: Mirror, base: str, patch: str) -> str:
    """The tree of a commit with a patch applied. Raises PatchRefused."""
    if not patch.strip():
        return mirror.tree_of(base)
    content = patch.encode("utf-8", "surrogateescape")
    content = content if content.endswith(b"\n") else content + b"\n"
    for manner in _MANNERS:
        with tempfile.TemporaryDirectory(dir=mirror.folder) as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            mirror.git("read-tree", base, environment=index)
            options = ("--cached", "--whitespace=nowarn", *manner)
            try:
                mirror.git("apply", *options, "-", stdin=content, environment=index)
                return mirror.git("write-tree", environment=index).decode().strip()
            except git.GitCommandError as error:
                refused = first_lines(said_by(error))
    raise PatchRefused(refused)


def graded_tree(mirror: Mirror, base: str, patch: str, test_patch: str) -> str:
    """The tree that is judged: the files that the test patch touches are its, all others are the patch's.

    Raises PatchRefused for the patch, BenchError for the test patch.
    """
    try:
        tests = mirror.changes(mirror.tree_of(base), apply(mirror, base, test_patch))
    except PatchRefused as error:
        raise BenchError(f"test_patch does not apply to the base commit: {error}") from error
    tree = apply(mirror, base, patch)
    try:
        return mirror.change_tree(tree, tests)
    except git.GitCommandError as error:
        raise PatchRefused(f"the tests find no place in it: {first_lines(said_by(error))}") from error
