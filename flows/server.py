"""The background Prefect server behind a command (DESIGN.md): the first command starts it, later ones find it.

Never Prefect's own ephemeral server: that one loses task runs when the process ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from overhaul.flows.companions import COMPANIONS, Started, end_all, identity, start_all
from overhaul.flows.errors import ServerError
from overhaul.flows.settings import Settings

START_TIMEOUT_SECONDS = 120.0

# Measured: batching takes the server's cost of a task from 31 to 9 ms; the V2 UI hides Resume in a menu and
# contacts an analytics host even with analytics off.
SERVER_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
}

# A Popen that is forgotten while its process lives on complains; the server is meant to outlive this process.
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class Server:
    """A server of ours, and what was started beside it."""

    process: Started
    port: int
    auth_string: str
    companions: tuple[Started, ...] = ()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def ui_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_whole(self) -> bool:
        """Whether everything beside the server still runs."""
        running = {each.name for each in self.companions if each.process is not None}
        return running == {each.name for each in COMPANIONS}

    @property
    def pid(self) -> int:
        return self.process.pid

    def answers(self) -> bool:
        """Ask the server for its health, with our password."""
        return is_reachable(self.api_url, self.auth_string)

    def is_running(self) -> bool:
        """Whether it answers; one whose process lives may be busy, and is waited for lest a second one is started."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while self.process.process is not None and time.monotonic() < deadline:
            if self.answers():
                return True
            time.sleep(0.2)
        return False


def is_reachable(api_url: str, auth_string: str | None = None) -> bool:
    """Ask a server for its health; one that wants a password that we do not have is there all the same.

    With a password given, one that wants another is somebody else's: ours has ended and its port was taken.
    """
    is_ours, headers = auth_string is not None, {}
    if auth_string := auth_string or os.environ.get("PREFECT_API_AUTH_STRING"):
        headers["Authorization"] = f"Basic {b64encode(auth_string.encode()).decode()}"
    try:
        request = urllib.request.Request(f"{api_url.rstrip('/')}/health", headers=headers)  # noqa: S310
        # A proxy of the user's has no business between this command and its own server.
        proxies = urllib.request.ProxyHandler({} if "//127.0.0.1" in api_url else None)
        with urllib.request.build_opener(proxies).open(request, timeout=5) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as error:
        return not is_ours and error.code in {401, 403}
    except (OSError, ValueError):
        return False


def connect(settings: Settings, announce: Callable[[str], None]) -> None:
    """Point this process at a Prefect server; call it before Prefect is imported.

    A `PREFECT_API_URL` of the user's own is used as it is. Otherwise our background server is found or started.
    Raises ServerError if it does not start.
    """
    os.environ.setdefault("PREFECT_HOME", str(settings.home / "prefect"))
    os.environ.setdefault("PREFECT_LOCAL_STORAGE_PATH", str(settings.home / "results"))
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", "CRITICAL")
    (settings.home / "prefect").mkdir(parents=True, exist_ok=True)
    if url := os.environ.get("PREFECT_API_URL"):
        if not is_reachable(url):
            raise ServerError(
                f"PREFECT_API_URL is {url}, where no Prefect server answers. Start it, correct the variable"
                " (PREFECT_API_AUTH_STRING holds its password), or unset it to use overhaul's own server"
            )
        return
    server = ensure(settings, announce)
    os.environ["NO_PROXY"] = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1"]))
    os.environ["PREFECT_API_URL"] = server.api_url
    os.environ["PREFECT_API_AUTH_STRING"] = server.auth_string


def ensure(settings: Settings, announce: Callable[[str], None], *, alone: bool = False) -> Server:
    """Return the running server, or start one. Two commands at once start one.

    What runs beside it is started as well, again if it has ended; not if it shall be `alone`.
    """
    settings.server.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (server := find(settings)) is not None and (alone or server.is_whole):
        return server
    with _start_lock(settings):
        if (server := find(settings)) is not None:
            return server if alone or server.is_whole else _record_whole(settings, server)
        announce("starting the background Prefect server")
        return _start(settings, alone)


def find(settings: Settings) -> Server | None:
    """Return our server if it runs and answers."""
    server = _recorded(settings)
    return server if server is not None and server.is_running() else None


def is_ours(settings: Settings, api_url: str | None) -> bool:
    """Whether an API is that of our background server, by its record."""
    server = _recorded(settings)
    return server is not None and server.api_url == api_url


def stop(settings: Settings) -> bool:
    """End the server; open gates and finished steps stay in its database. Returns whether one was running."""
    server = _recorded(settings)
    if server is None or server.process.process is None:
        return False
    end_all((*server.companions, server.process))
    for process in [each for each in _started if each.pid == server.pid]:
        process.wait()
        _started.remove(process)
    return True


def _start(settings: Settings, alone: bool) -> Server:
    before = _recorded(settings)
    if before is not None:
        end_all(
            (*before.companions, before.process)
        )  # of a server that was killed, or does not answer any more
    # Links to gates that people keep for weeks stay valid, and so does their login.
    auth_string = before.auth_string if before else f"overhaul:{secrets.token_urlsafe(24)}"
    port = before.port if before and _is_free(before.port) else _free_port()
    log = settings.server / "server.log"
    environment = _environment(settings, port, auth_string)
    arguments = [
        sys.executable,
        "-m",
        "overhaul.flows.light_process",
        "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with log.open("ab") as output:
        process = subprocess.Popen(
            arguments,
            env=environment,
            cwd=settings.server,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _started.append(process)
    server = Server(identity("server", process), port, auth_string)
    _await_answer(server, process, log)
    _recorded_as(settings, server)
    return server if alone else _record_whole(settings, server)


def _record_whole(settings: Settings, server: Server) -> Server:
    """Start what is missing beside the server."""
    left = tuple(each for each in server.companions if each.process is not None)
    missing = [each for each in COMPANIONS if each.name not in {running.name for running in left}]
    environment = _environment(settings, server.port, server.auth_string)
    started = start_all(settings.server, environment, missing)
    return _recorded_as(settings, replace(server, companions=(*left, *started)))


def _recorded_as(settings: Settings, server: Server) -> Server:
    descriptor = os.open(_record(settings), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(server), file)
    return server


def _environment(settings: Settings, port: int, auth_string: str) -> dict[str, str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PREFECT_") and name != "PYTHONPATH"
    } | SERVER_SETTINGS
    return environment | {
        "PREFECT_HOME": str(settings.server),
        "PREFECT_SERVER_API_AUTH_STRING": auth_string,
        "PREFECT_API_AUTH_STRING": auth_string,
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PYTHONSAFEPATH": "1",
        "OVERHAUL_HOME": str(settings.home),
    }


def _await_answer(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    try:
        while not server.answers():
            if process.poll() is not None:
                raise ServerError(f"the background Prefect server ended while starting. Its log: {log}")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"the background Prefect server did not answer within {START_TIMEOUT_SECONDS:.0f} s. Its log: {log}"
                )
            time.sleep(0.1)
    except BaseException:
        # Nobody knows of a server that is not recorded yet: ^C here must not leave one behind.
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        raise


def _recorded(settings: Settings) -> Server | None:
    try:
        known = json.loads(_record(settings).read_text())
        started = tuple(Started(**each) for each in known.pop("companions", ()))
        return Server(Started(**known.pop("process")), **known, companions=started)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _record(settings: Settings) -> Path:
    return settings.server / "server.json"


@contextmanager
def _start_lock(settings: Settings) -> Iterator[None]:
    with (settings.server / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
