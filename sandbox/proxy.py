"""The one way out of a sandbox: a proxy on this side that connects only to what a network allows.

Commands have no network but a loopback of their own, where the proxy listens. It resolves names itself, checks the
addresses that it then connects to, and never follows a redirect: that is the next request of who is redirected.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ipaddress
import re
import socket
import threading
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from overhaul.sandbox.network import HOST_NAME, USUAL_PORTS, Network

HEAD_SECONDS, CONNECT_SECONDS = 30.0, 30.0
HEAD_BYTES, CHUNK_BYTES = 64 << 10, 256 << 10
MOST_NOTED = 100
# RFC 5737: nobody's own network; where these lead anywhere, a mirror of the internet was put there.
_DOCUMENTATION = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))
# Headers of a request that are the proxy's, or that it writes itself.
OWN_HEADERS = ("proxy-", "connection:", "host:", "keep-alive:")


class Refused(Exception):
    """What the proxy answers instead of connecting: an HTTP status and why."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Proxy:
    """An HTTP proxy in a thread: CONNECT, and requests with absolute addresses.

    `refused` tells whom it did not connect to and why, each once. The user's own proxy, if there is one, is used.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.refused: list[str] = []
        self._servers: set[asyncio.Server] = set()
        # The loop itself holds on to a task only while its connection is open.
        self._tasks: set[asyncio.Task[None] | None] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="overhaul-proxy", daemon=True)
        self._thread.start()

    def serve(self, listener: socket.socket) -> Callable[[], None]:
        """Serve a listening socket of any kind; returns what ends that and closes it."""

        async def start() -> asyncio.Server:
            listener.setblocking(False)
            return await asyncio.start_server(self._serve, sock=listener, limit=HEAD_BYTES)

        server = asyncio.run_coroutine_threadsafe(start(), self._loop).result()
        self._servers.add(server)

        async def close() -> None:
            self._servers.discard(server)
            server.close()

        # The next command listens at the same place: it must be free by then.
        return lambda: asyncio.run_coroutine_threadsafe(close(), self._loop).result()

    def serve_path(self, path: Path) -> Callable[[], None]:
        """Serve a new unix socket at a path."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        return self.serve(listener)

    def close(self) -> None:
        """End all connections."""

        async def end() -> None:
            for server in self._servers:
                server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        # A cancelled task would be told of as an error by asyncio's own callback.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError):
            async with _closing(writer):
                try:
                    await self._answer(reader, writer)
                except Refused as refusal:
                    self._note(str(refusal))
                    body = f"overhaul: {refusal}\n".encode()
                    head = f"HTTP/1.1 {refusal.status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                    writer.write(head.encode() + body)
                    await writer.drain()
        self._tasks.discard(task)

    def _note(self, words: str) -> None:
        if words not in self.refused and len(self.refused) < MOST_NOTED:
            self.refused.append(words)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
        except asyncio.LimitOverrunError as error:
            raise Refused("431 Request Header Fields Too Large", "a request's head is too long") from error
        request = Request.parse(head)
        upstream = _users_proxy(request)
        if upstream is None:
            out, into = await self._connect(request)
            first = b"" if request.connects else request.head_for_host()
        else:
            self._check_name(request)
            out, into, first = await _through(upstream, request)
        async with _closing(into):
            if request.connects:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            into.write(first)
            await asyncio.gather(_copy(reader, into), _copy(out, writer))

    def _check_name(self, request: Request) -> bool:
        """Whether the host is allowed at any address. Raises Refused where it is not at all."""
        if self.network.names(request.host, request.port):
            return True
        if not self.network.public:
            raise Refused(
                "403 Forbidden", f"{request.host}:{request.port} is not among the hosts that are allowed"
            )
        if request.port not in USUAL_PORTS:
            raise Refused(
                "403 Forbidden", f"{request.host}:{request.port}: only hosts that are named, on other ports"
            )
        with contextlib.suppress(ValueError):
            if not is_public(request.host):
                raise Refused("403 Forbidden", f"{request.host} is no public address")
        return False

    async def _connect(self, request: Request) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        is_named = self._check_name(request)
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(request.host, request.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise Refused("502 Bad Gateway", f"{request.host}: {error.strerror}") from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        allowed = [address for address in addresses if is_named or is_public(address)]
        if not allowed:
            raise Refused("403 Forbidden", f"{request.host} is at {addresses[0]}, which is not public")
        reason = ""
        for address in allowed:
            try:
                return await asyncio.wait_for(asyncio.open_connection(address, request.port), CONNECT_SECONDS)
            except (OSError, TimeoutError) as error:
                reason = str(error)
        raise Refused("502 Bad Gateway", f"{request.host}:{request.port} does not answer: {reason}")


@dataclass(frozen=True, slots=True)
class Request:
    """The first lines of what a client sends: `lines` are its headers but those for proxies."""

    method: str
    host: str
    port: int
    target: str
    lines: Sequence[str]

    @property
    def connects(self) -> bool:
        return self.method == "CONNECT"

    @classmethod
    def parse(cls, head: bytes) -> Request:
        """Raises Refused for all but CONNECT to an authority and http:// addresses, in printable ASCII."""
        bad = "400 Bad Request"
        if re.search(rb"[^\x20-\x7e\t\r\n]", head) or re.search(rb"\r(?!\n)|(?<!\r)\n", head):
            raise Refused(bad, "a request has bytes that are no text")
        first, *lines = head.decode().removesuffix("\r\n\r\n").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not re.fullmatch("[A-Z]+", words[0]) or not words[2].startswith("HTTP/1."):
            raise Refused(bad, "a request has no method, target and version")
        method, target, _ = words
        try:
            parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError as error:
            raise Refused(bad, f"a request's target cannot be read: {error}") from error
        is_address = ":" in host
        if not (is_address or HOST_NAME.fullmatch(host)) or "@" in parts.netloc:
            raise Refused(bad, f"{target[:100]!r} names no host")
        if method == "CONNECT" and (parts.path or port is None):
            raise Refused(bad, "CONNECT wants a host and a port")
        if method != "CONNECT" and parts.scheme != "http":
            raise Refused(bad, "a request needs an http:// address")
        kept = [line for line in lines if not line.lower().startswith(OWN_HEADERS)]
        path = parts.path or "/"
        return cls(method, host, port or 80, f"{path}?{parts.query}" if parts.query else path, kept)

    def head_for_host(self) -> bytes:
        return self._head(self.target)

    def head_for_proxy(self, authorization: Sequence[str]) -> bytes:
        if self.connects:
            words = [f"CONNECT {self._authority} HTTP/1.1", f"Host: {self._authority}", *authorization]
            return "\r\n".join([*words, "", ""]).encode()
        return self._head(f"http://{self._authority}{self.target}", authorization)

    @property
    def _authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def _head(self, target: str, more: Sequence[str] = ()) -> bytes:
        host = self._authority.removesuffix(":80")
        lines = [f"{self.method} {target} HTTP/1.1", f"Host: {host}", *self.lines, *more, "Connection: close"]
        return "\r\n".join([*lines, "", ""]).encode()


def is_public(address: str) -> bool:
    """Whether an address leads to the internet, also by what is packed into it. Raises ValueError for none."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo or (None, None))[1]
        if parsed in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return (parsed.is_global and not parsed.is_multicast) or any(parsed in each for each in _DOCUMENTATION)


def _users_proxy(request: Request) -> str | None:
    """The proxy in the user's own environment for such a request, if there is one."""
    proxies = urllib.request.getproxies_environment()
    found = proxies.get("https" if request.connects else "http") or proxies.get("all")
    if not found or urllib.request.proxy_bypass(request.host):
        return None
    return found if "://" in found else f"http://{found}"


async def _through(
    upstream: str, request: Request
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
    """Connect by the user's proxy; returns also what is to be sent first."""
    parts = urlsplit(upstream)
    authorization = []
    if parts.username:
        word = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = [f"Proxy-Authorization: Basic {base64.b64encode(word.encode()).decode()}"]
    try:
        out, into = await asyncio.wait_for(
            asyncio.open_connection(parts.hostname, parts.port or 80, limit=HEAD_BYTES), CONNECT_SECONDS
        )
    except (OSError, TimeoutError) as error:
        raise Refused("502 Bad Gateway", f"your proxy {parts.hostname} does not answer: {error}") from error
    head = request.head_for_proxy(authorization)
    if not request.connects:
        return out, into, head
    into.write(head)
    answer = await asyncio.wait_for(out.readuntil(b"\r\n\r\n"), CONNECT_SECONDS)
    status = answer.partition(b"\r\n")[0].decode(errors="replace").split(" ", 1)[-1]
    if not status.startswith("2"):
        into.close()
        raise Refused("502 Bad Gateway", f"your proxy {parts.hostname} refuses {request.host}: {status}")
    return out, into, b""


@contextlib.asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass on bytes to their end, and the end."""
    with contextlib.suppress(OSError):
        while chunk := await source.read(CHUNK_BYTES):
            target.write(chunk)
            await target.drain()
    with contextlib.suppress(OSError, RuntimeError):
        target.write_eof()
