"""Blob ids: from git where it knows them, of the bytes elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.identity import UNREADABLE, blob_id, identify
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.source import FolderTree
from tests.refactors.conftest import Git, write_files

MakeRepository = Callable[[Mapping[str, bytes]], Path]
FILES = {"a.py": b"a = 1\n", "pkg/b.py": b"b = 2\n", "c.txt": b"text"}


class CountingTree(FolderTree):
    """Remembers what was read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read_paths: list[str] = []

    def read(self, path: str) -> bytes:
        self.read_paths.append(path)
        return super().read(path)


def test_a_blob_id_is_gits(git: Git, make_repository: MakeRepository) -> None:
    folder = make_repository(FILES)
    assert blob_id(b"a = 1\n") == git(folder, "hash-object", "a.py").decode().strip()
    assert blob_id(b"", like="0" * 64) == "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"


def test_tracked_files_are_known_without_reading(make_repository: MakeRepository) -> None:
    tree = CountingTree(make_repository(FILES))
    identities = identify(tree, (".py",))
    assert tree.read_paths == []
    assert identities.blobs == {"a.py": blob_id(b"a = 1\n"), "pkg/b.py": blob_id(b"b = 2\n")}
    assert identities.place == str(tree.root)


def test_changed_and_new_files_are_read_and_deleted_ones_gone(
    git: Git, make_repository: MakeRepository
) -> None:
    folder = make_repository({**FILES, "d.py": b"d\n", "staged.py": b"old\n", "e.py": b"e\n"})
    write_files(
        folder,
        {
            "a.py": b"a = 9\n",
            "new.py": b"n = 1\n",
            "staged.py": b"new\n",
            ".gitignore": b"i.py\n",
            "i.py": b"",
        },
    )
    git(folder, "add", "staged.py")
    (folder / "d.py").unlink()
    git(folder, "rm", "-q", "--cached", "e.py")
    tree = CountingTree(folder)
    identities = identify(tree, (".py",))
    assert sorted(tree.read_paths) == ["a.py", "e.py", "new.py"]
    assert identities.blobs == {
        path: blob_id((folder / path).read_bytes())
        for path in ("a.py", "e.py", "new.py", "pkg/b.py", "staged.py")
    }
    assert sorted(identities.blobs) == [path for path in FolderTree(folder).paths() if path.endswith(".py")]


def test_a_change_of_the_same_size_is_seen(make_repository: MakeRepository) -> None:
    folder = make_repository(FILES)
    (folder / "a.py").write_bytes(b"a = 2\n")
    assert identify(FolderTree(folder), (".py",)).blobs["a.py"] == blob_id(b"a = 2\n")


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_is_told_not_to_look_at_are_read(
    flag: str, git: Git, make_repository: MakeRepository
) -> None:
    folder = make_repository(FILES)
    git(folder, "update-index", flag, "a.py")
    (folder / "a.py").write_bytes(b"a = 3\n")
    assert identify(FolderTree(folder), (".py",)).blobs["a.py"] == blob_id(b"a = 3\n")


def test_links_are_left_out_even_where_a_file_was(make_repository: MakeRepository, tmp_path: Path) -> None:
    folder = make_repository(FILES)
    (tmp_path / "outside").mkdir()
    (folder / "pkg").rename(tmp_path / "outside" / "pkg")
    (folder / "pkg").symlink_to(tmp_path / "outside" / "pkg")
    (folder / "a.py").unlink()
    (folder / "a.py").symlink_to(tmp_path / "outside" / "pkg" / "b.py")
    assert identify(FolderTree(folder), (".py",)).blobs == {}


def test_commit_folder_and_memory_agree(make_repository: MakeRepository) -> None:
    folder = make_repository(FILES)
    with CommitTree(folder / ".git", "HEAD") as tree:
        of_commit = identify(tree, (".py",))
    of_memory = identify(MemoryTree(FILES), (".py",))
    assert of_commit.blobs == of_memory.blobs == identify(FolderTree(folder), (".py",)).blobs
    assert of_commit.key == of_memory.key
    assert of_commit.key != identify(FolderTree(folder), (".py",)).key


def test_outside_git_every_file_is_read(tmp_path: Path) -> None:
    tree = CountingTree(write_files(tmp_path / "plain", FILES))
    assert identify(tree, (".py",), ["c.txt"]).blobs.keys() == FILES.keys()
    assert sorted(tree.read_paths) == sorted(FILES)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    class Broken(MemoryTree):
        def read(self, path: str) -> bytes:
            raise PermissionError(path)

    assert identify(Broken(FILES), (".py",)).blobs["a.py"] == UNREADABLE


def test_the_key_tells_files_apart() -> None:
    def key(files: Mapping[str, str | bytes]) -> str:
        return identify(MemoryTree(files), (".py",)).key

    assert key({"a.py": "x", "b.py": "y"}) == key({"b.py": "y", "a.py": "x"})
    assert (
        len(
            {
                key({"a.py": "x"}),
                key({"b.py": "x"}),
                key({"a.py": "y"}),
                key({}),
                key({"a.py": "x", "b.py": "x"}),
            }
        )
        == 5
    )
