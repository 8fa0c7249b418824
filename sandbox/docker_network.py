"""The way out of a container: all of the network, or a proxy whose socket is mounted into a container without one."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from overhaul.sandbox.network import PORT, Network

if TYPE_CHECKING:
    from overhaul.sandbox.proxy import Proxy

# A folder, since a socket that is made anew would be another file than the one mounted.
MOUNTED = "/overhaul/network"
SOCKET = "proxy.sock"


@dataclass(frozen=True, slots=True)
class WayOut:
    """What a container is made with: Docker's network mode, and folders of the host by their places inside."""

    mode: str = "none"
    mounts: Mapping[str, Path] = field(default_factory=dict)
    proxy: Proxy | None = None

    def forwarder(self, tools: str) -> list[str]:
        """The command, for root, that leads the container's loopback to the proxy; it ends when that listens."""
        return ["python3", f"{tools}/forward_to_socket.py", f"{MOUNTED}/{SOCKET}", str(PORT)]


@contextlib.contextmanager
def way_out(network: Network) -> Iterator[WayOut]:
    """Return the way out that a network needs, with its proxy running."""
    with network.proxy() as proxy:
        if proxy is None:
            yield WayOut("bridge" if network.full else "none")
            return
        with tempfile.TemporaryDirectory(prefix="overhaul-network-") as closed:
            # The container's users are others than ours, and so are others of this machine, who do not get as far.
            folder = Path(closed, "mounted")
            folder.mkdir()
            folder.chmod(0o755)
            proxy.serve_path(folder / SOCKET)
            (folder / SOCKET).chmod(0o666)
            yield WayOut("none", {MOUNTED: folder}, proxy)
