"""Every cell of guarantees.py, tried from inside each isolating tier; a declared gap is printed as one."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from overhaul.flows.options import SandboxName
from overhaul.sandbox.choose import PROVIDERS
from overhaul.sandbox.guarantees import ALLOWED, DENIED, ISOLATING, Guarantee, page
from overhaul.sandbox.provider import Command, Limits, Workspace

# Each probe is tried; an exception means that it was denied. CANARY is a folder of the machine's with a file in it.
PRELUDE = """
import contextlib, ctypes, glob, os, platform, signal, socket, subprocess, sys, tempfile, time
libc = ctypes.CDLL(None, use_errno=True)
def call(*numbers_and_arguments):
    x86, arm, *arguments = numbers_and_arguments
    result = libc.syscall(x86 if platform.machine() == "x86_64" else arm, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""
PROBES = {
    "read-host": """
try: found = open(CANARY + "/file").read()
except OSError: found = open("/etc/shadow").read()
""",
    "write-host": """
for place in (CANARY, "/etc", "/usr", "/", os.path.expanduser("~root"), "/opt", "/var"):
    with contextlib.suppress(OSError):
        open(place + "/canary-written", "w").close(); break
else: raise OSError
""",
    "write-environment": """
for place in (sys.prefix + "/canary", sys.base_prefix + "/canary", TOOLS + "/supervisor.py", os.path.realpath(sys.executable)):
    with contextlib.suppress(OSError):
        open(place, "a").close(); break
else: raise OSError
""",
    "host-variables": """
for pid in [1, HOST_PID, *map(int, filter(str.isdigit, os.listdir("/proc")))]:
    with contextlib.suppress(OSError):
        if b"CANARY_VARIABLE" in open(f"/proc/{pid}/environ", "rb").read(): break
else: raise OSError
""",
    "outer-links": """
os.symlink(CANARY + "/file", "link-out")
open("link-out").read()
""",
    "docker-socket": """
for path in ("/var/run/docker.sock", "/run/docker.sock"):
    with contextlib.suppress(OSError):
        socket.socket(socket.AF_UNIX).connect(path); break
else: raise OSError
""",
    "tcp": """
for address in (("127.0.0.1", PORT), (HOST_ADDRESS, PORT), ("172.17.0.1", PORT), ("192.0.2.1", 80)):
    with contextlib.suppress(OSError):
        socket.create_connection(address, 1); break
else: raise OSError
""",
    "udp": """
for address in ((HOST_ADDRESS, 9), ("172.17.0.1", 53), ("192.0.2.1", 53)):
    with contextlib.suppress(OSError):
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", address); break
else: socket.getaddrinfo("example.org", 80)
""",
    "raw-sockets": """
for family, kind, protocol in ((socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_PACKET, socket.SOCK_RAW, 3)):
    with contextlib.suppress(OSError):
        socket.socket(family, kind, protocol); break
else: raise OSError
""",
    "vsock": "socket.socket(40, socket.SOCK_STREAM)",
    "host-sockets": """
for name in (CANARY + "/socket", "\\0" + MARK):
    with contextlib.suppress(OSError):
        socket.socket(socket.AF_UNIX).connect(name); break
else: raise OSError
""",
    "io-uring": "call(425, 425, 1, ctypes.create_string_buffer(120))",
    "namespaces": """
for flags in (0x10000000, 0x10000000 | 0x20000):
    with contextlib.suppress(OSError):
        call(272, 97, flags); break
else:
    # The same through clone(2), which forks where it is allowed.
    if call(56, 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0) == 0: os._exit(0)
""",
    "mounts": 'call(165, 40, b"tmpfs", b"/tmp", b"tmpfs", 0, None)',
    "tracing": """
with contextlib.suppress(OSError):
    call(101, 117, 16, os.getppid(), 0, 0); found = True
open(f"/proc/{HOST_PID}/mem", "rb").read(1) if "found" not in globals() else None
""",
    "keys": 'call(248, 217, b"user", b"canary", b"x", 1, -3)',
    "kernel-programs": """
for numbers in ((321, 280, 0, ctypes.create_string_buffer(128), 128), (298, 241, ctypes.create_string_buffer(128), 0, -1, -1, 0)):
    with contextlib.suppress(OSError):
        call(*numbers); break
else: raise OSError
""",
    "capabilities": """
status = open("/proc/self/status").read()
held = [int(status.split(name)[1].split()[0], 16) for name in ("CapEff:", "CapPrm:", "CapBnd:", "CapAmb:")]
if not any(held) and "NoNewPrivs:\\t1" in status: raise OSError
""",
    "signals": "os.kill(HOST_PID, 0)",
    "process-list": 'open(f"/proc/{HOST_PID}/cmdline").read().index("python")',
    "devices": """
for path in [*glob.glob("/dev/[svh]d[a-z]"), *glob.glob("/dev/vd*"), "/dev/mem", "/dev/kmsg", "/dev/tty", "/dev/kvm", "/dev/fuse"]:
    with contextlib.suppress(OSError):
        open(path, "rb").read(1); break
else: raise OSError
""",
    "shared-memory": 'open("/dev/shm/" + MARK).read()',
    "host-name": """
if HOST_NAME not in (socket.gethostname(), platform.node(), open("/proc/sys/kernel/hostname").read().strip()):
    socket.sethostname("canary")
""",
    "loopback": """
server = socket.create_server(("localhost", 0))
socket.create_connection(("localhost", server.getsockname()[1]), 2)
socket.create_connection(("127.0.0.1", server.getsockname()[1]), 2)
""",
    "temporary-files": """
tempfile.mkstemp(); open("made", "w").close(); open(os.path.expanduser("~/made"), "w").close(); os.mkfifo("pipe")
""",
    "processes": """
child = subprocess.Popen(["sleep", "60"]); child.terminate(); assert child.wait() == -15
import threading; thread = threading.Thread(target=time.sleep, args=(0,)); thread.start(); thread.join()
""",
    "locks": """
import multiprocessing
with multiprocessing.Lock(): pass
queue = multiprocessing.Queue(); queue.put(1); assert queue.get(timeout=5) == 1
""",
    "unix-sockets": """
server = socket.socket(socket.AF_UNIX); server.bind("own-socket"); server.listen()
socket.socket(socket.AF_UNIX).connect("own-socket")
""",
    "clock": "assert time.time() > 1e9 and os.urandom(8) and open('/dev/urandom', 'rb').read(1)",
}


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """What is to be kept from a command: a file, servers, shared memory, a process with a secret variable."""
    folder = tmp_path_factory.mktemp("canary")
    (folder / "file").write_text("canary")
    folder.chmod(0o777)
    mark = f"canary-{os.getpid()}"  # workers run side by side
    shared = Path("/dev/shm", mark)
    shared.write_text("canary")
    servers = [
        socket.create_server(("0.0.0.0", 0)),
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_UNIX),
    ]
    for server, name in zip(servers[1:], (str(folder / "socket"), f"\0{mark}"), strict=True):
        server.bind(name)
        server.listen()
    (folder / "socket").chmod(0o777)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    yield {
        "CANARY": str(folder),
        "MARK": mark,
        "PORT": servers[0].getsockname()[1],
        "HOST_ADDRESS": address,
        "HOST_PID": os.getpid(),
        "HOST_NAME": socket.gethostname(),
    }
    for server in servers:
        server.close()
    shared.unlink()


