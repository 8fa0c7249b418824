"""The mirror: fetching, plumbing commits, exporting and pushing, with real git."""

from pathlib import Path

import git as gitpython
import pytest

from overhaul.flows.errors import NoBase, NotARepository, RepositoryError
from overhaul.flows.mirror import Author, FileChange, Mirror, identity_of
from tests.flows.repositories import commit_files, git, make_repository, plant

AUTHOR = Author("Ada", "ada@localhost", 1_700_000_000)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "source", {"pkg/a.py": "x = 1\n", "run.sh": "echo\n"})


@pytest.fixture
def mirror(source: Path, tmp_path: Path) -> Mirror:
    return Mirror.of(str(source), tmp_path / "mirrors")


def test_base_is_the_branch_that_head_names(source: Path, mirror: Mirror) -> None:
    git(source, "checkout", "--quiet", "-b", "feature")
    commit = commit_files(source, {"b.py": ""}, "second")
    base = mirror.fetch(None)
    assert (base.branch, base.commit) == ("feature", commit)


def test_named_branch_is_taken(source: Path, mirror: Mirror) -> None:
    git(source, "checkout", "--quiet", "-b", "feature")
    commit_files(source, {"b.py": ""}, "second")
    assert mirror.fetch("main").branch == "main"


def test_unknown_branch_lists_the_ones_there_are(mirror: Mirror) -> None:
    with pytest.raises(NoBase, match="no branch 'master'"):
        mirror.fetch("master")


def test_detached_head_asks_for_a_base(source: Path, mirror: Mirror) -> None:
    git(source, "checkout", "--quiet", "--detach")
    with pytest.raises(NoBase, match=r"detached.*--base"):
        mirror.fetch(None)


def test_shallow_clone_is_read(source: Path, tmp_path: Path) -> None:
    commit = commit_files(source, {"b.py": ""}, "second")
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{source}", str(tmp_path / "shallow"))
    shallow = Mirror.of(str(tmp_path / "shallow"), tmp_path / "mirrors")
    base = shallow.fetch(None).commit
    assert base == commit
    change = shallow.commit_tree(shallow.change_tree(base, []), base, "empty", AUTHOR)
    shallow.push(change, "overhaul/x", None)
    assert git(tmp_path / "shallow", "rev-parse", "overhaul/x") == change


def test_branch_that_stands_in_the_way_is_named_before_anything_is_done(source: Path, mirror: Mirror) -> None:
    git(source, "branch", "overhaul")
    with pytest.raises(RepositoryError, match="has a branch named 'overhaul'"):
        mirror.fetch(None)


def test_empty_repository_is_no_base(tmp_path: Path) -> None:
    empty = make_repository(tmp_path / "empty", {})
    with pytest.raises(NoBase, match="no commits yet"):
        Mirror.of(str(empty), tmp_path / "mirrors").fetch(None)


def test_a_repository_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match="cannot read"):
        Mirror.of(str(tmp_path / "gone"), tmp_path / "mirrors").fetch(None)


@pytest.mark.parametrize(
    "address", ["ext::sh -c touch% x", "--upload-pack=touch x", "fd::7", "a\nb", "ftp://x/y"]
)
def test_addresses_that_git_would_run_are_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(NotARepository):
        Mirror.of(address, tmp_path / "mirrors")


def test_commit_keeps_modes_and_is_the_same_when_made_again(source: Path, mirror: Mirror) -> None:
    git(source, "update-index", "--chmod=+x", "run.sh")
    git(source, "commit", "--quiet", "-m", "executable")
    base = mirror.fetch(None).commit
    changes = [FileChange("run.sh", mirror.blob_of(b"echo changed\n"))]
    commits = {
        mirror.commit_tree(mirror.change_tree(base, changes), base, "change", AUTHOR) for _ in range(2)
    }
    assert len(commits) == 1
    assert mirror.text("ls-tree", commits.pop(), "run.sh").startswith("100755 blob")


def test_move_takes_the_file_along(mirror: Mirror) -> None:
    base = mirror.fetch(None).commit
    tree = mirror.change_tree(base, [FileChange("pkg/b.py", mirror.blob_of(b"x = 1\n"), old_path="pkg/a.py")])
    assert mirror.text("ls-tree", "-r", "--name-only", tree).split() == ["pkg/b.py", "run.sh"]


def test_new_file_is_added_beside_those_that_are_there(mirror: Mirror) -> None:
    base = mirror.fetch(None).commit
    tree = mirror.change_tree(base, [FileChange("pkg/deep/new.py", mirror.blob_of(b"x = 1\n"))])
    assert mirror.text("ls-tree", "-r", "--name-only", tree).split() == [
        "pkg/a.py", "pkg/deep/new.py", "run.sh",
    ]  # fmt: skip
    assert mirror.text("ls-tree", tree, "pkg/deep/new.py").startswith("100644 blob")


