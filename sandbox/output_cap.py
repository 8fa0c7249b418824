"""Keep the head and the tail of an output of any length in a bounded space."""

from __future__ import annotations

from collections import deque


class OutputCap:
    """Takes chunks; past the limit, what is in the middle is dropped and counted."""

    def __init__(self, limit_bytes: int) -> None:
        self._head_limit = limit_bytes // 2
        self._tail_limit = limit_bytes - self._head_limit
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self.dropped_bytes = 0

    def add(self, chunk: bytes) -> None:
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if not chunk:
            return
        self._tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size > self._tail_limit:
            excess = self._tail_size - self._tail_limit
            first = self._tail.popleft()
            if len(first) > excess:
                self._tail.appendleft(first[excess:])
            dropped = min(len(first), excess)
            self._tail_size -= dropped
            self.dropped_bytes += dropped

    def output(self) -> bytes:
        """Head and tail, with a line between them that says how much is missing."""
        tail = b"".join(self._tail)
        if not self.dropped_bytes:
            return bytes(self._head) + tail
        return bytes(self._head) + f"\n[... {self.dropped_bytes} bytes dropped ...]\n".encode() + tail
