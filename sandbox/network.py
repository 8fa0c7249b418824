"""What commands may reach: nothing, hosts by name, everything public, or all of the network."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from overhaul.sandbox.proxy import Proxy

# Where the proxy listens inside.
PORT = 3128
USUAL_PORTS = frozenset({80, 443})
FULL = "full"

HOST_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_URL = re.compile(r"https?://[^\s,]+")


@dataclass(frozen=True, slots=True)
class Network:
    """What commands may reach. `full` is everything, without a proxy.

    `hosts` are names, `*.NAME` for all below one, at any address; they mean ports 80 and 443, `NAME:PORT` another one.
    With `public` other hosts are allowed on these ports, at public addresses.
    """

    hosts: tuple[str, ...] = ()
    public: bool = False
    full: bool = False

    @classmethod
    def of(cls, words: Iterable[str]) -> Network:
        """From a user's words: names of hosts, or "full". Raises ValueError."""
        hosts = tuple(dict.fromkeys(word.lower() for word in words))
        for host in hosts:
            name, colon, port = host.removeprefix("*.").partition(":")
            if not HOST_NAME.fullmatch(name) or port.isdecimal() != bool(colon):
                raise ValueError(
                    f"{host!r} is no name of a host: api.example.org, *.example.org, db.example.org:5432"
                )
        return cls((), full=True) if FULL in hosts else cls(hosts)

    @property
    def is_none(self) -> bool:
        return not (self.hosts or self.public or self.full)

    def for_setup(self, index_settings: Mapping[str, str]) -> Network:
        """What a setup may reach: also the package indexes that the user has, and everything public."""
        if self.full:
            return self
        indexes = [
            f"{url.hostname}:{url.port}" if url.port else url.hostname
            for name, value in index_settings.items()
            for url in map(urlsplit, _URL.findall(value))
            # Who reaches the user's own proxy reaches what that does.
            if url.hostname and not name.lower().endswith("_proxy")
        ]
        return Network(tuple(dict.fromkeys((*self.hosts, *indexes))), public=True)

    def names(self, host: str, port: int) -> bool:
        """Whether the host is allowed by its name."""
        for allowed in self.hosts:
            name, _, only = allowed.partition(":")
            is_port = only == str(port) if only else port in USUAL_PORTS
            if is_port and (host == name or (name.startswith("*.") and host.endswith(name[1:]))):
                return True
        return False

    def applied_to(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The environment of commands: our proxy instead of the user's, which ours goes through."""
        if self.full:
            return dict(variables)
        found = {name: value for name, value in variables.items() if not name.lower().endswith("_proxy")}
        if self.is_none:
            return found
        proxy = f"http://127.0.0.1:{PORT}"
        found |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy)
        if not any(host.startswith(("localhost", "127.")) for host in self.hosts):
            found |= dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1,::1")
        return found

    @contextlib.contextmanager
    def proxy(self) -> Iterator[Proxy | None]:
        """The proxy that commands need, if they need one."""
        if self.full or self.is_none:
            yield None
            return
        from overhaul.sandbox.proxy import Proxy  # few need it, and its event loop takes its time

        proxy = Proxy(self)
        try:
            yield proxy
        finally:
            proxy.close()


NO_NETWORK = Network()


def why_no_way_out(proxies: Mapping[str, str]) -> str | None:
    """Why the user's own proxies, by scheme, cannot be gone through, or None."""
    for scheme in ("http", "https"):
        found = proxies.get(scheme) or proxies.get("all") or ""
        kind, separator, rest = found.partition("://")
        if separator and kind.lower() != "http":
            host = urlsplit(f"//{rest}").hostname or "it"
            return (
                f"your environment's proxy for {scheme}:// is {kind}://{host}, and only http:// proxies can be gone"
                f" through. Set {scheme}_proxy to one, unset it (and all_proxy), or take --network full"
            )
    return None
