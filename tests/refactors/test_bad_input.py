"""Files that are not as they should be: each is edited byte for byte, or reported with its place and the reason."""

from __future__ import annotations

import ast
import errno
import os
import re
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.placement import apply_edits
from overhaul.refactors.recipe import Analysis
from overhaul.refactors.source import FolderTree, Tree

from .conftest import Git, write_files
from .odd_files import (
    ADD,
    CHANGES,
    FILES,
    LARGE,
    LATER,
    MOVE,
    READABLE,
    RENAME,
    REPLACE,
    UNREADABLE,
    USE,
    Change,
    Kind,
    mentions,
    run,
)

OTHERS = [
    Change("replace-import", {"old": "pkg.api.fetch_user", "new": "pkg.use.fetch_user"}),
    Change("rename-module", {"old": "pkg.api", "new": "users"}),
    Change("inline-symbol", {"symbol": "pkg.api.fetch_user"}),
    Change("rename-symbol", {"old": "pkg.api.fetch_user(number)", "new": "key", "docs": "yes", "strings": "yes"}),
    Change("rename-symbol", {"old": "pkg.api", "new": "users", "docs": "yes", "strings": "yes"}),
    Change("rename-symbol", {"old": "pkg/odd.py:1:1", "new": "other"}),
    Change("extract-function", {"name": "load", "lines": "pkg/odd.py:1-1"}),
]  # fmt: skip

OpenTree = Callable[[Mapping[str, bytes]], AbstractContextManager[Tree]]


@pytest.fixture(params=["folder of git's", "commit", "plain folder"])
def open_tree(
    request: pytest.FixtureRequest, make_repository: Callable[..., Path], tmp_path: Path
) -> OpenTree:
    """Return files as each kind of tree that there is."""

    @contextmanager
    def opened(files: Mapping[str, bytes]) -> Iterator[Tree]:
        if request.param == "plain folder":
            yield FolderTree(write_files(tmp_path / "plain", files))
            return
        folder = make_repository(files)
        if request.param == "commit":
            with CommitTree(folder / ".git", "main") as tree:
                yield tree
        else:
            yield FolderTree(folder)

    return opened


def files_with(kind: Kind) -> dict[str, bytes]:
    return {**FILES, kind.path: kind.write(USE)}


def check_edited(kind: Kind, change: Change, analysis: Analysis) -> None:
    edits = {edit.path: edit.content for edit in analysis.edits}
    assert edits["pkg/use.py"] == change.after.encode()
    # Not shown: a difference of megabytes takes minutes.
    assert (edits[kind.path] == kind.write(change.after)) is True
    assert not analysis.failures


def check_reported(kind: Kind, change: Change, analysis: Analysis) -> None:
    edits = {edit.path: edit.content for edit in analysis.edits}
    assert kind.path not in edits
    assert edits["pkg/use.py"] == change.after.encode()
    said = mentions(analysis, kind.path)
    assert re.search(kind.says, said)
    # The place of the call, wherever something is said of it.
    content = kind.write(USE)
    if not kind.path.endswith(".ipynb") and change in (RENAME, REPLACE, ADD):
        assert any(
            site.path == kind.path and site.line == line_of_call(content) for site in analysis.sites
        ), said


def line_of_call(content: bytes) -> int:
    lines = re.split(rb"\r\n|\r|\n", content.replace(b"\0", b"").replace(b"\xff\xfe", b""))
    return 1 + next(number for number, line in enumerate(lines) if b"fetch_user(" in line)


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("kind", READABLE, ids=lambda kind: kind.name)
def test_what_python_reads_is_edited_byte_for_byte(kind: Kind, change: Change, open_tree: OpenTree) -> None:
    with open_tree(files_with(kind)) as tree:
        check_edited(kind, change, run(change, tree))


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("kind", LARGE, ids=lambda kind: kind.name)
def test_large_files_are_edited_byte_for_byte(kind: Kind, change: Change) -> None:
    check_edited(kind, change, run(change, MemoryTree(files_with(kind))))


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("kind", UNREADABLE, ids=lambda kind: kind.name)
def test_what_python_does_not_read_is_reported(kind: Kind, change: Change, open_tree: OpenTree) -> None:
    with open_tree(files_with(kind)) as tree:
        check_reported(kind, change, run(change, tree))


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("kind", LATER, ids=lambda kind: kind.name)
def test_later_syntax_is_edited_or_reported(kind: Kind, change: Change, open_tree: OpenTree) -> None:
    with open_tree(files_with(kind)) as tree:
        analysis = run(change, tree)
    try:
        ast.parse(kind.write(USE))
    except SyntaxError:
        check_reported(kind, change, analysis)
    else:
        check_edited(kind, change, analysis)


@pytest.mark.parametrize("change", OTHERS, ids=str)
@pytest.mark.parametrize("kind", READABLE + UNREADABLE + LATER, ids=lambda kind: kind.name)
def test_other_recipes_do_not_crash(kind: Kind, change: Change) -> None:
    with suppress(RefactorError):
        analysis = run(change, MemoryTree(files_with(kind)))
        for edit in analysis.edits:
            assert not edit.path.endswith(".py") or ast.parse(edit.content)
        if kind in UNREADABLE and change.parameters.get("new") in ("users", "pkg.use.fetch_user"):
            assert re.search(kind.says, mentions(analysis, kind.path))


