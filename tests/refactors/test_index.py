"""The cache of what was found out about files: kept, shared, rebuilt where it cannot be trusted."""

import sqlite3
from pathlib import Path

import pytest

from overhaul.refactors.index import FORMAT, Index


def test_records_are_kept_and_another_version_drops_them(tmp_path: Path) -> None:
    path = tmp_path / "new" / "index.sqlite"
    with Index(path) as index:
        index.store("facts", "1", {"a": b"one", "b": b"two"})
        index.store("words", "1", {"a": b"w"})
    with Index(path) as index:
        assert index.load("facts", "1", ["a", "b", "c"]) == {"a": b"one", "b": b"two"}
        assert index.load("facts", "2", ["a"]) == {}
        index.store("facts", "2", {"a": b"three"})
        assert index.load("facts", "1", ["a", "b"]) == {}
        assert index.load("words", "1", ["a"]) == {"a": b"w"}


def test_more_blobs_than_one_statement_takes(tmp_path: Path) -> None:
    records = {f"{number:040x}": b"%d" % number for number in range(1_700)}
    with Index(tmp_path / "index.sqlite") as index:
        index.store("facts", "1", records)
        assert index.load("facts", "1", records) == records


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 300])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "index.sqlite"
    path.write_bytes(content)
    with Index(path) as index:
        index.store("facts", "1", {"a": b"one"})
    with Index(path) as index:
        assert index.load("facts", "1", ["a"]) == {"a": b"one"}


def test_damage_in_the_middle_loses_records_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with Index(path) as index:
        index.store("facts", "1", {f"{number:040x}": b"x" * 500 for number in range(500)})
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with Index(path) as index:
        assert index.load("facts", "1", [f"{number:040x}" for number in range(500)]) == {}
        index.store("facts", "1", {"a": b"one"})
        assert index.load("facts", "1", ["a"]) == {"a": b"one"}


def test_a_foreign_format_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with Index(path) as index:
        index.store("facts", "1", {"a": b"one"})
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    with Index(path) as index:
        assert index.load("facts", "1", ["a"]) == {}


def test_where_nothing_can_be_written_it_is_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with Index(tmp_path / "file" / "index.sqlite") as index:
        index.store("facts", "1", {"a": b"one"})
        assert index.load("facts", "1", ["a"]) == {"a": b"one"}
