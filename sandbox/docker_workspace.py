"""A workspace in a container that stays warm: no network, no capabilities, a read-only root, everything in memory.

The container lives as long as the connection that we hold to its standard input: it ends when we do, even by kill -9.
"""

from __future__ import annotations

import contextlib
import io
import platform
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from overhaul.sandbox.docker_archive import archive
from overhaul.sandbox.docker_network import WayOut, way_out
from overhaul.sandbox.docker_seccomp import seccomp_profile
from overhaul.sandbox.docker_stream import ContainerCommand, StartedCommand, close_stream, execute
from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.network import NO_NETWORK, Network
from overhaul.sandbox.output_cap import OutputCap
from overhaul.sandbox.owner import own_identity
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome, OutcomeStatus
from overhaul.sandbox.records import RecordParser
from overhaul.sandbox.standby import can_wake, wake_up_line
from overhaul.sandbox.supervised import INSIDE

if TYPE_CHECKING:
    from docker import DockerClient

OWNER_LABEL, HOST_LABEL = "overhaul.owner", "overhaul.host"
USER = "1000:1000"
FOLDER, TOOLS, ENVIRONMENT = "/workspace", "/overhaul-tools", "/overhaul/environment"
PYTHON = f"{ENVIRONMENT}/venv/bin/python"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BUILT = f"{ENVIRONMENT}/built"
# put_archive would write beneath a tmpfs, unseen: tar inside the container writes into it.
UNPACK = ("tar", "-x", "-f", "-", "-C", FOLDER)
UNPACK_SECONDS = 600.0
GRACE_SECONDS = 30.0
ALIVE_LOOKS = 8
# Pages in a tmpfs count as the container's memory (so that less fits on it than into that); inodes do not.
TMPFS = {
    FOLDER: "rw,exec,nosuid,nodev,size=3g,nr_inodes=500k,uid=1000,gid=1000,mode=0755",
    "/tmp": "rw,exec,nosuid,nodev,size=2g,nr_inodes=500k,mode=1777",  # noqa: S108 - inside the container
    TOOLS: "rw,exec,nosuid,nodev,size=1m,mode=0755",
    # Without it, and with no IPC namespace shared, multiprocessing has no semaphores.
    "/dev/shm": "rw,nosuid,nodev,noexec,size=256m,mode=1777",  # noqa: S108
}


