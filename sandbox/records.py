"""Tell the reporters' records from what the tests print, in a stream that comes in any chunks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

# A record is at most this long; a mark without an end within it is output of the tests.
LONGEST_RECORD = 8192
# What reading a record may raise that tests have written: they run beside the reporter and may learn its mark.
_NO_RECORD = (ValueError, KeyError, TypeError, ArithmeticError, RecursionError)


class RecordParser:
    """Gives records to `on_record` and everything else, in order, to `on_output`.

    A record that `on_record` cannot make sense of (KeyError, TypeError, ValueError) is output like any other.
    """

    def __init__(
        self, mark: str, on_record: Callable[[dict[str, Any]], None], on_output: Callable[[bytes], None]
    ) -> None:
        self._start = b"\x1e" + mark.encode() + b" "
        self._on_record = on_record
        self._on_output = on_output
        self._held = b""

    def add(self, chunk: bytes) -> None:
        data = self._held + chunk
        while True:
            before, found, after = data.partition(self._start)
            if not found:
                keep = self._beginning_of_mark(data)
                self._pass_on(data[: len(data) - keep])
                self._held = data[len(data) - keep :]
                return
            record, end, rest = after.partition(b"\x1e\n")
            if not end and len(after) < LONGEST_RECORD:
                self._pass_on(before)
                self._held = found + after
                return
            if end and self._take(record):
                self._pass_on(before)
                data = rest
            else:
                self._pass_on(before + found)
                data = after

    def flush(self) -> None:
        self._pass_on(self._held)
        self._held = b""

    def _take(self, record: bytes) -> bool:
        try:
            value = json.loads(record)
            if not isinstance(value, dict):
                return False
            self._on_record(value)
        except _NO_RECORD:
            return False
        return True

    def _beginning_of_mark(self, data: bytes) -> int:
        """How many bytes at the end may be the beginning of a mark."""
        place = data.rfind(b"\x1e", max(0, len(data) - len(self._start)))
        return len(data) - place if place >= 0 and self._start.startswith(data[place:]) else 0

    def _pass_on(self, data: bytes) -> None:
        if data:
            self._on_output(data)
