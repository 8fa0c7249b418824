"""Base images: which one an environment is made from, and what to do where there is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from overhaul.sandbox.docker_engine import engine_fault
from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.interpreter import OWN

if TYPE_CHECKING:
    from docker import DockerClient

LOCAL_BASE = "overhaul/base:bookworm"
BASE_PACKAGES = "python3,python3-venv,git,ca-certificates,less"
HOW_TO_MAKE_ONE = "make one, as root and with debootstrap (about a minute): overhaul environments base"


def base_image(client: DockerClient, setting: str, python: str, memory: Path) -> tuple[str, str]:
    """The image's id and the interpreter in it to start from. `setting` is "auto" or an image by name.

    "auto" is the local base if it has this Python, else the official `python:X.Y-slim`, pulled if need be.
    `memory` is a file that remembers the Python of local bases. Raises EnvironmentFailed with what to do.
    """
    if setting != "auto":
        # Whoever names an image means the Python in it.
        return _id_of(client, setting) or _pull(client, setting), "python3"
    local = _id_of(client, LOCAL_BASE)
    found = _python_version(client, local, memory) if local else None
    if local and (not python or found == python):
        return local, "python3"
    official = official_image(python)
    wrong = f"{LOCAL_BASE} has Python {found}, {python} is needed; " if local else ""
    try:
        return _id_of(client, official) or _pull(client, official), "python3"
    except EnvironmentFailed as error:
        advice = f"ask for another with --python {found}, or name an image" if local else HOW_TO_MAKE_ONE
        raise EnvironmentFailed(f"{wrong}{error}\n  {advice}") from error


def missing_base(client: DockerClient, setting: str) -> str | None:
    """What to do if there is no base image here and none can be pulled."""
    from docker.errors import DockerException

    wanted = official_image(OWN) if setting == "auto" else setting
    if (setting == "auto" and _id_of(client, LOCAL_BASE)) or _id_of(client, wanted):
        return None
    try:
        client.images.get_registry_data(wanted)
    except DockerException:
        return f"no base image: {wanted} is not here and cannot be pulled; {HOW_TO_MAKE_ONE}"
    return None


def official_image(python: str) -> str:
    return f"python:{python}-slim"


def _id_of(client: DockerClient, name: str) -> str | None:
    from docker.errors import ImageNotFound

    try:
        identity: str | None = client.images.get(name).id
        return identity
    except ImageNotFound:
        return None


def _pull(client: DockerClient, name: str) -> str:
    from docker.errors import DockerException

    repository, _, tag = name.rpartition(":")
    if not repository or "/" in tag:
        repository, tag = name, "latest"
    try:
        return str(client.images.pull(repository, tag=tag).id)
    except DockerException as error:
        raise EnvironmentFailed(f"image {name!r} is not here and could not be pulled: {error}") from error


def _python_version(client: DockerClient, image: str, memory: Path) -> str | None:
    """X.Y of an image's python3, asked once: an image never changes under its id."""
    from docker.errors import DockerException

    try:
        known: dict[str, str] = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if image in known:
        return known[image]
    command = ["python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        output = client.containers.run(
            image, command, remove=True, network_mode="none", cap_drop=["ALL"], read_only=True
        )
    except DockerException:
        return None
    known[image] = bytes(output).decode().strip()
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(known), encoding="utf-8")
    return known[image]


def make_base(suite: str) -> str:
    """Make LOCAL_BASE from Debian's packages and return its name. Raises EnvironmentFailed with what to do."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise EnvironmentFailed(
            "making a base image needs root and debootstrap. On Debian and Ubuntu: apt-get install debootstrap,"
            " then as root: overhaul environments base"
        )
    fault = engine_fault()
    if fault:
        raise EnvironmentFailed(fault)
    with tempfile.TemporaryDirectory(prefix="overhaul-base-") as folder:
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={BASE_PACKAGES}", suite, f"{folder}/root"],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise EnvironmentFailed(f"debootstrap failed: {(made.stdout + made.stderr)[-1000:].strip()}")
        # The SDK's own import method takes no stream.
        with subprocess.Popen(["tar", "-C", f"{folder}/root", "-c", "."], stdout=subprocess.PIPE) as packed:
            imported = subprocess.run(
                ["docker", "import", "-", LOCAL_BASE],
                stdin=packed.stdout,
                capture_output=True,
                text=True,
                check=False,
            )
    if imported.returncode != 0:
        raise EnvironmentFailed(f"docker import failed: {imported.stderr.strip()}")
    return LOCAL_BASE
