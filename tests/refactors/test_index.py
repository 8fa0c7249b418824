"""The cache of what was found out about files: kept, shared, rebuilt where it cannot be trusted."""

import sqlite3
import subprocess
import sys
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


def test_the_oldest_records_go_when_there_are_too_many(tmp_path: Path) -> None:
    with Index(tmp_path / "index.sqlite") as index:
        index.store("graph", "1", {"a": b"1", "b": b"2"}, keep=3)
        index.store("graph", "1", {"c": b"3"}, keep=3)
        index.store("graph", "1", {"a": b"again", "d": b"4"}, keep=3)
        assert index.load("graph", "1", "abcd") == {"a": b"again", "c": b"3", "d": b"4"}


def test_a_busy_store_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with Index(path) as index:
        index.store("facts", "1", {"a": b"one"})
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with Index(path) as index:
        index._connection.execute("PRAGMA busy_timeout = 1")
        index.store("facts", "1", {"b": b"two"})
        assert index.load("facts", "1", ["a", "b"]) == {"a": b"one"}
    writer.execute("ROLLBACK")
    writer.close()
    with Index(path) as index:
        assert index.load("facts", "1", ["a", "b"]) == {"a": b"one"}


def test_a_missing_table_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with Index(path) as index:
        index.store("facts", "1", {"a": b"one"})
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE records")
    connection.close()
    with Index(path) as index:
        assert index.load("facts", "1", ["a"]) == {}
        index.store("facts", "1", {"a": b"two"})
    with Index(path) as index:
        assert index.load("facts", "1", ["a"]) == {"a": b"two"}


_WRITER = """
import sys
from pathlib import Path
from overhaul.refactors.index import Index
path, name = Path(sys.argv[1]), sys.argv[2]
for number in range(40):
    with Index(path) as index:
        index.store("facts", "1", {f"{name}{number}": name.encode() * 1000})
        assert index.load("facts", "1", [f"{name}{number}"])
"""


@pytest.mark.parametrize("before", [None, b"not a database at all" * 300])
def test_several_processes_write_at_once(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "index.sqlite"
    if before is not None:
        path.write_bytes(before)
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name]) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    wanted = {f"{name}{number}": name.encode() * 1000 for name in "abc" for number in range(40)}
    with Index(path) as index:
        assert index.load("facts", "1", wanted) == wanted
