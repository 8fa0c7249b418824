"""How commands end in every provider: limits, signals, and nothing that lives on."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from docker.errors import APIError

from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.docker_network import WayOut
from overhaul.sandbox.docker_workspace import OWNER_LABEL, start_holder
from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.owner import identity_of, own_identity
from overhaul.sandbox.provider import Command, Limits, Workspace
from overhaul.sandbox.reaper import WORKSPACE_VARIABLE
from tests.sandbox.conftest import Tier, python

# A daemon in a session of its own that holds on to the output and writes into the tree for ever.
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execlp("sh", "sh", "-c", "while :; do echo alive >> daemon.txt; sleep 0.05; done", MARK)
time.sleep(0.3)
"""


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def processes_with(mark: str) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if mark in " ".join(process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def test_time_limit_ends_the_command_and_its_daemon_in_another_session(tier):
    mark = f"daemon-of-{tier.name}-{os.getpid()}"
    started = time.monotonic()
    outcome = tier.python(f"MARK = {mark!r}\n{DAEMON}\ntime.sleep(60)", limits=Limits(wall_seconds=1))
    assert (outcome.status, outcome.exit_code) == ("timed_out", None)
    assert time.monotonic() - started < 12
    assert not processes_with(mark)


def test_daemon_does_not_outlive_a_command_that_ends_by_itself(tier):
    with tier.open() as workspace:
        outcome = workspace.run(Command(["{python}", "-c", f"MARK = 'd'\n{DAEMON}\nprint('done')"]))
        assert (outcome.status, outcome.exit_code) == ("exited", 0)
        sizes = [
            workspace.run(Command(["sh", "-c", "wc -c < daemon.txt; sleep 0.2"])).output for _ in range(2)
        ]
    assert int(sizes[0]) > 0
    assert sizes[0] == sizes[1]


def test_memory_limit_ends_the_command_as_out_of_memory(tier):
    code = (
        "import time\nheld = []\nfor _ in range(100):\n    held.append(b'x' * (16 << 20)); time.sleep(0.02)"
    )
    outcome = tier.python(code, limits=Limits(wall_seconds=60, memory_bytes=256 << 20))
    assert (outcome.status, outcome.exit_code) == ("out_of_memory", None)


def test_child_killed_for_memory_is_out_of_memory_even_if_the_parent_goes_on(tier):
    child = (
        "import time\nheld = []\nfor _ in range(100):\n    held.append(b'x' * (16 << 20)); time.sleep(0.02)"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('went on')"
    outcome = tier.python(code, limits=Limits(wall_seconds=60, memory_bytes=256 << 20))
    assert outcome.status == "out_of_memory"


MANY_BYTES = "n = 0\nwhile True:\n    open(f'big{n}', 'wb').write(bytes(1 << 26)); n += 1; time.sleep(0.01)"


@pytest.mark.parametrize(
    "code",
    [
        MANY_BYTES,
        "n = 0\nos.makedirs('many')\nwhile True:\n    open(f'many/{n}', 'w').close(); n += 1",
        f"for _ in range(600):\n    os.mkdir('a' * 20); os.chdir('a' * 20)\n{MANY_BYTES}",
    ],
    ids=["bytes", "files", "bytes too deep for a path"],
)
def test_filled_disk_ends_the_command_as_disk_full(tier, code):
    limits = Limits(wall_seconds=120, disk_bytes=1 << 30, files=50_000)
    outcome = tier.python(f"import os, time\n{code}", limits=limits)
    assert (outcome.status, outcome.exit_code) == ("disk_full", None)


def test_command_that_dies_of_a_signal_is_signalled(tier):
    outcome = tier.python("import os; os.kill(os.getpid(), 11)")
    assert (outcome.status, outcome.exit_code) == ("signalled", None)


def test_limits_of_one_command_do_not_stay_for_the_next(tier):
    with tier.open() as workspace:
        workspace.run(Command(["true"], limits=Limits(memory_bytes=256 << 20, processes=64)))
        outcome = workspace.run(Command(["{python}", "-c", "x = b'x' * (400 << 20); print(len(x))"]))
    assert outcome.exit_code == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("name", ["landlock", "bubblewrap"])
def test_process_that_fights_who_comes_to_end_it_is_ended(name, number, make_environment, tmp_path: Path):
    code = f"""
import os, signal
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    os.write(write, b".")
    while True:
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) not in (1, os.getpid()):
                try: os.kill(int(name), {int(number)})
                except OSError: pass
os.read(read, 1)
os._exit(3)
"""
    tier = Tier(*make_environment(name), tmp_path)
    for _ in range(3):
        # It may also have killed or stopped the command itself.
        assert tier.python(code, limits=Limits(wall_seconds=1)).status in ("exited", "signalled", "timed_out")


@pytest.mark.docker
def test_fork_bomb_is_held_and_ended(docker_tier):
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    with docker_tier.open() as workspace:
        limits = Limits(wall_seconds=2, processes=64)
        outcome = workspace.run(Command(["{python}", "-c", code], limits=limits))
        assert outcome.status == "timed_out"
        after = workspace.run(Command(["sh", "-c", "ls /proc | grep -c '^[0-9]'"]))
    assert int(after.output) < 12


def test_closed_workspace_leaves_nothing(tier):
    with tier.open() as workspace:
        workspace.run(Command(["sh", "-c", "mkdir locked; touch locked/file; chmod 0 locked"]))
    if tier.name != "docker":
        assert list((tier.provider.home / "workspaces").iterdir()) == []
    else:
        owned = {"label": f"{OWNER_LABEL}={identity_of(os.getpid())}"}
        assert wait_until(lambda: not tier.provider.client().api.containers(all=True, filters=owned))


PARENT = """
import sys
from pathlib import Path
from overhaul.sandbox.choose import load
from overhaul.sandbox.provider import Command, Environment
name, home, source, location, mark = sys.argv[1:]
environment = Environment(name, "f", location, "3", True, "", 0.0)
with load(name, Path(home)).open(Path(source), environment, {}) as workspace:
    code = f"import subprocess; print('started', flush=True); subprocess.run(['sh', '-c', 'sleep 300 # {mark}'], start_new_session=True)"
    workspace.run(Command(["{python}", "-c", code]), lambda chunk: print("started", flush=True))
"""


def test_killed_parent_leaves_no_process_no_container_and_no_folder(tier, tmp_path: Path):
    mark = f"orphan-of-{tier.name}-{os.getpid()}"
    (tmp_path / "source").mkdir()
    arguments = [tier.name, str(tmp_path / "home"), str(tmp_path / "source"), tier.environment.location, mark]
    parent = subprocess.Popen([sys.executable, "-P", "-c", PARENT, *arguments], stdout=subprocess.PIPE)
    assert parent.stdout.readline() == b"started\n"
    owner = identity_of(parent.pid)
    assert processes_with(f"# {mark}")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: not processes_with(f"# {mark}"))
    if tier.name == "docker":
        owned = {"label": f"{OWNER_LABEL}={owner}"}
        assert wait_until(lambda: not tier.provider.client().api.containers(all=True, filters=owned))
    else:
        provider = type(tier.provider)(tmp_path / "home")
        provider.open(tmp_path / "source", tier.environment, {}).close()
        assert list((provider.home / "workspaces").iterdir()) == []


def test_supervisor_killed_by_the_command_is_a_lost_sandbox_and_leaves_nothing(
    tmp_path: Path, make_environment
):
    provider, environment = make_environment("process")
    mark = f"left-behind-{os.getpid()}"
    code = (
        "import os, subprocess, time\n"
        f"subprocess.Popen(['sh', '-c', 'sleep 300 # {mark}'], start_new_session=True)\n"
        "os.kill(os.getppid(), 9); time.sleep(60)"
    )
    with (
        provider.open(tmp_path, environment, {}) as workspace,
        pytest.raises(SandboxLost, match="supervisor"),
    ):
        workspace.run(Command(["{python}", "-c", code]))
    assert wait_until(lambda: not processes_with(f"# {mark}"))


@pytest.mark.docker
def test_container_removed_under_a_command_is_a_lost_sandbox(docker_tier):
    with docker_tier.open() as workspace, pytest.raises(SandboxLost):
        workspace.run(
            Command(["{python}", "-c", "print('up', flush=True); import time; time.sleep(60)"]),
            lambda _: docker_tier.provider.client().api.kill(workspace._container),
        )


@pytest.mark.docker
def test_nothing_is_left_of_a_container_that_does_not_start(docker_tier):
    client = docker_tier.provider.client()
    way = WayOut(f"no-such-network-{os.getpid()}")
    with pytest.raises(SandboxLost, match="could not be started"):
        start_holder(client, docker_tier.environment.location, Limits(), way)
    gc.collect()  # an open connection would be a warning now
    mine = {"label": f"{OWNER_LABEL}={own_identity()}", "status": "created"}
    assert not client.api.containers(all=True, filters=mine)


@pytest.mark.docker
def test_container_of_a_dead_owner_is_removed_at_the_next_open(docker_tier):
    provider = docker_tier.provider
    assert isinstance(provider, DockerProvider)
    with docker_tier.open() as workspace:
        labels = provider.client().api.inspect_container(workspace._container)["Config"]["Labels"]
    labels[OWNER_LABEL] = "999999999-1"
    left = provider.client().containers.create(
        docker_tier.environment.location, ["sleep", "300"], labels=labels, network_mode="none"
    )
    # Any process of ours on this machine removes what the dead have left, perhaps before it has started.
    with suppress(APIError):
        left.start()
    docker_tier.open().close()
    assert left.id not in [found["Id"] for found in provider.client().api.containers(all=True)]


def test_workspace_whose_namespaces_ended_is_lost_and_says_so(make_environment, tmp_path: Path):
    tier = Tier(*make_environment("bubblewrap"), tmp_path)
    with tier.open() as workspace:
        first = workspace.run(python("print(1)"))
        assert first.output == b"1\n"
        os.kill(holder_of(workspace), signal.SIGKILL)
        with pytest.raises(SandboxLost, match="could not be started"):
            workspace.run(python("print(2)"))


def holder_of(workspace: Workspace) -> int:
    """The first process of a bubblewrap workspace: the deepest that carries its name."""
    wanted = f"{WORKSPACE_VARIABLE}={Path(workspace.root).parent.name}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return max(found)
