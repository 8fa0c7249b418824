"""What was found out about files, kept from one scan to the next: a cache in SQLite, keyed by what a file holds.

A record belongs to a kind (words, facts, ...), a version of the code that made it, and a blob id: the same content
in another repository or commit has the same record. A store that is damaged or of another format is made anew.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

FORMAT = 1
_CHUNK = 500  # values in one statement; SQLite takes 32,766
_BUSY_SECONDS = 10


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
            for start in range(0, len(wanted), _CHUNK):
                part = wanted[start : start + _CHUNK]
                marks = ",".join("?" * len(part))
                query = (
                    f"SELECT blob, record FROM records WHERE kind = ? AND version = ? AND blob IN ({marks})"  # noqa: S608
                )
                found.update(self._connection.execute(query, (kind, version, *part)).fetchall())
        except sqlite3.DatabaseError:
            self._rebuild()
            return {}
        return found

    def store(self, kind: str, version: str, records: Mapping[str, bytes]) -> None:
        """Keep records, and drop those of other versions of the kind."""
        try:
            with self._connection:
                self._connection.execute(
                    "DELETE FROM records WHERE kind = ? AND version <> ?", (kind, version)
                )
                self._connection.executemany(
                    "INSERT OR REPLACE INTO records (kind, version, blob, record) VALUES (?, ?, ?, ?)",
                    [(kind, version, blob, record) for blob, record in records.items()],
                )
        except sqlite3.OperationalError:
            return  # locked by others, read-only, or the disk is full
        except sqlite3.DatabaseError:
            self._rebuild()

    def _open(self) -> sqlite3.Connection:
        with contextlib.suppress(sqlite3.DatabaseError, OSError):
            connection = self._connect(str(self.path))
            if self._is_usable(connection):
                return connection
            connection.close()
        return self._make_anew()

    def _rebuild(self) -> None:
        self._connection.close()
        self._connection = self._make_anew()

    def _make_anew(self) -> sqlite3.Connection:
        try:
            for ending in ("", "-wal", "-shm", "-journal"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connect(str(self.path))
            self._create(connection)
        except (sqlite3.DatabaseError, OSError):
            connection = self._connect(":memory:")
            self._create(connection)
        return connection

    @staticmethod
    def _connect(place: str) -> sqlite3.Connection:
        connection = sqlite3.connect(place, timeout=_BUSY_SECONDS)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    @staticmethod
    def _create(connection: sqlite3.Connection) -> None:
        with connection:
            connection.execute(
                "CREATE TABLE records (kind TEXT, version TEXT, blob TEXT, record BLOB,"
                " PRIMARY KEY (kind, blob)) WITHOUT ROWID"
            )
            connection.execute(f"PRAGMA user_version = {FORMAT}")

    @staticmethod
    def _is_usable(connection: sqlite3.Connection) -> bool:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        return bool(found == FORMAT)
