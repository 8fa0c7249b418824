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
from overhaul.sandbox.interpreter import KNOWN, OWN
from overhaul.sandbox.remembered import Remembered

if TYPE_CHECKING:
    from docker import DockerClient

LOCAL_BASE = "overhaul/base:bookworm"
BASE_PACKAGES = "python3,python3-venv,git,ca-certificates,less"
HOW_TO_MAKE_ONE = "make one, as root and with debootstrap (about a minute): overhaul environments base"


def base_image(client: DockerClient, setting: str, python: str, memory: Path) -> tuple[str, str]:
    """The image's id and the interpreter in it to start from. `setting` is "auto" or an image by name.

    "auto" is the local base if it has this Python, else the official `python:X.Y-slim`, pulled if need be, else the
    local base with a Python that uv downloads: then the interpreter is a version. `memory` is a file that remembers
    the Python of local bases. Raises EnvironmentFailed with what to do.
    """
    if setting != "auto":
        # Whoever names an image means the Python in it.
        return _id_of(client, setting) or _pull(client, setting), "python3"
    local = _id_of(client, LOCAL_BASE)
    if local and (not python or _python_version(client, local, memory) == python):
        return local, "python3"
    official = official_image(python)
    found = _id_of(client, official)
    remembered = Remembered(memory.with_name("images.json"))
    if found is None and not (local and remembered.has_failed(official)):
        try:
            found = _pull(client, official)
        except EnvironmentFailed as error:
            remembered.note(official, None)
            if local is None:
                raise EnvironmentFailed(f"{error}\n  {HOW_TO_MAKE_ONE}") from error
    return (found, "python3") if found else (str(local), python)


def image_pythons(client: DockerClient, setting: str, memory: Path) -> list[str]:
    """Versions of the base images that are here: the local one's and those of official ones, or the named image's."""
    names = [LOCAL_BASE] if setting == "auto" else [setting]
    here = {identity for name in names if (identity := _id_of(client, name))}
    found = {_python_version(client, identity, memory) for identity in here}
    if setting == "auto":
        found |= {version for version in KNOWN if _id_of(client, official_image(version))}
    return sorted((version for version in found if version), key=lambda each: int(each.partition(".")[2]))


def can_have_python(client: DockerClient, python: str, memory: Path) -> bool:
    """Whether the local base has this Python, or an official image of it is here or can be pulled."""
    from docker.errors import DockerException

    local, official = _id_of(client, LOCAL_BASE), official_image(python)
    if (local and _python_version(client, local, memory) == python) or _id_of(client, official):
        return True
    remembered = Remembered(memory.with_name("images.json"))
    if remembered.has_failed(official):
        return False
    try:
        client.images.get_registry_data(official)
    except DockerException:
        remembered.note(official, None)
        return False
    return True


def how_to_have_python(python: str) -> str:
    """What to do where an environment's Python could not be had."""
    return (
        f"{LOCAL_BASE} does not have Python {python}, {official_image(python)} is not here and cannot be pulled, and uv"
        f" could not download one into the image.\n  Load an image of it (docker load, docker import, or a registry) as"
        f" {official_image(python)}, or allow another one in the project's requires-python"
    )


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
