"""Run a command in a running container over the engine's raw stream: drained at all times, never waited for blindly."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from overhaul.sandbox.errors import SandboxLost

if TYPE_CHECKING:
    from docker import DockerClient

READ_BYTES = 1 << 20
HEADER_BYTES = 8


@dataclass(frozen=True, slots=True)
class ContainerCommand:
    """A command for `execute`; `deadline_seconds` is when the engine itself counts as hung."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    deadline_seconds: float = 120.0
    stdin: IO[bytes] | None = None


def execute(
    client: DockerClient, container: str, command: ContainerCommand, on_output: Callable[[bytes], None]
) -> int | None:
    """Run to the end of the stream; the exit code, or None if the engine knows none. Raises SandboxLost."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        made = client.api.exec_create(
            container,
            list(command.arguments),
            stdin=command.stdin is not None,
            user=command.user,
            workdir=command.folder,
            environment=dict(command.environment),
        )
        stream: Any = client.api.exec_start(made["Id"], socket=True)
        connection = raw_socket(stream)
        try:
            if command.stdin is not None:
                send(connection, command.stdin)
            _drain(stream, connection, on_output, time.monotonic() + command.deadline_seconds)
        finally:
            close_stream(stream)
        code: int | None = client.api.exec_inspect(made["Id"])["ExitCode"]
        return code
    except (DockerException, RequestException, OSError) as error:
        raise SandboxLost(f"the container engine failed under {command.arguments[0]!r}: {error}") from error


def raw_socket(stream: Any) -> socket.socket:
    """The connection itself: the SDK wraps it in a reader that can only be read from."""
    connection: socket.socket = getattr(stream, "_sock", stream)
    connection.settimeout(None)
    return connection


def close_stream(stream: Any) -> None:
    """Close the connection now: the answer and the reader around it each hold on to it."""
    connection = raw_socket(stream)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    # The answer first: it flushes the reader as it closes.
    stream._response.close()
    stream.close()
    connection.close()


def send(connection: socket.socket, data: IO[bytes]) -> None:
    while chunk := data.read(READ_BYTES):
        connection.sendall(chunk)
    connection.shutdown(socket.SHUT_WR)


def _drain(
    stream: Any, connection: socket.socket, on_output: Callable[[bytes], None], deadline: float
) -> None:
    frames = FrameReader(on_output)
    frames.add(_read_ahead(stream, connection))
    while True:
        ready, _, _ = select.select([connection], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise SandboxLost("the container did not end its command in time")
        chunk = connection.recv(READ_BYTES)
        if not chunk:
            return
        frames.add(chunk)


def _read_ahead(stream: Any, connection: socket.socket) -> bytes:
    """What the HTTP client read beyond the answer's header: it belongs to the stream."""
    reader = stream._response.raw._fp.fp
    connection.setblocking(False)
    try:
        return reader.read1(READ_BYTES) or b""
    except (BlockingIOError, AttributeError, ValueError):
        return b""
    finally:
        connection.setblocking(True)


class FrameReader:
    """The engine's multiplexed stream: each frame has a header of 8 bytes, the last four its length."""

    def __init__(self, on_output: Callable[[bytes], None]) -> None:
        self._on_output = on_output
        self._header = b""
        self._left = 0

    def add(self, chunk: bytes) -> None:
        place = 0
        while place < len(chunk):
            if self._left:
                part = chunk[place : place + self._left]
                self._on_output(part)
                self._left -= len(part)
                place += len(part)
                continue
            missing = HEADER_BYTES - len(self._header)
            self._header += chunk[place : place + missing]
            place += missing
            if len(self._header) == HEADER_BYTES:
                self._left = int.from_bytes(self._header[4:], "big")
                self._header = b""
