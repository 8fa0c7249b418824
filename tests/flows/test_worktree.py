"""Looking at a person's work tree: what is dirty, and nothing of it runs."""

from pathlib import Path

import pytest

from overhaul.flows.errors import NotARepository
from overhaul.flows.mirror import Mirror
from overhaul.flows.worktree import author_of, changed_files, locate
from tests.flows.repositories import commit_files, git, make_repository, plant


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "source", {"a.py": "x = 1\n", "b.py": "y = 1\n"})


@pytest.fixture
def mirror(source: Path, tmp_path: Path) -> Mirror:
    found = Mirror.of(str(source), tmp_path / "mirrors")
    found.fetch(None)
    return found


def test_clean_tree_has_no_changed_files(source: Path, mirror: Mirror) -> None:
    assert changed_files(str(source), mirror) == []


def test_touched_file_with_the_same_content_is_no_change(source: Path, mirror: Mirror) -> None:
    (source / "a.py").write_text("x = 1\n")
    assert changed_files(str(source), mirror) == []


def test_untracked_file_is_no_change(source: Path, mirror: Mirror) -> None:
    (source / "new.py").write_text("")
    assert changed_files(str(source), mirror) == []


def test_edited_staged_and_deleted_files_are_named(source: Path, mirror: Mirror) -> None:
    (source / "a.py").write_text("x = 2\n")
    (source / "c.py").write_text("z = 1\n")
    git(source, "add", "c.py")
    (source / "b.py").unlink()
    assert changed_files(str(source), mirror) == ["a.py", "b.py", "c.py"]


def test_changes_in_a_linked_work_tree_are_seen(source: Path, mirror: Mirror, tmp_path: Path) -> None:
    git(source, "worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "other")
    (tmp_path / "linked" / "a.py").write_text("x = 3\n")
    assert changed_files(str(tmp_path / "linked"), mirror) == ["a.py"]


def test_planted_configuration_runs_nothing(source: Path, mirror: Mirror, tmp_path: Path) -> None:
    script = plant(tmp_path / "planted", tmp_path / "canary")
    for key in ("core.fsmonitor", "filter.x.clean", "diff.x.textconv", "diff.external", "core.hooksPath"):
        git(source, "config", key, str(script))
    (source / ".gitattributes").write_text("*.py filter=x diff=x\n")
    (source / "a.py").write_text("x = 4\n")
    (tmp_path / "canary").unlink(missing_ok=True)
    assert locate(str(source)) == str(source)
    assert "a.py" in changed_files(str(source), mirror)
    assert not (tmp_path / "canary").exists()


def test_nested_repository_runs_nothing(source: Path, mirror: Mirror, tmp_path: Path) -> None:
    nested = make_repository(source / "nested", {"n.py": ""})
    git(source, "add", "nested")
    git(source, "commit", "--quiet", "-m", "gitlink")
    git(nested, "config", "core.fsmonitor", str(plant(tmp_path / "planted", tmp_path / "canary")))
    mirror.fetch(None)
    assert changed_files(str(source), mirror) == []
    assert not (tmp_path / "canary").exists()


def test_subfolder_is_located_at_the_top(source: Path) -> None:
    commit_files(source, {"pkg/c.py": ""}, "package")
    assert locate(str(source / "pkg")) == str(source)


@pytest.mark.parametrize("spelling", [".", "./", "../source", "file://{}"])
def test_repository_is_the_same_in_every_spelling(
    spelling: str, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source)
    assert locate(spelling.format(source)) == str(source)


def test_folder_without_git_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match=r"not a git repository.*overhaul apply"):
        locate(str(tmp_path))


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match="there is no folder"):
        locate(str(tmp_path / "nowhere"))


def test_commits_are_by_the_repositorys_own_identity(source: Path) -> None:
    git(source, "config", "user.name", "Grace")
    git(source, "config", "user.email", "grace@localhost")
    author = author_of(str(source), 5)
    assert (author.name, author.email, author.timestamp) == ("Grace", "grace@localhost", 5)