def test_paths_that_are_not_unicode_survive(source: Path, mirror: Mirror) -> None:
    (source / "caf\udce9.py").write_bytes(b"x = 1\n")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "-m", "latin")
    base = mirror.fetch(None).commit
    tree = mirror.change_tree(base, [FileChange("caf\udce9.py", mirror.blob_of(b"x = 2\n"))])
    assert b"caf\xe9.py" in mirror.git("ls-tree", "-rz", tree)


def test_blobs_are_read_back_in_order(mirror: Mirror) -> None:
    contents = [b"", b"one\n", b"\x00\xff two", b"one\n"]
    assert mirror.read_blobs(mirror.write_blobs(contents)) == contents


def test_export_has_every_file_and_no_git_directory(source: Path, mirror: Mirror, tmp_path: Path) -> None:
    commit_files(
        source, {".gitattributes": "tests export-ignore\n", "tests/test_a.py": "", "v.py": "$Id$\n"}, "more"
    )
    mirror.export(mirror.fetch(None).commit, tmp_path / "out")
    found = {
        path.relative_to(tmp_path / "out").as_posix()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert found == {".gitattributes", "tests/test_a.py", "v.py", "pkg/a.py", "run.sh"}


def test_a_filter_that_the_tree_asks_for_is_not_run(source: Path, mirror: Mirror, tmp_path: Path) -> None:
    script = plant(tmp_path / "filter", tmp_path / "canary")
    git(source, "config", "filter.evil.smudge", str(script))
    git(source, "config", "uploadpack.packObjectsHook", str(script))
    commit_files(source, {".gitattributes": "*.py filter=evil diff=evil\n"}, "attributes")
    (tmp_path / "canary").unlink(missing_ok=True)
    base = mirror.fetch(None)
    mirror.export(base.commit, tmp_path / "out")
    mirror.diff(f"{base.commit}~1", base.commit)
    assert not (tmp_path / "canary").exists()


def test_push_runs_no_hook_and_leaves_the_work_tree_alone(
    source: Path, mirror: Mirror, tmp_path: Path
) -> None:
    for hook in (
        "pre-receive",
        "update",
        "post-receive",
        "post-update",
        "reference-transaction",
        "pre-auto-gc",
    ):
        plant(source / ".git" / "hooks" / hook, tmp_path / "canary")
    base = mirror.fetch(None).commit
    commit = mirror.commit_tree(mirror.change_tree(base, []), base, "empty", AUTHOR)
    mirror.push(commit, "overhaul/x", None)
    assert git(source, "rev-parse", "overhaul/x") == commit
    assert git(source, "status", "--porcelain") == ""
    assert not (tmp_path / "canary").exists()


def test_push_refuses_a_branch_that_somebody_moved(source: Path, mirror: Mirror) -> None:
    base = mirror.fetch(None).commit
    git(source, "branch", "overhaul/x")
    commit = mirror.commit_tree(mirror.change_tree(base, []), base, "empty", AUTHOR)
    with pytest.raises(gitpython.GitCommandError, match="stale info"):
        mirror.push(commit, "overhaul/x", None)


def test_branch_that_is_checked_out_is_never_pushed_to(source: Path, mirror: Mirror) -> None:
    base = mirror.fetch(None).commit
    commit = mirror.commit_tree(mirror.change_tree(base, []), base, "empty", AUTHOR)
    with pytest.raises(gitpython.GitCommandError):
        mirror.push(commit, "main", base)
    assert git(source, "rev-parse", "main") == base


def test_folders_of_mirrors_are_told_apart_wherever_they_are(tmp_path: Path) -> None:
    here, there = identity_of(tmp_path / "here"), identity_of(tmp_path / "there")
    assert here != there
    (tmp_path / "here").rename(tmp_path / "moved")
    assert identity_of(tmp_path / "moved") == here


def test_our_branches_live_in_the_fork_and_all_others_in_the_repository(
    source: Path, mirror: Mirror, tmp_path: Path
) -> None:
    base = mirror.fetch(None).commit
    git(tmp_path, "clone", "--quiet", "--bare", str(source), str(tmp_path / "fork"))
    assert mirror.fork == ""
    mirror.use_fork(str(tmp_path / "fork"))
    change = mirror.commit_tree(mirror.change_tree(base, []), base, "empty", AUTHOR)
    mirror.push(change, "overhaul/x", None)
    assert git(tmp_path / "fork", "rev-parse", "overhaul/x") == change == mirror.remote_head("overhaul/x")
    assert git(source, "branch", "--list", "overhaul/*") == ""
    git(tmp_path / "fork", "update-ref", "refs/heads/main", change)
    assert mirror.remote_head("main") == mirror.fetch("main").commit == base
    assert mirror.fetch("overhaul/x").commit == change
    again = Mirror.of(str(source), tmp_path / "mirrors")
    again.delete_branch("overhaul/x", change)
    assert mirror.remote_head("overhaul/x") is None
    assert mirror.fetch("main").commit == base
    with pytest.raises(NotARepository):
        mirror.use_fork("ext::sh -c x")
