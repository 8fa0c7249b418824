"""A workspace in a container that stays warm: no network, no capabilities, a read-only root, everything in memory.

The container lives as long as the connection that we hold to its standard input: it ends when we do, even by kill -9.
"""

from __future__ import annotations

import contextlib
import platform
import re
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from overhaul.sandbox.docker_archive import archive
from overhaul.sandbox.docker_seccomp import seccomp_profile
from overhaul.sandbox.docker_stream import ContainerCommand, close_stream, execute
from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.output_cap import OutputCap
from overhaul.sandbox.owner import own_identity
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome, OutcomeStatus
from overhaul.sandbox.records import RecordParser
from overhaul.sandbox.supervised import INSIDE

if TYPE_CHECKING:
    from docker import DockerClient

OWNER_LABEL, HOST_LABEL = "overhaul.owner", "overhaul.host"
USER = "1000:1000"
FOLDER, TOOLS, ENVIRONMENT = "/workspace", "/overhaul-tools", "/overhaul/environment"
PYTHON = f"{ENVIRONMENT}/venv/bin/python"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
GRACE_SECONDS = 30.0
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
        self, client: DockerClient, source: Path, environment: Environment, beside: Mapping[str, Path]
    ) -> None:
        self.root = f"{FOLDER}/tree"
        self.tools = TOOLS
        self._client = client
        self._limits = Limits()
        self._container, self._lifeline = start_holder(client, environment.location, self._limits)
        try:
            self._send({".": INSIDE}, TOOLS, "0:0")
            trees = {"tree": source} | {f"beside/{name}": path for name, path in beside.items()}
            self._send(trees, FOLDER, USER)
            overlay = f"{PYTHON} {TOOLS}/overlay_built.py {ENVIRONMENT}/built {self.root}"
            built = f"mkdir -p {FOLDER}/home; [ ! -d {ENVIRONMENT}/built ] || {overlay}"
            self._must(["sh", "-c", built], USER)
        except BaseException:
            self.close()
            raise

    def run(self, command: Command, on_output: Callable[[bytes], None] | None = None) -> Outcome:
        limits = command.limits
        self._apply(limits)
        mark = secrets.token_hex(16)
        ended: list[tuple[int, int]] = []
        cap = OutputCap(limits.output_bytes)

        def take(chunk: bytes) -> None:
            cap.add(chunk)
            if on_output:
                on_output(chunk)

        def end(record: dict[str, Any]) -> None:
            ended.append((int(record["code"]), int(record["memory"])))

        parser = RecordParser(mark, end, take)
        arguments = [PYTHON if word == "{python}" else word for word in command.arguments]
        wrapper = [
            "sh",
            f"{TOOLS}/run_limited.sh",
            mark,
            str(limits.wall_seconds),
            str(limits.file_bytes // 512),
        ]
        inside = ContainerCommand(
            [*wrapper, *arguments],
            self._variables() | dict(command.environment),
            folder=f"{self.root}/{command.folder}",
            user=USER,
            deadline_seconds=limits.wall_seconds + GRACE_SECONDS,
        )
        started = time.monotonic()
        code = execute(self._client, self._container, inside, parser.add)
        parser.flush()
        seconds = time.monotonic() - started
        # The wrapper ends with 0. Where the command has killed it, the last word is not its own.
        last = ended[-1] if ended and code == 0 else None
        status, exit_code = self._status(last, seconds >= limits.wall_seconds)
        return Outcome(status, exit_code, cap.output(), cap.dropped_bytes, seconds)

    def close(self) -> None:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        close_stream(self._lifeline)
        # The container ends and removes itself when its input closes: that may be faster.
        with contextlib.suppress(DockerException, RequestException):
            self._client.api.remove_container(self._container, force=True, v=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _variables(self) -> dict[str, str]:
        return {
            "PATH": f"{ENVIRONMENT}/venv/bin:{SYSTEM_PATH}",
            "VIRTUAL_ENV": f"{ENVIRONMENT}/venv",
            "HOME": f"{FOLDER}/home",
            "TMPDIR": "/tmp",  # noqa: S108 - inside the container
            "LANG": "C.UTF-8",
        }

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

        try:
            state = self._client.api.inspect_container(self._container)["State"]
        except DockerException as error:
            raise SandboxLost(f"the container is gone: {error}") from error
        if not state["Running"]:
            raise SandboxLost("the container was ended under its command")

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

    def _send(self, trees: Mapping[str, Path], folder: str, user: str) -> None:
        # put_archive would write beneath a tmpfs, unseen: tar inside the container writes into it.
        with archive(trees, int(user.partition(":")[0])) as data:
            self._must(["tar", "-x", "-f", "-", "-C", folder], user, data)

    def _must(self, arguments: list[str], user: str, stdin: Any = None) -> None:
        output = OutputCap(4096)
        command = ContainerCommand(arguments, user=user, stdin=stdin, deadline_seconds=600.0)
        code = execute(self._client, self._container, command, output.add)
        if code != 0:
            words = output.output().decode(errors="replace").strip()
            raise SandboxLost(f"the workspace could not be made: {arguments[0]} ended with {code}: {words}")


def owner_labels() -> dict[str, str]:
    """What the reaper goes by; an engine may serve several machines, whose process ids say nothing to each other."""
    return {OWNER_LABEL: own_identity(), HOST_LABEL: platform.node()}


def start_holder(client: DockerClient, image: str, limits: Limits) -> tuple[str, Any]:
    """Start the container that holds a workspace; its id and the connection that keeps it alive."""
    from docker.errors import DockerException
    from docker.types import LogConfig

    api = client.api
    settings = api.create_host_config(
        network_mode="none",
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
    except DockerException as error:
        raise SandboxLost(f"the container could not be started: {error}") from error
    return identity, lifeline
