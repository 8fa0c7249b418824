"""What an isolating provider keeps from a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from overhaul.sandbox.docker_workspace import TOOLS
from overhaul.sandbox.environment import given_interpreter
from overhaul.sandbox.errors import EnvironmentFailed

pytestmark = pytest.mark.docker


def test_files_of_the_host_are_not_seen(docker_tier, tmp_path: Path):
    canary = tmp_path / "canary.txt"
    canary.write_text("canary")
    code = f"import os; print(os.path.exists({str(canary)!r}), os.path.exists('/var/run/docker.sock'))"
    assert docker_tier.python(code).output == b"False False\n"


def test_network_is_absent(docker_tier):
    code = """
import socket
def probe(action):
    try: action(); print("open")
    except OSError: print("denied")
probe(lambda: socket.create_connection(("172.17.0.1", 22), 2))
probe(lambda: socket.getaddrinfo("example.org", 80))
probe(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("172.17.0.1", 53)))
"""
    assert docker_tier.python(code).output.split() == [b"denied"] * 3


def test_environment_and_our_scripts_cannot_be_changed(docker_tier):
    code = f"""
import os, sys
for place in (sys.prefix + "/canary", "{TOOLS}/reporters/overhaul_pytest_reporter.py", "/etc/canary", "/canary"):
    try: open(place, "a").close(); print("open", place)
    except OSError: print("denied")
print(os.getuid(), open("/proc/self/status").read().split("CapEff:")[1].split()[0])
"""
    assert docker_tier.python(code).output.split() == [b"denied"] * 4 + [b"1000", b"0" * 16]


def test_process_one_and_its_environment_are_out_of_reach(docker_tier):
    code = """
import os
for action in (lambda: os.kill(1, 9), lambda: open("/proc/1/environ").read()):
    try: action(); print("open")
    except PermissionError: print("denied")
"""
    assert docker_tier.python(code).output.split() == [b"denied"] * 2


def test_several_processes_can_share_locks(docker_tier):
    code = "import multiprocessing as m; lock = m.Lock(); q = m.Queue(); q.put(1); print(q.get())"
    assert docker_tier.python(code).output == b"1\n"


def test_interpreter_of_the_host_is_refused(docker_tier, tmp_path: Path):
    with pytest.raises(EnvironmentFailed, match="--sandbox process"):
        docker_tier.provider.prepare(given_interpreter("/usr/bin/python3"), tmp_path, tmp_path / "log")
