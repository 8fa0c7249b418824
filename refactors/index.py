"""What was found out about files, kept from one scan to the next: a cache in SQLite, keyed by what a file holds.

A record belongs to a kind (words, facts, ...), a version of the code that made it, and a blob id: the same content
in another repository or commit has the same record. A store that is damaged or of another format is made anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

FORMAT = 2
_CHUNK = 500  # values in one statement; SQLite takes 32,766
_BUSY_SECONDS = 10
_TABLES = (
    "CREATE TABLE versions (kind TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE records (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, blob TEXT NOT NULL,
    record BLOB NOT NULL, UNIQUE (kind, blob))""",
)
# What SQLite says of a file that is no database, or a broken one; anything else (busy, read-only, full) may pass.
_DAMAGED = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA}
)


class Index:
    """Records by kind, version and blob id. Use it as a context manager; several processes may have it open.

    What cannot be read or written is as if it were not there: the index saves time and proves nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a later call raises sqlite3.ProgrammingError."""
        self._connection.close()

    def load(self, kind: str, version: str, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return the records that there are of these blobs."""
        wanted, found = list(dict.fromkeys(blobs)), dict[str, bytes]()
        try:
            if self._version_of(kind) != version:
                return {}
            for start in range(0, len(wanted), _CHUNK):
                part = wanted[start : start + _CHUNK]
                marks = ",".join("?" * len(part))
                query = f"SELECT blob, record FROM records WHERE kind = ? AND blob IN ({marks})"  # noqa: S608
                rows = self._connection.execute(query, (kind, *part))
                found.update((blob, record) for blob, record in rows if isinstance(record, bytes))
        except sqlite3.DatabaseError as error:
            self._recover(error)
            return {}
        return found

    def store(self, kind: str, version: str, records: Mapping[str, bytes], keep: int | None = None) -> None:
        """Keep records, and drop those of other versions of the kind, and the oldest if there are more than `keep`."""
        try:
            with self._transaction():
                if self._version_of(kind) != version:
                    self._connection.execute("DELETE FROM records WHERE kind = ?", (kind,))
                    self._connection.execute("INSERT OR REPLACE INTO versions VALUES (?, ?)", (kind, version))
                self._connection.executemany(
                    "INSERT OR REPLACE INTO records (kind, blob, record) VALUES (?, ?, ?)",
                    [(kind, blob, record) for blob, record in records.items()],
                )
                if keep is not None:
                    self._drop_oldest(kind, keep)
        except sqlite3.DatabaseError as error:
            self._recover(error)

    def _version_of(self, kind: str) -> str | None:
        row = self._connection.execute("SELECT version FROM versions WHERE kind = ?", (kind,)).fetchone()
        return row[0] if row else None

    def _drop_oldest(self, kind: str, keep: int) -> None:
        (count,) = self._connection.execute("SELECT count(*) FROM records WHERE kind = ?", (kind,)).fetchone()
        if count > keep:
            self._connection.execute(
                "DELETE FROM records WHERE number IN"
                " (SELECT number FROM records WHERE kind = ? ORDER BY number LIMIT ?)",
                (kind, count - keep),
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write, or change nothing; what was read within it still holds when it is written."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def _recover(self, error: sqlite3.DatabaseError) -> None:
        """Make a damaged file anew; leave one that is busy, read-only or on a full disk as it is."""
        if _is_damage(error):
            self._connection.close()
            self._connection = self._make_anew()

    def _open(self) -> sqlite3.Connection:
        connection = None
        try:
            with self._locked(fcntl.LOCK_SH):
                connection = self._connect(str(self.path))
                if self._is_usable(connection):
                    return connection
                connection.close()
        except sqlite3.DatabaseError as error:
            if connection is not None:
                connection.close()
            if not _is_damage(error) and self.path.exists():
                return self._in_memory()
        return self._make_anew()

    def _make_anew(self) -> sqlite3.Connection:
        """Make the file usable, one process at a time; if another has done so meanwhile, use what it made."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked(fcntl.LOCK_EX):
                repaired = self._repaired()
                if repaired is not None:
                    return repaired
                for ending in ("", "-wal", "-shm", "-journal"):
                    self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
                connection = self._connect(str(self.path))
                self._create(connection)
                return connection
        except (sqlite3.DatabaseError, OSError):
            return self._in_memory()

    def _repaired(self) -> sqlite3.Connection | None:
        """Return the file as it is if it is sound, or emptied if it is new or of another format; None if damaged."""
        connection = None
        try:
            connection = self._connect(str(self.path))
            if connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
                if not (self._is_usable(connection) and self._has_tables(connection)):
                    self._create(connection)
                return connection
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        if connection is not None:
            connection.close()
        return None

    @contextlib.contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        """Hold the lock of the file's name: nobody opens a file that another is about to replace.

        SQLite would take the new file's journal for that of the old one, and delete it. Where nothing can be written,
        nothing is replaced either.
        """
        try:
            lock = self.path.with_name(self.path.name + ".lock").open("w")
        except OSError:
            yield
            return
        with lock:
            fcntl.flock(lock, kind)
            yield

    @classmethod
    def _in_memory(cls) -> sqlite3.Connection:
        connection = cls._connect(":memory:")
        cls._create(connection)
        return connection

    @staticmethod
    def _connect(place: str) -> sqlite3.Connection:
        connection = sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    @staticmethod
    def _create(connection: sqlite3.Connection) -> None:
        """Make the tables, in place of whatever there is."""
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN IMMEDIATE")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            connection.execute('DROP TABLE "{}"'.format(name.replace('"', '""')))
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")

    @staticmethod
    def _is_usable(connection: sqlite3.Connection) -> bool:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        return bool(found == FORMAT)

    @staticmethod
    def _has_tables(connection: sqlite3.Connection) -> bool:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {"records", "versions"} <= {name for (name,) in found}


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF in _DAMAGED  # the low byte of an extended code is its kind
