"""A commit as a tree, from a bare repository."""

import pytest

from overhaul.refactors.commit_tree import CommitTree
from overhaul.refactors.errors import RefactorError

from .conftest import write_files
from .test_source import plant_programs

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
FILES = {
    "pkg/a.py": b"fetch_user()\r\n",
    "pkg/b.py": b"prefetch_user()\n",
    "pkg/binary.py": b"\0\nfetch_user\n",
    "new\nline.py": b"fetch_user",
    "empty.py": b"",
    "model.bin": POINTER,
    "docs/lfs.md": b"A pointer starts with\nversion https://git-lfs.github.com/spec/v1\n",
}


@pytest.fixture
def mirror(make_repository, git, tmp_path):
    folder = make_repository(FILES)
    (folder / "link.py").symlink_to("pkg/a.py")
    inner = write_files(tmp_path / "inner", {"c.py": b"fetch_user"})
    git(inner, "init", "-q")
    git(inner, "add", "-A")
    git(inner, "commit", "-q", "-m", "inner")
    git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "vendor/inner")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "second")
    git(tmp_path, "clone", "-q", "--bare", str(folder), "mirror.git")
    return tmp_path / "mirror.git"


def test_lists_finds_and_reads_without_a_checkout(mirror):
    with CommitTree(mirror, "main") as tree:
        assert tree.paths() == sorted([*FILES, ".gitmodules"])
        assert tree.containing({"fetch_user"}, {".py"}) == ["new\nline.py", "pkg/a.py", "pkg/binary.py"]
        assert {path: tree.read(path) for path in FILES} == FILES
        assert len(tree.commit_id) == 40


def test_earlier_commit_has_its_own_files(mirror):
    with CommitTree(mirror, "main~1") as tree:
        assert ".gitmodules" not in tree.paths()


def test_names_what_a_plan_does_not_support(mirror):
    with CommitTree(mirror, "main") as tree:
        assert tree.submodules == ["vendor/inner"]
        assert tree.symbolic_links == ["link.py"]
        assert tree.large_file_pointers == ["model.bin"]


def test_blob_id_is_gits(mirror, git):
    with CommitTree(mirror, "main") as tree:
        assert tree.blob_id("pkg/a.py") == git(mirror, "rev-parse", "main:pkg/a.py").decode().strip()


@pytest.mark.parametrize("path", ["none.py", "link.py", "vendor/inner", "pkg", "../x"])
def test_what_is_no_file_is_not_found(mirror, path):
    with CommitTree(mirror, "main") as tree, pytest.raises(FileNotFoundError):
        tree.read(path)


@pytest.mark.parametrize("commit", ["none", "--all", "0" * 40])
def test_unknown_commit_is_refused(mirror, commit):
    with pytest.raises(RefactorError, match="has no commit"):
        CommitTree(mirror, commit)


def test_reads_on_after_close(mirror):
    tree = CommitTree(mirror, "main")
    tree.read("pkg/a.py")
    tree.close()
    assert tree.read("pkg/a.py") == FILES["pkg/a.py"]
    tree.close()


def test_planted_configuration_runs_nothing(mirror, git, tmp_path):
    canary = tmp_path / "canary"
    plant_programs(git, mirror, canary)
    canary.unlink(missing_ok=True)
    with CommitTree(mirror, "main") as tree:
        assert tree.containing({"fetch_user"}, {".py"})
        assert tree.read("pkg/a.py")
    assert not canary.exists()
