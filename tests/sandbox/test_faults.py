"""What goes wrong around a sandbox: a typed error or status, no hang, and nothing that is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from overhaul.sandbox.choose import load
from overhaul.sandbox.docker import DockerProvider
from overhaul.sandbox.docker_workspace import OWNER_LABEL
from overhaul.sandbox.errors import SandboxError, SandboxLost
from overhaul.sandbox.owner import identity_of
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Command, Environment
from tests.sandbox.conftest import Tier
from tests.sandbox.test_contract_ends import processes_with, wait_until

# Runs one command as a run of ours does, and tells what it took: the memory of this process alone.
MEASURED = """
import sys
from pathlib import Path
from overhaul.sandbox.choose import load
from overhaul.sandbox.provider import Command, Environment, Limits
name, home, source, location, code = sys.argv[1:]
seen = 0
def count(chunk):
    global seen
    seen += len(chunk)
with load(name, Path(home)).open(Path(source), Environment(name, "f", location, "3", True, "", 0.0), {}) as workspace:
    outcome = workspace.run(Command(["{python}", "-c", code], limits=Limits(wall_seconds=300)), count)
print(outcome.status, outcome.exit_code, len(outcome.output) >> 20, seen >> 20, outcome.dropped_bytes >> 20)
# Not getrusage: that has the parent's peak in it, from before exec.
print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) >> 10)
"""


def test_output_of_five_gigabytes_is_drained_in_bounded_memory(isolating: Tier, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    code = "import os\nfor _ in range(5 * 1024): os.write(1, bytes(1 << 20))"
    places = [
        isolating.name,
        str(tmp_path / "home"),
        str(tmp_path / "source"),
        isolating.environment.location,
    ]
    done = subprocess.run(
        [sys.executable, "-P", "-c", MEASURED, *places, code], capture_output=True, text=True, check=True
    )
    outcome, memory = done.stdout.splitlines()
    assert outcome == "exited 0 8 5120 5112"
    assert int(memory) < 200, f"{memory} MB"


# Makes an environment whose setup never ends.
PREPARING = """
import sys
from pathlib import Path
from overhaul.sandbox.choose import load
from overhaul.sandbox.plan import EnvironmentPlan, Step
name, home, source, mark = sys.argv[1:]
create = Step("create", ("{uv}", "venv", "--python", "{interpreter}", "{environment}/venv"), "always")
hang = Step("hang", ("sh", "-c", f"setsid sleep 300 & : {mark}; sleep 300 # {mark}"), "to be killed")
load(name, Path(home)).prepare(EnvironmentPlan("killed", "3.11", "none", steps=(create, hang)), Path(source), Path(home, "log"))
"""


def test_parent_killed_in_a_setup_leaves_nothing_after_the_next_start(tier: Tier, tmp_path: Path) -> None:
    mark = f"setup-of-{tier.name}-{os.getpid()}"
    home = tmp_path / "home"
    (tmp_path / "source").mkdir()
    arguments = [tier.name, str(home), str(tmp_path / "source"), mark]
    parent = subprocess.Popen([sys.executable, "-P", "-c", PREPARING, *arguments])
    assert wait_until(lambda: bool(processes_with(f"sleep 300 # {mark}")), 60)
    owner = identity_of(parent.pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    tier.open().close()
    assert wait_until(lambda: not processes_with(mark), 60)
    if tier.name == "docker":
        owned = {"label": f"{OWNER_LABEL}={owner}"}
        assert tier.provider.client().api.containers(all=True, filters=owned) == []
        return
    create = Step("create", ("{uv}", "venv", "--python", "{interpreter}", "{environment}/venv"), "always")
    again = load(tier.name, home)
    made = again.prepare(
        EnvironmentPlan("killed", "3.11", "none", steps=(create,)), tmp_path / "source", tmp_path / "log"
    )
    folders = [each.name for each in (again.home / "environments").iterdir() if (each / "venv").exists()]
    assert folders == [made.fingerprint]


@pytest.mark.docker
def test_containers_have_no_volumes_that_could_stay(docker_tier: Tier) -> None:
    client = docker_tier.provider.client()
    with docker_tier.open() as workspace:
        described = client.api.inspect_container(workspace._container)
    assert [each for each in described["Mounts"] if each["Type"] == "volume"] == []


@pytest.mark.docker
def test_image_pruned_after_it_was_made_is_a_lost_sandbox_and_made_anew(
    docker_engine: None, tmp_path: Path
) -> None:
    (tmp_path / "source").mkdir()
    create = Step("create", ("{uv}", "venv", "--python", "{interpreter}", "{environment}/venv"), "always")
    plan = EnvironmentPlan("pruned", "3.11", "none", steps=(create,))
    provider = DockerProvider(tmp_path / "home")
    first = provider.prepare(plan, tmp_path / "source", tmp_path / "log")
    provider.client().images.remove(first.location, force=True)
    with pytest.raises(SandboxLost, match="No such image"):
        provider.open(tmp_path / "source", first, {})
    again = provider.prepare(plan, tmp_path / "source", tmp_path / "log")
    try:
        assert not again.cached
        with provider.open(tmp_path / "source", again, {}) as workspace:
            assert workspace.run(Command(["{python}", "-c", "print('works')"])).output == b"works\n"
    finally:
        provider.client().images.remove(again.location, force=True)


class Engine:
    """A Docker engine of this test alone, beside the machine's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"unix://{folder}/engine.sock"

    def start(self) -> None:
        # Of an engine that was killed: its containerd is dead, perhaps not yet buried, and would be waited for.
        assert wait_until(lambda: not processes_with(f"{self.folder}/exec-root/containerd/containerd.toml"))
        (self.folder / "exec-root/containerd/containerd.pid").unlink(missing_ok=True)
        places = (f"--{name}={self.folder / name}" for name in ("data-root", "exec-root", "pidfile"))
        nothing = ("--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                # In a network of its own: an engine without a bridge removes the one that the machine's engine has.
                ["unshare", "--net", "dockerd", f"--host={self.address}", *places, *nothing],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        assert wait_until(lambda: self.docker("version").returncode == 0, 60), (
            self.folder / "log"
        ).read_text()

    def stop(self, number: int) -> None:
        self.process.send_signal(number)
        self.process.wait()

    def docker(self, *words: str, stdin: int | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", "--host", self.address, *words],
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def load_image(self) -> str:
        """Make an image of the few programs that a workspace needs."""
        programs = [
            str(shutil.which(name)) for name in ("sh", "cat", "tar", "mkdir", "timeout", "sleep", "df")
        ]
        linked = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=True).stdout.split()
        files = {word.rstrip(":") for word in [*programs, *linked] if word.startswith("/")}
        tar = ["tar", "-c", "--dereference", "-C", "/", *(file.lstrip("/") for file in sorted(files))]
        with subprocess.Popen(tar, stdout=subprocess.PIPE) as packed:
            assert packed.stdout is not None
            made = self.docker("import", "-", "small:image", stdin=packed.stdout.fileno())
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def processes(self) -> list[psutil.Process]:
        return [each for each in processes_with(str(self.folder)) if each.pid != os.getpid()]

    def remove(self) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)
        for process in self.processes():
            process.kill()
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for place in sorted((each for each in mounts if each.startswith(str(self.folder))), reverse=True):
            subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def engine(docker_engine: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("a second Docker engine needs root and dockerd")
    found = Engine(Path(tempfile.mkdtemp(prefix="engine-")))  # short: the path of a socket may have 107 bytes
    try:
        found.start()
        monkeypatch.setenv("DOCKER_HOST", found.address)
        yield found
    finally:
        found.remove()


# The SDK leaves its socket to the garbage collector where it cannot connect.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.docker
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_engine_that_stops_in_mid_run_is_a_lost_sandbox_and_leaves_nothing(
    number: signal.Signals, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "source").mkdir()
    environment = Environment("docker", "f", engine.load_image(), "3", True, "", 0.0)
    provider = DockerProvider(tmp_path / "home")
    mark = f"sleep 300 # engine-{os.getpid()}-{number}"
    workspace = provider.open(tmp_path / "source", environment, {})
    stopped: list[bytes] = []

    def stop(chunk: bytes) -> None:
        if not stopped:
            stopped.append(chunk)
            engine.process.send_signal(number)

    with pytest.raises(SandboxLost):
        workspace.run(Command(["sh", "-c", f"echo started; {mark}; :"]), stop)
    assert stopped == [b"started\n"]
    with pytest.raises(SandboxLost):
        workspace.run(Command(["true"]))
    workspace.close()
    engine.process.wait()
    with pytest.raises(SandboxError):
        DockerProvider(tmp_path / "home").open(tmp_path / "source", environment, {})
    engine.start()
    with DockerProvider(tmp_path / "home").open(tmp_path / "source", environment, {}) as again:
        assert again.run(Command(["sh", "-c", "echo works"])).output == b"works\n"
    assert wait_until(lambda: engine.docker("ps", "--all", "--quiet").stdout == "", 60)
    assert engine.docker("volume", "ls", "--quiet").stdout == ""
    assert not processes_with(mark)
