"""What a command that runs on this machine's own kernel may touch: a list of places, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# What any program needs to start, to know its user, its time and its certificates; nothing of the machine's secrets.
SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = (
    "/etc/alternatives", "/etc/chromium", "/etc/chromium.d", "/etc/fonts",
    "/etc/ca-certificates", "/etc/ca-certificates.conf", "/etc/ld.so.cache", "/etc/ld.so.conf",
    "/etc/ld.so.conf.d", "/etc/localtime", "/etc/mime.types", "/etc/nsswitch.conf", "/etc/os-release", "/etc/pki",
    "/etc/protocols", "/etc/services", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/timezone",
)  # fmt: skip
USER_FILES = ("/etc/passwd", "/etc/group")
NETWORK_FILES = ("/etc/gai.conf", "/etc/host.conf", "/etc/resolv.conf")


@dataclass(frozen=True, slots=True)
class Fence:
    """Absolute paths: `readable` to read and run, `writable` to do anything in. `network` opens all of it."""

    writable: tuple[Path, ...]
    readable: tuple[Path, ...] = ()
    network: bool = False

    def system_files(self) -> Sequence[str]:
        return (*SYSTEM_FILES, *USER_FILES, *(NETWORK_FILES if self.network else ()))
