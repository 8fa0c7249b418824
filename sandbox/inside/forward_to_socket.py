"""Listen on the loopback of a container without network, and pass connections on to a socket that is mounted into it.

forward_to_socket.py SOCKET PORT
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys

CHUNK_BYTES = 256 << 10


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while True:
            chunk = await source.read(CHUNK_BYTES)
            if not chunk:
                break
            target.write(chunk)
            await target.drain()
    with contextlib.suppress(OSError, RuntimeError):
        target.write_eof()


async def serve(listener: socket.socket, path: str) -> None:
    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            out, into = await asyncio.open_unix_connection(path)
            await asyncio.gather(copy(reader, into), copy(out, writer))
            into.close()
        writer.close()

    server = await asyncio.start_server(forward, sock=listener)
    await server.serve_forever()


def main(path: str, port: str) -> None:
    """Return when it listens; a process of its own goes on."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(port)))
    listener.listen(64)
    if os.fork() == 0:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nothing, descriptor)
        asyncio.run(serve(listener, path))


if __name__ == "__main__":
    main(*sys.argv[1:])