def probe_code(probe: str, values: dict[str, object]) -> str:
    """Return a program that prints as its last line whether a probe went through."""
    assigned = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    body = "".join(f"    {line}\n" for line in probe.strip("\n").splitlines())
    return f"{PRELUDE}\n{assigned}try:\n{body}    print('open')\nexcept Exception as error: print('denied', error)\n"


def answer_of(output: bytes, status: str) -> str:
    answer = output.decode(errors="replace").strip().splitlines()[-1:]
    # A system call that a filter answers by ending the process is denied as well.
    return answer[0] if answer else f"denied ({status})"


def probed(workspace: Workspace, guarantee: Guarantee, canary: dict[str, object]) -> str:
    code = probe_code(PROBES[guarantee.id], {**canary, "TOOLS": workspace.tools})
    outcome = workspace.run(Command(["{python}", "-c", code], limits=Limits(wall_seconds=60)))
    return answer_of(outcome.output, outcome.status)


@pytest.mark.parametrize("guarantee", DENIED, ids=lambda each: each.id)
def test_what_must_not_be_possible_is_not(guarantee: Guarantee, isolating, canary, monkeypatch) -> None:
    monkeypatch.setenv("CANARY_VARIABLE", "canary")
    with isolating.open() as workspace:
        answer = probed(workspace, guarantee, canary)
    assert not list(Path(str(canary["CANARY"])).glob("canary-written"))
    if isolating.name in guarantee.gaps:
        assert answer == "open", "this gap is none any more: take it out of the table"
        print(
            f"declared gap of {isolating.name}: {guarantee.text}: {guarantee.gaps[isolating.name]} ({answer})"
        )
        return
    assert answer.startswith("denied"), answer


@pytest.mark.parametrize("guarantee", ALLOWED, ids=lambda each: each.id)
def test_what_tests_need_is_possible(guarantee: Guarantee, isolating, canary) -> None:
    with isolating.open() as workspace:
        answer = probed(workspace, guarantee, canary)
    if isolating.name in guarantee.gaps:
        assert answer.startswith("denied"), "this gap is none any more: take it out of the table"
        return
    assert answer == "open"


def test_every_guarantee_has_a_probe() -> None:
    assert set(PROBES) == {each.id for each in (*DENIED, *ALLOWED)}


def test_page_in_the_docs_is_up_to_date() -> None:
    root = Path(__file__).parent.parent.parent
    assert (root / "docs/sandbox.md").read_text() == page(), "make docs"


def test_command_line_and_form_offer_every_tier() -> None:
    assert get_args(SandboxName) == ("auto", *PROVIDERS)
    assert [name for name in PROVIDERS if name != "process"] == list(ISOLATING)
