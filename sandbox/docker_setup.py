"""The container in which an environment is built: with network, and with the user's index settings lent to it.

They come as variables of each command and as read-only mounts, so that nothing of them is committed to the image.
"""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from overhaul.sandbox.docker_archive import archive
from overhaul.sandbox.docker_network import way_out
from overhaul.sandbox.docker_stream import ContainerCommand, execute
from overhaul.sandbox.docker_workspace import ENVIRONMENT, OWNER_LABEL, PYTHON, SYSTEM_PATH, owner_labels
from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.index_access import IndexAccess, index_access, replaced_words
from overhaul.sandbox.network import Network
from overhaul.sandbox.output_cap import OutputCap
from overhaul.sandbox.plan import EnvironmentPlan, Step
from overhaul.sandbox.provider import Outcome
from overhaul.sandbox.supervised import INSIDE

if TYPE_CHECKING:
    from docker import DockerClient

BUILD, LENT = "/overhaul/build", "/overhaul/lent"
KEY_LABEL = "overhaul.key"
STEP_SECONDS = 3600
MEMORY_BYTES = 8 << 30
PROCESSES = 2048


class SetupContainer:
    """Used as a context; the container is removed at its end, whatever happened."""

    def __init__(self, client: DockerClient, image: str, network: Network) -> None:
        import uv  # only setups need it
        from docker.types import LogConfig

        self._client = client
        program = Path(uv.find_uv_bin())
        access = index_access(os.environ)
        reachable = network.for_setup(access.environment)
        borrowed = lent(access)
        self._network_variables = reachable.applied_to(borrowed.environment)
        self._ends = contextlib.ExitStack()
        self._way_out = self._ends.enter_context(way_out(reachable))
        mounts = {f"{LENT}/uv": program, **borrowed.mounts, **self._way_out.mounts}
        api = client.api
        try:
            made = api.create_container(
                image,
                ["sleep", str(STEP_SECONDS * 4)],
                user="0:0",
                labels=owner_labels(),
                host_config=api.create_host_config(
                    binds=[f"{path}:{inside}:ro" for inside, path in mounts.items()],
                    network_mode=self._way_out.mode,
                    init=True,
                    pids_limit=PROCESSES,
                    mem_limit=MEMORY_BYTES,
                    security_opt=["no-new-privileges"],
                    log_config=LogConfig(type="none"),
                ),
            )
            self._container = str(made["Id"])
            self._ends.callback(self._remove)
            api.start(self._container)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def refused(self) -> Sequence[str]:
        """What the network has refused by now."""
        return self._way_out.proxy.refused if self._way_out.proxy else ()

    def close(self) -> None:
        self._ends.close()

    def _remove(self) -> None:
        from docker.errors import DockerException

        with contextlib.suppress(DockerException):
            self._client.api.remove_container(self._container, force=True, v=True)

    def places(self, interpreter: str) -> dict[str, str]:
        return {
            "uv": f"{LENT}/uv",
            "interpreter": interpreter,
            "python": PYTHON,
            "environment": ENVIRONMENT,
            "source": f"{BUILD}/source",
            "files": f"{BUILD}/files",
            "tools": f"{BUILD}/tools",
        }

    def send(self, plan: EnvironmentPlan, source: Path) -> None:
        """Put the tree, the plan's files and our scripts into the build folder."""
        self._must(["mkdir", "-p", ENVIRONMENT, f"{BUILD}/files", f"{BUILD}/home"])
        unpack = ["tar", "-x", "-f", "-", "-C", BUILD]
        with archive({"source": source, "tools": INSIDE}, 0) as data:
            self._must(unpack, data)
        self._must(unpack, _files(plan))
        if self._way_out.proxy:
            self._must(self._way_out.forwarder(f"{BUILD}/tools"))

    def run(self, arguments: Sequence[str], step: Step, on_output: Callable[[bytes], None]) -> Outcome:
        cap = OutputCap(1 << 20)

        def take(chunk: bytes) -> None:
            cap.add(chunk)
            on_output(chunk)

        started = time.monotonic()
        command = ContainerCommand(
            # One stream for both outputs, so that they stay in order.
            ["sh", "-c", 'exec "$@" 2>&1', "sh", "timeout", "-k", "5", str(STEP_SECONDS), *arguments],
            self._variables() | dict(step.environment),
            folder=f"{BUILD}/source" if step.name == "script" else BUILD,
            deadline_seconds=STEP_SECONDS + 60,
        )
        code = execute(self._client, self._container, command, take)
        seconds = time.monotonic() - started
        late = code in (124, 137) and seconds >= STEP_SECONDS
        return Outcome("timed_out" if late else "exited", None if late else code, cap.output(), 0, seconds)

    def python_version(self) -> str:
        output = OutputCap(4096)
        command = ContainerCommand([PYTHON, "-I", "-c", "import platform; print(platform.python_version())"])
        if execute(self._client, self._container, command, output.add) != 0:
            raise EnvironmentFailed(
                f"the new environment does not start: {output.output().decode(errors='replace')}"
            )
        return output.output().decode(errors="replace").strip()

    def clean(self) -> None:
        """Remove what only the build needed, before it becomes a layer, and give the tests' user a name."""
        entry = "overhaul:x:1000:1000::/workspace/home:/bin/sh"
        self._must(
            ["sh", "-c", f"grep -q ':x:1000:' /etc/passwd || echo {entry} >>/etc/passwd; rm -rf {BUILD}"]
        )

    def commit(self, repository: str, tag: str, plan: EnvironmentPlan) -> str:
        from docker.errors import DockerException

        labels = {"overhaul.fingerprint": plan.fingerprint, "overhaul.project": plan.project, KEY_LABEL: tag}
        # The container's own label would mark the image's containers as this process's.
        settings = {
            "Labels": {**labels, OWNER_LABEL: ""},
            "Env": [f"PATH={ENVIRONMENT}/venv/bin:{SYSTEM_PATH}"],
        }
        try:
            made = self._client.api.commit(self._container, repository=repository, tag=tag, conf=settings)
        except DockerException as error:
            raise EnvironmentFailed(f"the environment's image could not be written: {error}") from error
        return str(made["Id"])

    def _variables(self) -> dict[str, str]:
        return {
            "PATH": f"{ENVIRONMENT}/venv/bin:{SYSTEM_PATH}:{LENT}",
            "HOME": f"{BUILD}/home",
            "LANG": "C.UTF-8",
            "VIRTUAL_ENV": f"{ENVIRONMENT}/venv",
            "UV_CACHE_DIR": f"{BUILD}/cache",
            "UV_LINK_MODE": "copy",
            # One that uv downloads becomes part of the image.
            "UV_PYTHON_INSTALL_DIR": f"{ENVIRONMENT}/python",
            "UV_NO_PROGRESS": "1",
            **self._network_variables,
        }

    def _must(self, arguments: Sequence[str], stdin: Any = None) -> None:
        output = OutputCap(4096)
        code = execute(self._client, self._container, ContainerCommand(arguments), output.add, stdin)
        if code != 0:
            words = output.output().decode(errors="replace").strip()
            raise EnvironmentFailed(
                f"the setup's container failed: {arguments[0]} ended with {code}: {words}"
            )


class LentAccess:
    """Index settings as they are inside a container: `mounts` maps places inside to files of the host."""

    def __init__(self, environment: Mapping[str, str], mounts: Mapping[str, Path]) -> None:
        self.environment = environment
        self.mounts = mounts


def lent(access: IndexAccess) -> LentAccess:
    """Give each host path a place inside."""
    inside = {str(path): f"{LENT}/{number}-{path.name}" for number, path in enumerate(access.files)}
    environment = replaced_words(access.environment, inside)
    return LentAccess(environment, {place: Path(path) for path, place in inside.items()})


def _files(plan: EnvironmentPlan) -> io.BytesIO:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in plan.files.items():
            encoded = content.encode()
            member = tarfile.TarInfo(f"files/{name}")
            member.size = len(encoded)
            tar.addfile(member, io.BytesIO(encoded))
    data.seek(0)
    return data
