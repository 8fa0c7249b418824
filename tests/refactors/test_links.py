"""Symbolic links: named where something may stand behind them or be imported through them, never followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.errors import ParameterError
from overhaul.refactors.placement import apply_edits
from overhaul.refactors.source import FolderTree

from .conftest import Git, write_files
from .odd_files import CHANGES, FILES, MOVE, Change, mentions, run

LINKS = {
    "pkg/same.py": "use.py",
    "pkg/out.py": "../../elsewhere/out.py",
    "absolute.py": "/etc/hostname",
    "back.py": "pkg/loop/../elsewhere/out.py",
    "round.py": "round.py",
    "one.py": "two.py",
    "two.py": "one.py",
    "compat.py": "pkg/api.py",
    "gone.py": "nowhere.py",
    "unused.py": "pkg/api.py",
    "pkg/loop": "..",
    "vend": "../elsewhere",
    "docs": "/usr/share",
    ".#lock.py": "me@host.12:3",
}
USER = (
    b"from compat import fetch_user\nfrom gone import fetch_user as f\nfrom vend.api import fetch_user as g\n"
)
SAID = {
    "absolute.py": "a symbolic link out of the tree, to /etc/hostname: the file there is not searched",
    "back.py": "a symbolic link out of the tree, to pkg/loop/../elsewhere/out.py: the file there is not searched",
    "compat.py": "a symbolic link to pkg/api.py: what is imported under its name is not followed",
    "gone.py": "a symbolic link to nowhere.py, which is not there: what is imported under its name is not followed",
    "pkg/out.py": "a symbolic link out of the tree, to ../../elsewhere/out.py: the file there is not searched",
    "vend": "a symbolic link out of the tree, to ../elsewhere: what is imported under its name is not followed",
}


@pytest.mark.parametrize("kind", ["folder", "commit", "plain folder"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_link_is_named_where_it_matters(change: Change, kind: str, tmp_path: Path, git: Git) -> None:
    write_files(tmp_path / "elsewhere", {"out.py": b"from pkg.api import fetch_user\n"})
    folder = write_files(tmp_path / "folder", {**FILES, "user.py": USER})
    for path, target in LINKS.items():
        (folder / path).symlink_to(target)
    if kind != "plain folder":
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "all")
    if kind == "commit":
        with CommitTree(folder / ".git", "HEAD") as tree:
            analysis = run(change, tree)
    else:
        analysis = run(change, FolderTree(folder))
    assert {site.path: site.reason for site in analysis.sites if site.path in LINKS} == SAID
    assert not analysis.failures
    if kind != "commit":
        apply_edits(folder, analysis.edits)
        assert (folder / "pkg" / "same.py").read_text() == change.after
    assert {path: os.fspath((folder / path).readlink()) for path in LINKS} == LINKS
    assert (tmp_path / "elsewhere" / "out.py").read_bytes() == b"from pkg.api import fetch_user\n"


def test_a_new_file_at_the_place_of_a_link_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    (tmp_path / "pkg" / "users.py").symlink_to("nowhere.py")
    with pytest.raises(ParameterError, match=r"pkg/users\.py exists"):
        run(MOVE, FolderTree(tmp_path))


@pytest.mark.parametrize("recipe", ["rename-symbol", "rename-module"])
def test_a_link_to_a_file_that_moves_is_named(recipe: str, tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    (tmp_path / "same.py").symlink_to("pkg/api.py")
    (tmp_path / "other.py").symlink_to("pkg/use.py")
    analysis = run(Change(recipe, {"old": "pkg.api", "new": "users"}), FolderTree(tmp_path))
    assert (
        mentions(analysis, "same.py")
        == "1:1: a symbolic link to pkg/api.py, which moves: the link has to follow"
    )
    assert not mentions(analysis, "other.py")
