"""Interpreters of this machine: along PATH, in pyenv's and uv's folders, or one that uv downloads."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from overhaul.sandbox.errors import EnvironmentFailed
from overhaul.sandbox.interpreter import KNOWN, OWN
from overhaul.sandbox.remembered import Remembered

_ASK = "import sys; print('%d.%d' % sys.version_info[:2])"
_VERSION = re.compile(r"\d+\.\d+")


def find_python(version: str) -> Path | None:
    """Return an interpreter of this version ("3.12") that starts, or None. Our own is taken where it fits."""
    if version == OWN:
        return Path(sys.base_prefix, "bin", f"python{version}")
    return next((path for path in _candidates(version) if _starts(path, version)), None)


def obtain_python(version: str) -> Path:
    """Find an interpreter, or have uv download one. Raises EnvironmentFailed, which says where was looked."""
    found = find_python(version)
    if found:
        return found
    if not _VERSION.fullmatch(version):
        raise EnvironmentFailed(f"{version!r} is no version of Python such as 3.12")
    installed = _uv("python", "install", "--no-progress", version)
    managed = _uv("python", "find", "--managed-python", version)
    if managed.returncode == 0:
        return Path(managed.stdout.strip())
    why = (installed.stderr or managed.stderr).strip().splitlines()
    raise EnvironmentFailed(
        f"Python {version} is needed and is not on PATH, nor in pyenv's or uv's folders; uv could not download it:"
        f" {why[-1].strip() if why else 'it says nothing'}\n"
        f"  Install it (uv python install {version}, pyenv install {version}, apt-get install python{version}-venv),"
        " use a sandbox that has it (--sandbox docker with an image of it), or allow another one in the project's"
        " requires-python"
    )


def can_obtain(version: str, memory: Path) -> bool:
    """Whether an interpreter of this version is here or can be had; `memory` is a file that remembers it."""
    if version == OWN:
        return True
    remembered = Remembered(memory)
    if Path(remembered.found(version) or os.devnull).is_file():
        return True
    if remembered.has_failed(version):
        return False
    try:
        remembered.note(version, str(obtain_python(version)))
    except EnvironmentFailed:
        remembered.note(version, None)
        return False
    return True


def pythons_here() -> list[str]:
    """Versions that environments can have without a download, the oldest first."""
    return sorted((version for version in KNOWN if find_python(version)), key=lambda each: int(each[2:]))


def _candidates(version: str) -> Iterator[Path]:
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if Path(folder).is_absolute():
            yield Path(folder, f"python{version}")
    home = Path(os.environ.get("HOME", "/"))
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    managed = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python")
    yield from sorted(managed.glob(f"cpython-{version}.*/bin/python{version}"), reverse=True)


def _starts(path: Path, version: str) -> bool:
    """Whether it is what its name says: pyenv's shims have names of versions that are not chosen."""
    if not path.is_file():
        return False
    try:
        asked = subprocess.run(
            [path, "-I", "-c", _ASK], capture_output=True, text=True, check=False, cwd=os.sep, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.stdout.strip() == version


def _uv(*words: str) -> subprocess.CompletedProcess[str]:
    import uv

    return subprocess.run([uv.find_uv_bin(), *words], capture_output=True, text=True, check=False, cwd=os.sep)
