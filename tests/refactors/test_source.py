"""A folder as a tree: what is listed, what is found, what is never run."""

import os
import stat
from pathlib import Path

import pytest

from overhaul.refactors.source import FolderTree

from .conftest import write_files

FILES = {
    "pkg/a.py": b"fetch_user()\n",
    "pkg/b.py": b"prefetch_user()\nfetch_users = 1\n",
    "docs/index.rst": b"fetch_user\n",
    "pkg/binary.py": b"\0\0\nfetch_user\n",
}


@pytest.fixture(params=["git", "plain"])
def folder(request, make_repository, tmp_path) -> Path:
    if request.param == "git":
        return make_repository(FILES)
    return write_files(tmp_path / "plain", FILES)


def test_lists_and_finds_whole_words_in_files_that_look_binary_too(folder):
    tree = FolderTree(folder)
    assert tree.paths() == sorted(FILES)
    assert tree.containing({"fetch_user"}, {".py"}) == ["pkg/a.py", "pkg/binary.py"]
    assert tree.containing({"fetch_users", "fetch_user"}, {".py", ".rst"}) == sorted(FILES)
    assert tree.containing({"nothing"}, {".py"}) == []
    assert tree.containing(set(), {".py"}) == []
    assert tree.read("pkg/a.py") == FILES["pkg/a.py"]


def test_subfolder_is_a_tree_of_its_own(folder):
    tree = FolderTree(folder / "pkg")
    assert tree.paths() == ["a.py", "b.py", "binary.py"]
    assert tree.containing({"fetch_user"}, {".py"}) == ["a.py", "binary.py"]


def test_words_that_are_not_ascii_are_found(folder):
    (folder / "café.py").write_text("número = 1\n")
    assert FolderTree(folder).containing({"número"}, {".py"}) == ["café.py"]


def test_suffix_is_taken_literally(folder):
    write_files(folder, {"x[1].txt": b"word", "x1.txt": b"word"})
    assert FolderTree(folder).containing({"word"}, {"[1].txt"}) == ["x[1].txt"]


def test_links_and_special_files_are_neither_listed_nor_read(folder, tmp_path):
    outside = write_files(tmp_path / "outside", {"secret.py": b"fetch_user"})
    (folder / "link.py").symlink_to(outside / "secret.py")
    (folder / "linked").symlink_to(outside)
    os.mkfifo(folder / "pipe.py")
    tree = FolderTree(folder)
    assert tree.paths() == sorted(FILES)
    for path in ("link.py", "linked/secret.py", "pipe.py"):
        assert path not in tree.containing({"fetch_user"}, {".py"})
        with pytest.raises(OSError):
            tree.read(path)


@pytest.mark.parametrize("path", ["../outside/secret.py", "/etc/passwd", "pkg//a.py", "", "pkg/"])
def test_path_out_of_the_folder_is_refused(folder, path):
    with pytest.raises(ValueError, match="is not a path below the folder"):
        FolderTree(folder).read(path)


def test_missing_file_is_not_found(folder):
    with pytest.raises(FileNotFoundError):
        FolderTree(folder).read("pkg/none.py")


def test_root_that_is_no_folder_is_refused(folder):
    with pytest.raises(NotADirectoryError):
        FolderTree(folder / "pkg/a.py")


def test_unreadable_file_is_found_and_raises_when_read(folder, tmp_path):
    if os.geteuid() == 0:
        for each in [tmp_path, *tmp_path.parents]:
            if each.stat().st_mode & 0o777 == 0o700:  # pytest's own folders above it
                each.chmod(0o755)
        for each in [folder, *folder.rglob("*")]:
            os.chown(each, 65534, 65534)
    (folder / "pkg/b.py").chmod(0)
    was = os.geteuid()
    os.seteuid(65534 if was == 0 else was)
    try:
        tree = FolderTree(folder)
        assert tree.containing({"fetch_user"}, {".py"}) == ["pkg/a.py", "pkg/b.py", "pkg/binary.py"]
        with pytest.raises(PermissionError):
            tree.read("pkg/b.py")
    finally:
        os.seteuid(was)


def test_walk_leaves_out_environments_caches_and_hidden_folders(tmp_path):
    plain = write_files(
        tmp_path / "plain",
        {
            "a.py": b"word",
            "environment/pyvenv.cfg": b"",
            "environment/lib/b.py": b"word",
            "__pycache__/c.py": b"word",
            "node_modules/d.py": b"word",
            "lib/site-packages/e.py": b"word",
            ".hidden/f.py": b"word",
            ".settings": b"word",
        },
    )
    assert FolderTree(plain).paths() == [".settings", "a.py"]
    assert FolderTree(plain).containing({"word"}, {".py"}) == ["a.py"]


