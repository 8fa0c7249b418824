"""The Docker engine: whether one answers, and the SDK's client for it."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import DockerClient

DEFAULT_ADDRESS = "unix:///var/run/docker.sock"
CONNECT_SECONDS = 5.0


def engine_fault() -> str | None:
    """Why no engine can be used and what to do about it, or None.

    A local socket is tried by hand: the SDK takes long to import and leaves its own socket open when it fails.
    """
    address = os.environ.get("DOCKER_HOST") or DEFAULT_ADDRESS
    try:
        if address.startswith("unix://"):
            _try_socket(address.removeprefix("unix://"))
    except PermissionError:
        return "no permission to use the Docker engine: add yourself to the group 'docker', then log in again"
    except OSError as error:
        return (
            f"no Docker engine answers at {address} ({error.strerror}): "
            "install Docker and start it (systemctl start docker)"
        )
    try:
        import docker
    except ImportError:
        return "the Python package 'docker' is not installed: pip install docker"
    try:
        with contextlib.closing(docker.from_env()) as client:
            client.ping()
    except docker.errors.DockerException as error:
        return f"the Docker engine at {address} does not answer: {error}"
    return None


def connect() -> DockerClient:
    import docker

    return docker.from_env()


def _try_socket(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(path)
