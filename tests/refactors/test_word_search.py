"""Words are looked for together, and each is found where a search of its own finds it."""

from pathlib import Path

import pytest

from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.project import Project
from overhaul.refactors.source import FolderTree
from overhaul.refactors.word_search import WordSearch

from .conftest import write_files

FILES = {
    "a.py": b"old = new\n",
    "b.py": b"old.old(old)\r\nold",
    "new\nline.py": b"new",
    "inside.py": b"bold, oldest, old_, _old, xnew\n",
    "binary.py": b"\0\nnew\0old",
    "docs/a.rst": b"`old`\n",
    "notes.txt": b"old new\n",
    "c.pyi": b"new: int\n",
}
WORDS = ["old", "new", "absent"]


def each_alone(tree, suffixes=(".py", ".pyi", ".rst")):
    return {word: list(tree.containing([word], suffixes)) for word in WORDS}


def together(tree, suffixes=(".py", ".pyi", ".rst")):
    found = tree.containing_each(WORDS, suffixes)
    assert found is not None
    return {word: sorted(found.get(word, ())) for word in WORDS}


def change_everything(folder: Path, git) -> None:
    """Leave nothing as it was committed: changed, deleted, untracked, ignored, hidden from git, a link."""
    (folder / "a.py").write_bytes(b"nothing\n")
    (folder / "binary.py").unlink()
    write_files(folder, {".gitignore": b"ignored.py\n", "ignored.py": b"old", "untracked/u.py": b"new"})
    git(folder, "update-index", "--skip-worktree", "inside.py")
    (folder / "inside.py").write_bytes(b"new\n")
    git(folder, "update-index", "--assume-unchanged", "b.py")
    (folder / "b.py").write_bytes(b"new\n")
    (folder / "c.pyi").unlink()
    (folder / "c.pyi").symlink_to("a.py")


@pytest.mark.parametrize("changed", [False, True])
def test_words_of_a_folder_are_found_together_as_alone(make_repository, git, changed):
    folder = make_repository(FILES)
    if changed:
        change_everything(folder, git)
    found = together(FolderTree(folder))
    assert found == each_alone(FolderTree(folder))
    if changed:
        # git looks into its own copy of what is assumed to be unchanged as well: too many, never too few.
        assert found == {
            "old": ["b.py", "docs/a.rst"], "new": ["b.py", "inside.py", "new\nline.py", "untracked/u.py"], "absent": [],
        }  # fmt: skip
    else:
        assert found["old"] == ["a.py", "b.py", "binary.py", "docs/a.rst"]


def test_many_untracked_files_are_found(make_repository):
    folder = make_repository(FILES)
    write_files(folder, {f"untracked/u{number}.py": b"new" for number in range(300)})
    assert together(FolderTree(folder)) == each_alone(FolderTree(folder))
    assert len(together(FolderTree(folder))["new"]) == 304


def test_words_of_a_commit_are_found_together_as_alone(make_repository):
    with CommitTree(make_repository(FILES) / ".git", "main") as tree:
        assert together(tree) == each_alone(tree)


def test_folder_without_git_takes_a_search_for_each_word(tmp_path):
    folder = write_files(tmp_path / "plain", FILES)
    assert FolderTree(folder).containing_each(WORDS, (".py",)) is None
    search = WordSearch(FolderTree(folder))
    search.announce(WORDS)
    assert search.containing(["old"], (".py",)) == ["a.py", "b.py", "binary.py"]


class CountingTree(FolderTree):
    """A folder that counts the searches in it."""

    searches = 0

    def _grep(self, *arguments):
        self.searches += 1
        return super()._grep(*arguments)


def test_announced_words_take_one_search(make_repository):
    tree = CountingTree(make_repository(FILES))
    project = Project(tree)
    project.announce(WORDS)
    assert [module.path for module in project.containing(["old"])] == ["a.py", "b.py"]
    assert project.paths_containing(["new", "absent"]) == ["a.py", "binary.py", "c.pyi", "new\nline.py"]
    assert project.tree.containing(["old"], (".rst",)) == ["docs/a.rst"]
    assert project.paths_containing(["new"]) == project.paths_containing(["new"])
    assert tree.searches == 1


def test_tree_that_cannot_tell_words_apart_is_asked_for_each():
    search = WordSearch(MemoryTree(FILES))
    search.announce(WORDS)
    assert search.containing(["new"], (".pyi",)) == ["c.pyi"]
    assert search.paths_ending((".rst",)) == ["docs/a.rst"]