class TestInGit:
    def test_untracked_is_listed_and_ignored_is_not(self, make_repository):
        folder = make_repository({".gitignore": b"build/\n", "a.py": b"word"})
        write_files(folder, {"build/b.py": b"word", "new.py": b"word"})
        tree = FolderTree(folder)
        assert tree.paths() == [".gitignore", "a.py", "new.py"]
        assert tree.containing({"word"}, {".py"}) == ["a.py", "new.py"]

    def test_folder_that_is_ignored_as_a_whole_is_walked(self, make_repository):
        folder = make_repository({".gitignore": b"build/\n"})
        write_files(folder, {"build/b.py": b"word"})
        assert FolderTree(folder / "build").containing({"word"}, {".py"}) == ["b.py"]

    def test_deleted_file_and_submodule_are_not_listed(self, make_repository, git):
        folder = make_repository({"a.py": b"word", "gone.py": b"word"})
        (folder / "gone.py").unlink()
        inner = write_files(folder / "inner", {"c.py": b"word"})
        git(inner, "init", "-q")
        git(inner, "add", "-A")
        git(inner, "commit", "-q", "-m", "inner")
        git(folder, "-c", "advice.addEmbeddedRepo=false", "add", "inner")
        assert FolderTree(folder).paths() == ["a.py"]
        assert FolderTree(folder).containing({"word"}, {".py"}) == ["a.py"]

    def test_folder_swapped_for_a_link_is_not_followed(self, make_repository, tmp_path):
        folder = make_repository({"pkg/a.py": b"word", "b.py": b"word"})
        (folder / "pkg").rename(tmp_path / "moved")
        (folder / "pkg").symlink_to(tmp_path / "moved")
        tree = FolderTree(folder)
        assert tree.containing({"word"}, {".py"}) == ["b.py"]
        with pytest.raises(OSError):
            tree.read("pkg/a.py")

    @pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
    def test_change_that_git_was_told_to_overlook_is_found(self, make_repository, git, flag):
        folder = make_repository({"a.py": b"old\n"})
        git(folder, "update-index", flag, "a.py")
        (folder / "a.py").write_bytes(b"word\n")
        assert FolderTree(folder).containing({"word"}, {".py"}) == ["a.py"]

    def test_file_marked_binary_by_attributes_is_found(self, make_repository):
        folder = make_repository({".gitattributes": b"*.py binary\n", "a.py": b"word\n"})
        assert FolderTree(folder).containing({"word"}, {".py"}) == ["a.py"]

    @pytest.mark.parametrize("damage", ["not a config [", "[core]\n\trepositoryformatversion = 99\n"])
    def test_broken_repository_is_walked(self, make_repository, damage):
        folder = make_repository({"a.py": b"word"})
        (folder / ".git/config").write_text(damage)
        assert FolderTree(folder).containing({"word"}, {".py"}) == ["a.py"]

    def test_work_tree_configured_elsewhere_lists_nothing_from_there(self, make_repository, git, tmp_path):
        folder = make_repository({"a.py": b"word"})
        elsewhere = write_files(tmp_path / "elsewhere", {"secret.py": b"word"})
        git(folder, "config", "core.worktree", str(elsewhere))
        assert FolderTree(folder).containing({"word"}, {".py"}) == ["a.py"]

    def test_display_settings_change_nothing(self, make_repository, git):
        folder = make_repository({"pkg/a.py": b"word\n"})
        settings = {
            "color.ui": "always", "color.grep": "always", "grep.fullName": "true", "grep.lineNumber": "true",
            "grep.column": "true", "grep.patternType": "perl", "core.quotePath": "true",
        }  # fmt: skip
        for name, value in settings.items():
            git(folder, "config", name, value)
        assert FolderTree(folder / "pkg").containing({"word"}, {".py"}) == ["a.py"]

    def test_callers_git_variables_do_not_leak_in(self, make_repository, monkeypatch, tmp_path):
        folder = make_repository({"a.py": b"word"})
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "none"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "none"))
        assert FolderTree(folder).containing({"word"}, {".py"}) == ["a.py"]


def plant_programs(git, folder: Path, canary: Path) -> None:
    """Configure a repository so that many a git command would run a program, which leaves the canary."""
    program = canary.with_name("program")
    program.write_text(f"#!/bin/sh\ntouch {canary}\ncat\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for name in (
        "core.fsmonitor", "core.pager", "pager.grep", "pager.ls-files", "core.sshCommand", "core.editor",
        "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge",
        "filter.evil.process", "credential.helper", "alias.ls-files", "alias.grep", "alias.cat-file",
    ):  # fmt: skip
        git(folder, "config", name, f"!{program}" if name.startswith("alias") else str(program))
    hooks = Path(os.fsdecode(git(folder, "rev-parse", "--absolute-git-dir").strip())) / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-auto-gc"):
        (hooks / hook).write_bytes(program.read_bytes())
        (hooks / hook).chmod(0o755)
    git(folder, "config", "core.hooksPath", str(hooks))


def test_planted_configuration_runs_nothing(make_repository, git, tmp_path):
    folder = make_repository(
        {".gitattributes": b"* diff=evil filter=evil\n", "a.py": b"word\n", "b.py": b"word\n"}
    )
    canary = tmp_path / "canary"
    plant_programs(git, folder, canary)
    write_files(folder, {"a.py": b"word changed\n", "new.py": b"word\n"})
    git(folder, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "ls-files")
    canary.unlink(missing_ok=True)
    tree = FolderTree(folder)
    assert tree.containing({"word"}, {".py"}) == ["a.py", "b.py", "new.py"]
    assert tree.read("a.py") == b"word changed\n"
    assert not canary.exists()
    git(folder, "status")
    assert canary.exists(), "the trap itself does not work, so the test shows nothing"
