"""Run a command in a running container over the engine's raw stream: drained at all times, never waited for blindly."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    takes_input: bool = False


def execute(
    client: DockerClient,
    container: str,
    command: ContainerCommand,
    on_output: Callable[[bytes], None],
    stdin: IO[bytes] | None = None,
) -> int | None:
    """Run to the end of the stream; the exit code, or None if the engine knows none. Raises SandboxLost."""
    started = StartedCommand(client, container, replace(command, takes_input=stdin is not None))
    if stdin is not None:
        started.send(stdin)
    return started.finish(on_output)


class StartedCommand:
    """A command that runs in a container and has not been waited for. All methods raise SandboxLost."""

    def __init__(self, client: DockerClient, container: str, command: ContainerCommand) -> None:
        self._client = client
        self._command = command
        with self._failures():
            made = client.api.exec_create(
                container,
                list(command.arguments),
                stdin=command.takes_input,
                user=command.user,
                workdir=command.folder,
                environment=dict(command.environment),
            )
            self._id: str = made["Id"]
            self._stream: Any = client.api.exec_start(self._id, socket=True)

    def send(self, data: IO[bytes]) -> None:
        """Give it its input and close that."""
        with self._failures():
            send(raw_socket(self._stream), data)

    def finish(self, on_output: Callable[[bytes], None]) -> int | None:
        """Read to the end of the stream; the exit code, or None if the engine knows none."""
        with self._failures():
            try:
                deadline = time.monotonic() + self._command.deadline_seconds
                _drain(self._stream, raw_socket(self._stream), on_output, deadline)
            finally:
                self.close()
            code: int | None = self._client.api.exec_inspect(self._id)["ExitCode"]
            return code

    def close(self) -> None:
        close_stream(self._stream)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        try:
            yield
        except (DockerException, RequestException, OSError) as error:
            name = self._command.arguments[0]
            raise SandboxLost(f"the container engine failed under {name!r}: {error}") from error


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