@pytest.mark.parametrize("kind", READABLE + UNREADABLE + LATER, ids=lambda kind: kind.name)
def test_the_graph_has_each_file_or_says_why_not(kind: Kind, open_tree: OpenTree) -> None:
    with open_tree(files_with(kind)) as tree:
        graph = RepositoryGraph(tree).imports
    importing = {edge.path for edge in graph.edges if "pkg/api.py" in graph.modules[edge.target].paths}
    said = dict([*graph.failures, *graph.unsupported])
    assert "pkg/use.py" in importing
    assert (kind.path in importing) is not (kind.path in said)
    if kind in UNREADABLE:
        assert re.search(kind.says, said[kind.path])


class Forbidden(MemoryTree):
    """A tree of which one file may not be read; as the protocol has it, every search finds that one."""

    def __init__(self, files: Mapping[str, bytes], forbidden: str) -> None:
        super().__init__(files)
        self.forbidden = forbidden

    def read(self, path: str) -> bytes:
        if path == self.forbidden:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return super().read(path)

    def containing(self, words: Collection[str], suffixes: Collection[str]) -> Sequence[str]:
        found = {*super().containing(words, suffixes)}
        return sorted(found | {path for path in [self.forbidden] if path.endswith(tuple(suffixes))})


FORBIDDEN = [
    "odd.py",
    "odd.pyi",
    "odd.rst",
    "odd.md",
    "odd.toml",
    "odd.cfg",
    "odd.ipynb",
    "odd.pyx",
    "odd.pxd",
]


@pytest.mark.parametrize("change", [*CHANGES, *OTHERS[:-2]], ids=str)
@pytest.mark.parametrize("path", FORBIDDEN)
def test_an_unreadable_file_is_reported(path: str, change: Change) -> None:
    analysis = run(change, Forbidden({**FILES, path: b"from pkg.api import fetch_user\n"}, path))
    assert analysis.resolved or change.recipe in ("inline-symbol", "replace-import")
    if path.endswith((".py", ".ipynb", ".pyx", ".pxd")) or change is RENAME:
        assert re.search("cannot be read", mentions(analysis, path))


@pytest.fixture
def odd_commit(make_repository: Callable[..., Path], git: Git) -> Path:
    """A repository whose commit has submodules, links, a missing blob, and files whose names differ in case only."""
    files = {
        **FILES,
        "pkg/lost.py": USE.encode() + b"# lost\n",
        "pkg/Use.py": USE.encode(),
        "pkg/USERS.py": b"",
    }
    folder = make_repository(files)
    (folder / "pkg" / "same.py").symlink_to("use.py")
    (folder / "away.py").symlink_to("../away.py")
    (folder / "pkg" / "round.py").symlink_to("round.py")
    git(folder, "add", "-A")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},pkg/module.py")
    git(folder, "commit", "-q", "-m", "second")
    lost = git(folder, "rev-parse", "HEAD:pkg/lost.py").decode().strip()
    (folder / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    return folder


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_commit_without_all_its_files_is_searched_for_the_rest(change: Change, odd_commit: Path) -> None:
    if change is MOVE:
        change = replace(
            change, parameters={**MOVE.parameters, "to": "pkg.user"}, after=USE.replace(".api", ".user")
        )
    with CommitTree(odd_commit / ".git", "HEAD") as tree:
        analysis = run(change, tree)
    edits = {edit.path: edit.content for edit in analysis.edits if edit.old_hash}
    assert {path: edits.pop(path, None) for path in ("pkg/use.py", "pkg/Use.py")} == dict.fromkeys(
        ("pkg/use.py", "pkg/Use.py"), change.after.encode()
    )
    assert set(edits) <= {"pkg/api.py"}
    assert "cannot be read: pkg/lost.py: git has no blob" in mentions(analysis, "pkg/lost.py")
    assert "out of the tree, to ../away.py" in mentions(analysis, "away.py")
    assert {site.path for site in analysis.sites}.isdisjoint({"pkg/same.py", "pkg/round.py", "pkg/module.py"})


def test_the_graph_of_such_a_commit_says_what_is_not_in_it(odd_commit: Path) -> None:
    with CommitTree(odd_commit / ".git", "HEAD") as tree:
        graph = RepositoryGraph(tree).imports
    assert dict(graph.failures) == {"pkg/lost.py": "cannot be read"}
    assert dict(graph.unsupported) == {
        "away.py": "a symbolic link out of the tree, to ../away.py, is not followed",
        "pkg/round.py": "a symbolic link to round.py, which leads in a circle, is not followed",
        "pkg/same.py": "a symbolic link to pkg/use.py, is not followed",
    }


@pytest.mark.parametrize(
    "change", [MOVE, Change("rename-module", {"old": "pkg.api", "new": "users"})], ids=str
)
def test_a_new_file_whose_name_differs_in_case_only_is_refused(change: Change) -> None:
    with pytest.raises(RefactorError, match=r"pkg/users\.py cannot be made: pkg/USERS\.py"):
        run(change, MemoryTree({**FILES, "pkg/USERS.py": b""}))


@pytest.mark.parametrize("uses_git", [True, False])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_is_no_file_is_passed_by(change: Change, uses_git: bool, tmp_path: Path, git: Git) -> None:
    folder = write_files(tmp_path / "folder", {**FILES, "pkg/folder.py/inner.py": USE.encode()})
    if uses_git:
        git(folder, "init", "-q")
        git(folder, "add", "-A")
    os.mkfifo(folder / "pkg" / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "pkg" / "socket.py"))
    analysis = run(change, FolderTree(folder))
    apply_edits(folder, analysis.edits)
    assert (folder / "pkg" / "use.py").read_text() == change.after
    assert (folder / "pkg" / "folder.py" / "inner.py").read_text() == change.after
    assert not analysis.failures
