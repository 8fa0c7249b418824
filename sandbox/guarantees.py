"""What each tier keeps a command from, and what it lets it do: one table for the code, the docs and `overhaul doctor`.

Every cell has a probe in tests/sandbox/test_guarantees.py. A gap is declared here, with its reason, or it is a defect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ISOLATING = ("docker", "bubblewrap", "landlock")


@dataclass(frozen=True, slots=True)
class Guarantee:
    """`gaps` are the tiers that do not give it, with the reason. The tier `process` gives none of the first kind."""

    id: str
    text: str
    gaps: Mapping[str, str] = field(default_factory=dict)


# What must not be possible.
DENIED = (
    Guarantee("read-host", "reading the machine's files: homes, /etc/shadow, other repositories"),
    Guarantee("write-host", "writing anywhere but in the workspace, its home and its temporary folder"),
    Guarantee("write-environment", "changing the environment, its interpreter or our scripts"),
    Guarantee("host-variables", "reading the environment variables of the machine's processes"),
    Guarantee("outer-links", "following symbolic links out of the workspace"),
    Guarantee("docker-socket", "talking to the Docker engine"),
    Guarantee("tcp", "TCP to the machine, its gateway and the world"),
    Guarantee("udp", "UDP, and with it DNS"),
    Guarantee("raw-sockets", "raw and packet sockets"),
    Guarantee("vsock", "sockets to the hypervisor (AF_VSOCK)"),
    Guarantee("host-sockets", "sockets of the machine's programs, by path or abstract name"),
    Guarantee("io-uring", "io_uring"),
    Guarantee("namespaces", "new user namespaces, which open more of the kernel"),
    Guarantee("mounts", "mounting file systems"),
    Guarantee("tracing", "tracing processes and reading their memory"),
    Guarantee("keys", "the kernel's key rings"),
    Guarantee("kernel-programs", "BPF programs and performance events"),
    Guarantee("capabilities", "capabilities, and getting them back by a set-user-id program"),
    Guarantee("signals", "signals to the machine's processes"),
    Guarantee("process-list", "seeing the command lines of the machine's processes"),
    Guarantee("devices", "block devices, memory and terminals of the machine"),
    Guarantee("shared-memory", "shared memory of the machine's programs"),
    Guarantee("host-name", "learning or changing the machine's name"),
)  # fmt: skip

# What tests need.
ALLOWED = (
    Guarantee("loopback", "servers and clients on localhost"),
    Guarantee("temporary-files", "files in the workspace, the home and the temporary folder"),
    Guarantee("processes", "child processes, threads and signals among them"),
    Guarantee("locks", "locks and queues shared by processes (multiprocessing)"),
    Guarantee(
        "unix-sockets", "unix sockets among the command's own processes",
        {"landlock": "a path is no file to Landlock: no unix socket can be opened at all, only pairs"},
    ),
    Guarantee("clock", "the time, and random numbers"),
)  # fmt: skip


def missing_guarantees(tier: str) -> list[str]:
    """Return what a tier does not give, each with its reason."""
    return [f"{each.text}: {each.gaps[tier]}" for each in (*DENIED, *ALLOWED) if tier in each.gaps]


def page() -> str:
    """Return docs/sandbox.md."""
    return f"""# Where untrusted code runs

Made from `sandbox/guarantees.py` by `make docs`; do not edit it. Every cell is tried from inside by
`tests/sandbox/test_guarantees.py`. `--sandbox auto` takes the first of these tiers that is there; `overhaul doctor`
says which are. `--sandbox process` isolates nothing: it is for code that you trust, is never taken by itself, and is
stamped into the evidence and the pull request.

{chr(10).join(_table())}

This is what holds for commands of a run: tests and formatters. **Making an environment reaches further**: the package
indexes that you have configured, and what is at public addresses on ports 80 and 443; not this machine, its networks or
a cloud's metadata. It goes through a proxy on this side, which resolves names itself and checks the addresses that it
connects to (`sandbox/proxy.py`). Where you have a proxy of your own (`HTTPS_PROXY`; http:// ones only), that resolves
the names: "public" is by name then, and what your proxy reaches at an inner address is reached.
The project's build and its setup script (`.overhaul/setup.sh` or `overhaul-setup.sh`)
run then. All the rest of the table holds for them too; in `docker` they are root inside their container, and have its
default capabilities.

`overhaul run --network HOST` lets tests and setups reach a host by its name, through the same proxy; `--network full`
is the whole network. Both are stamped into the pull request.

The kernel holds `docker`'s limits of memory, disk and processes. In `bubblewrap` and `landlock` they are watched, some
times a second. A file without a name, in memory (`memfd_create`) or on disk, counts there as long as a process has it
open: not one that is only on its way from process to process, or mapped and not touched.

`docker` needs an engine, `bubblewrap` Debian's package of that name and user namespaces, `landlock` nothing but
Linux 6.12 or later. Where the kernel refuses user namespaces to anybody but root, `landlock` hides neither the names of
processes nor the machine's, and has no loopback.
"""


def _table() -> list[str]:
    lines = [f"| | {' | '.join(ISOLATING)} |", f"| --- |{' --- |' * len(ISOLATING)}"]
    for title, guarantees in (("kept from it", DENIED), ("let through", ALLOWED)):
        lines.append(f"| **{title}** |{' |' * len(ISOLATING)}")
        for each in guarantees:
            cells = [each.gaps.get(tier, "yes") for tier in ISOLATING]
            lines.append(f"| {each.text} | {' | '.join(f'no: {c}' if c != 'yes' else c for c in cells)} |")
    return lines


if __name__ == "__main__":
    Path("docs/sandbox.md").write_text(page(), encoding="utf-8")