class DockerWorkspace:
    """Commands by exec in one container."""

    def __init__(
        self, client: DockerClient, environment: Environment, limits: Limits, network: Network = NO_NETWORK
    ) -> None:
        self.root = f"{FOLDER}/tree"
        self.tools = TOOLS
        self._client = client
        self._limits = limits
        self._unpacking: StartedCommand | None = None
        self._waiting: tuple[StartedCommand, str] | None = None
        self._network = network
        self._ends = contextlib.ExitStack()
        out = self._ends.enter_context(way_out(network))
        try:
            self._container, lifeline = start_holder(client, environment.location, limits, out)
            self._ends.callback(self._remove)
            self._ends.callback(close_stream, lifeline)
            with archive({".": INSIDE}, 0) as data:
                self._must([*UNPACK[:-1], TOOLS], "0:0", data)
            if out.proxy:
                self._must(out.forwarder(TOOLS), "0:0")
            # The tree's folder is there before the tree: what waits for it starts in it.
            question = f"mkdir {FOLDER}/home {self.root} && if [ -d {BUILT} ]; then echo built; fi"
            self._has_built = self._must(["sh", "-c", question], USER) == b"built\n"
        except BaseException:
            self.close()
            raise

    def warm(self) -> None:
        """Start what the next tests begin with: that which unpacks the trees, and their interpreter."""
        unpack = ContainerCommand(UNPACK, user=USER, deadline_seconds=UNPACK_SECONDS, takes_input=True)
        self._unpacking = StartedCommand(self._client, self._container, unpack)
        waiting = Command(("{python}", f"{TOOLS}/waiting_python.py", "timed"), limits=self._limits)
        self._waiting = self._start(waiting, itself=True)

    def fill(self, source: Path, beside: Mapping[str, Path]) -> None:
        """Put the trees in. Raises SandboxLost; the workspace is then to be closed."""
        trees = {"tree": source} | {f"beside/{name}": path for name, path in beside.items()}
        with archive(trees, int(USER.partition(":")[0])) as data:
            if self._unpacking is None:
                self._must(UNPACK, USER, data)
            else:
                unpacking, self._unpacking = self._unpacking, None
                output = OutputCap(4096)
                unpacking.send(data)
                _check(UNPACK, unpacking.finish(output.add), output)
        if self._has_built:
            self._must([PYTHON, f"{TOOLS}/overlay_built.py", BUILT, self.root], USER)

    def run(self, command: Command, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        limits = command.limits
        self._apply(limits)
        ended: list[tuple[int, int]] = []
        cap = OutputCap(limits.output_bytes)

        def take(chunk: bytes) -> None:
            cap.add(chunk)
            if on_output:
                on_output(chunk)

        def end(record: dict[str, Any]) -> None:
            ended.append((int(record["code"]), int(record["memory"])))

        started = time.monotonic()
        running, mark = self._woken(command) or self._start(command)
        parser = RecordParser(mark, end, take)
        code = running.finish(parser.add)
        parser.flush()
        seconds = time.monotonic() - started
        # The wrapper ends with 0. Where the command has killed it, the last word is not its own.
        last = ended[-1] if ended and code == 0 else None
        status, exit_code = self._status(last, seconds >= limits.wall_seconds)
        return Outcome(status, exit_code, cap.output(), cap.dropped_bytes, seconds)

    def close(self) -> None:
        for each in (self._unpacking, *(self._waiting or ())[:1]):
            if each is not None:
                each.close()
        self._ends.close()

    def _remove(self) -> None:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        # The container ends and removes itself when its input closes: that may be faster.
        with contextlib.suppress(DockerException, RequestException):
            self._client.api.remove_container(self._container, force=True, v=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, command: Command, itself: bool = False) -> tuple[StartedCommand, str]:
        """Start a command under the wrapper; `itself`: it waits for its input and keeps to its time limit then."""
        mark = secrets.token_hex(16)
        limits = command.limits
        seconds = "itself" if itself else str(limits.wall_seconds)
        wrapper = ["sh", f"{TOOLS}/run_limited.sh", mark, seconds, str(limits.file_bytes // 512)]
        arguments = [PYTHON if word == "{python}" else word for word in command.arguments]
        inside = ContainerCommand(
            [*wrapper, *arguments],
            self._variables() | dict(command.environment),
            folder=f"{self.root}/{command.folder}",
            user=USER,
            deadline_seconds=limits.wall_seconds + GRACE_SECONDS,
            takes_input=itself,
        )
        return StartedCommand(self._client, self._container, inside), mark

    def _woken(self, command: Command) -> tuple[StartedCommand, str] | None:
        """The interpreter that waits, if it can run the command. No other command would leave it alive."""
        if self._waiting is None:
            return None
        (running, mark), self._waiting = self._waiting, None
        if not can_wake(command, self._limits):
            running.send(io.BytesIO())
            running.finish(lambda _: None)  # all processes are ended with it, so it must be over
            return None
        running.send(io.BytesIO(wake_up_line(command, f"{self.root}/{command.folder}")))
        return running, mark

    def _variables(self) -> dict[str, str]:
        variables = {
            "PATH": f"{ENVIRONMENT}/venv/bin:{SYSTEM_PATH}",
            "VIRTUAL_ENV": f"{ENVIRONMENT}/venv",
            "HOME": f"{FOLDER}/home",
            "TMPDIR": "/tmp",  # noqa: S108 - inside the container
            "LANG": "C.UTF-8",
        }
        return self._network.applied_to(variables)

    def _status(self, ended: tuple[int, int] | None, late: bool) -> tuple[OutcomeStatus, int | None]:
        """How the command ended, by the wrapper's word (exit code, kills for memory), or by what the engine knows."""
        if ended is None:
            self._check_alive()
            return ("timed_out" if late else "signalled"), None
        inner, killed_for_memory = ended
        if killed_for_memory > 0:
            return "out_of_memory", None
        if inner != 0 and self._is_full():
            return "disk_full", None
        if late and inner in (124, 137):
            return "timed_out", None
        # A shell's word for "ended by signal N" is 128 + N.
        return ("signalled", None) if 128 < inner <= 192 else ("exited", inner)

    def _is_full(self) -> bool:
        """Whether a failure may be for want of space or of inodes."""
        output = OutputCap(4096)
        question = "df -P $0 /tmp; df -Pi $0 /tmp"
        command = ContainerCommand(["sh", "-c", question, FOLDER], deadline_seconds=GRACE_SECONDS)
        # It cannot even be asked while the processes of a fork bomb are going away.
        with contextlib.suppress(SandboxLost):
            execute(self._client, self._container, command, output.add)
        return re.search(rb" (?:99|100)% ", output.output()) is not None

    def _check_alive(self) -> None:
        from docker.errors import DockerException

        # The streams of a container that was killed end before the engine says that it does not run any more.
        for _ in range(ALIVE_LOOKS):
            try:
                state = self._client.api.inspect_container(self._container)["State"]
            except DockerException as error:
                raise SandboxLost(f"the container is gone: {error}") from error
            if not state["Running"]:
                raise SandboxLost("the container was ended under its command")
            time.sleep(0.1)

    def _apply(self, limits: Limits) -> None:
        """Set the container's limits to this command's. The SDK's own method knows no process limit."""
        wanted = (limits.memory_bytes, limits.processes)
        if wanted == (self._limits.memory_bytes, self._limits.processes):
            return
        body = {"Memory": wanted[0], "MemorySwap": wanted[0], "PidsLimit": wanted[1]}
        api = self._client.api
        answer = api.post(f"{api.base_url}/v{api.api_version}/containers/{self._container}/update", json=body)
        if not answer.ok:
            raise SandboxLost(f"the limits could not be set: {answer.text}")
        self._limits = limits

    def _must(self, arguments: Sequence[str], user: str, stdin: IO[bytes] | None = None) -> bytes:
        output = OutputCap(4096)
        command = ContainerCommand(arguments, user=user, deadline_seconds=UNPACK_SECONDS)
        _check(arguments, execute(self._client, self._container, command, output.add, stdin), output)
        return output.output()


def _check(arguments: Sequence[str], code: int | None, output: OutputCap) -> None:
    if code != 0:
        words = output.output().decode(errors="replace").strip()
        raise SandboxLost(f"the workspace could not be made: {arguments[0]} ended with {code}: {words}")


def owner_labels() -> dict[str, str]:
    """What the reaper goes by; an engine may serve several machines, whose process ids say nothing to each other."""
    return {OWNER_LABEL: own_identity(), HOST_LABEL: platform.node()}


def start_holder(client: DockerClient, image: str, limits: Limits, out: WayOut) -> tuple[str, Any]:
    """Start the container that holds a workspace; its id and the connection that keeps it alive."""
    from docker.errors import DockerException
    from docker.types import LogConfig
    from requests.exceptions import RequestException

    api = client.api
    settings = api.create_host_config(
        network_mode=out.mode,
        binds=[f"{path}:{inside}:ro" for inside, path in out.mounts.items()],
        read_only=True,
        tmpfs=TMPFS,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges", f"seccomp={seccomp_profile()}"],
        pids_limit=limits.processes,
        mem_limit=limits.memory_bytes,
        memswap_limit=limits.memory_bytes,
        ipc_mode="none",
        init=True,
        auto_remove=True,
        log_config=LogConfig(type="none"),
    )
    lifeline = None
    try:
        made = api.create_container(
            image,
            # Root without capabilities, so that commands cannot end it; it ends when its input closes.
            ["cat"],
            user="0:0",
            stdin_open=True,
            labels=owner_labels(),
            host_config=settings,
        )
        identity = str(made["Id"])
        lifeline = api.attach_socket(identity, params={"stdin": 1, "stream": 1})
        api.start(identity)
    except (DockerException, RequestException) as error:
        if lifeline is not None:
            close_stream(lifeline)
        raise SandboxLost(f"the container could not be started: {error}") from error
    return identity, lifeline
