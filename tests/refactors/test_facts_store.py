"""Facts of a tree: kept by what files hold, so that only changed files are read again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from overhaul.refactors.facts.record import facts_version
from overhaul.refactors.facts.store import read_facts
from overhaul.refactors.identity import identify
from overhaul.refactors.index import Index
from overhaul.refactors.memory_tree import MemoryTree
from overhaul.refactors.source import FolderTree
from tests.refactors.conftest import Git
from tests.refactors.test_identity import CountingTree

MakeRepository = Callable[[Mapping[str, bytes]], Path]
FILES = {"a.py": b"import b\n", "b.py": b"x = 1\n", "c.py": b"def broken(:\n"}


def read(folder: Path, index: Index) -> tuple[list[str], int, bool]:
    """Return the files read, the imports found and whether the result may be kept."""
    tree = CountingTree(folder)
    found = read_facts(tree, identify(tree, (".py",)), index)
    assert found.read <= len(set(tree.read_paths))
    assert list(found.files) == sorted(path for path in tree.paths() if path.endswith(".py"))
    return (
        sorted(set(tree.read_paths)),
        sum(len(each.imports) for each in found.files.values()),
        found.is_stable,
    )


def test_a_second_scan_reads_only_what_changed(make_repository: MakeRepository, tmp_path: Path) -> None:
    folder = make_repository(FILES)
    with Index(tmp_path / "index.sqlite") as index:
        assert read(folder, index) == (["a.py", "b.py", "c.py"], 1, True)
        assert read(folder, index) == ([], 1, True)
        (folder / "b.py").write_bytes(b"import c, d\n")
        assert read(folder, index) == (["b.py"], 3, True)
    with Index(tmp_path / "index.sqlite") as index:
        assert read(folder, index)[1:] == (3, True)


def test_other_repositories_and_names_share_records(tmp_path: Path) -> None:
    with Index(tmp_path / "index.sqlite") as index:
        first, second = MemoryTree(FILES), MemoryTree({f"other/{path}": text for path, text in FILES.items()})
        assert read_facts(first, identify(first, (".py",)), index).read == 3
        assert read_facts(second, identify(second, (".py",)), index).read == 0


def test_a_failure_is_kept_too() -> None:
    tree = MemoryTree(FILES)
    found = read_facts(tree, identify(tree, (".py",)), None)
    assert "does not parse" in found.files["c.py"].error


def test_a_damaged_record_and_a_foreign_version_are_read_anew(
    make_repository: MakeRepository, tmp_path: Path
) -> None:
    folder, path = make_repository(FILES), tmp_path / "index.sqlite"
    with Index(path) as index:
        read(folder, index)
    connection = sqlite3.connect(path)
    (number,) = connection.execute("SELECT min(number) FROM records WHERE kind = 'facts'").fetchone()
    connection.execute("UPDATE records SET record = ? WHERE number = ?", (b"\0" * 99, number))
    connection.commit()
    with Index(path) as index:
        assert len(read(folder, index)[0]) == 1
        assert read(folder, index)[0] == []
    connection.execute("UPDATE versions SET version = 'another' WHERE kind = 'facts'")
    connection.commit()
    connection.close()
    with Index(path) as index:
        assert len(read(folder, index)[0]) == 3
        assert index.load("facts", facts_version(), [identify(FolderTree(folder), (".py",)).blobs["a.py"]])


def test_files_whose_line_ends_git_converts_are_known_the_second_time(
    git: Git, make_repository: MakeRepository, tmp_path: Path
) -> None:
    folder = make_repository({".gitattributes": b"*.py text eol=crlf\n", "a.py": b"import b\nx = 1\n"})
    (folder / "a.py").unlink()
    git(folder, "checkout", "-q", "--", "a.py")
    assert b"\r\n" in (folder / "a.py").read_bytes()
    with Index(tmp_path / "index.sqlite") as index:
        assert read(folder, index) == (["a.py"], 1, True)
        assert read(folder, index) == ([], 1, True)
        # The record is that of the file's own bytes: nobody who has the converted ones gets it.
        tree = MemoryTree({"a.py": b"import b\nx = 1\n"})
        assert read_facts(tree, identify(tree, (".py",)), index).read == 1


def test_what_changes_while_it_is_read_is_not_kept_under_its_old_name(
    make_repository: MakeRepository, tmp_path: Path
) -> None:
    folder = make_repository(FILES)
    with Index(tmp_path / "index.sqlite") as index:
        tree = FolderTree(folder)
        identities = identify(tree, (".py",))
        (folder / "b.py").write_bytes(b"import something, other\n")
        found = read_facts(tree, identities, index)
        assert (len(found.files["b.py"].imports), found.is_stable) == (2, False)
        (folder / "b.py").write_bytes(FILES["b.py"])
        assert read(folder, index)[1:] == (1, True)


def test_a_git_index_that_lies_harms_no_other_repository(
    git: Git, make_repository: MakeRepository, tmp_path: Path
) -> None:
    folder = make_repository({"a.py": b"import evil\n", "b.py": b"x = 1\n"})
    honest = identify(MemoryTree({"a.py": b"import good\n"}), (".py",)).blobs["a.py"]
    staged = git(folder, "hash-object", "-w", "--stdin", given=b"import good\n").decode().strip()
    assert staged == honest
    with Index(tmp_path / "index.sqlite") as index:
        identities = identify(FolderTree(folder), (".py",))
        lying = type(identities)({**identities.blobs, "a.py": honest}, identities.place)
        assert not read_facts(FolderTree(folder), lying, index).is_stable
        tree = MemoryTree({"a.py": b"import good\n"})
        found = read_facts(tree, identify(tree, (".py",)), index)
        assert found.files["a.py"].imports[0].module == "good"


def test_unreadable_files_are_named_and_not_kept(tmp_path: Path) -> None:
    class Broken(MemoryTree):
        def read(self, path: str) -> bytes:
            raise PermissionError(path)

    with Index(tmp_path / "index.sqlite") as index:
        tree = Broken(FILES)
        assert {each.error for each in read_facts(tree, identify(tree, (".py",)), index).files.values()} == {
            "cannot be read"
        }
        whole = MemoryTree(FILES)
        assert read_facts(whole, identify(whole, (".py",)), index).files["b.py"].error == ""
