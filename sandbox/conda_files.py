"""conda's environment.yml: its `pip:` list, and those of its packages that the package index has by the same name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overhaul.sandbox.version_ranges import conda_range

FILES = tuple(
    f"environment{kind}.{end}" for kind in ("-test", "-tests", "", "-dev") for end in ("yml", "yaml")
)
# conda's name -> the package index's, where they differ and a test is likely to need it.
OTHER_NAMES = {
    "pytorch": "torch", "matplotlib-base": "matplotlib", "opencv": "opencv-python-headless", "pytables": "tables",
    "python-graphviz": "graphviz", "msgpack-python": "msgpack", "dask-core": "dask", "pyqt": "PyQt5",
    "tensorflow-gpu": "tensorflow",
}  # fmt: skip
# Programs and libraries that are no Python packages, though the index may have something else by that name.
_NOT_PYTHON = re.compile(
    r"(?:lib(?!cst|rosa|sass|tmux)|r-|_|gcc|gxx|gfortran|clang|llvm(?!lite)|cuda|cudnn|nccl|openjdk|go-)"
    r"|^(?:pip|nodejs|node|npm|yarn|git|make|compilers|c-compiler|cxx-compiler|fortran-compiler|pkg-config|curl|"
    r"wget|openssl|sqlite|zlib|blas|openblas|hdf5|netcdf4-c|geos|gdal|proj|openmpi|mpich|ffmpeg|pandoc|graphviz|postgresql|"
    r"redis-server|mkl|rust|perl|ruby|bash|tk|readline|ncurses|ca-certificates|conda|mamba|micromamba|conda-build|pytorch-cuda|"
    r"cpuonly|nomkl)$"
)
_PACKAGE = re.compile(r"^(?:[\w.-]+(?:/[\w-]+)?::)?([A-Za-z0-9_][\w.-]*)(?:\[[^]]*\])?\s*(.*)$")


@dataclass(frozen=True, slots=True)
class CondaFile:
    """`pip` lines are installed as they are; `candidates` if the index has them; `left_out` says what cannot be had."""

    source: str
    python: str | None = None
    pip: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def read_conda(folder: Path) -> CondaFile | None:
    """Read the environment file that says most about tests, or return None. conda itself is never used."""
    source = next((name for name in FILES if (folder / name).is_file()), None)
    if source is None:
        return None
    import yaml  # few repositories have such a file

    try:
        data = yaml.safe_load((folder / source).read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError, AttributeError, RecursionError, yaml.YAMLError):
        return CondaFile(source, left_out=(f"{source}: it cannot be read",))
    listed = data.get("dependencies") if isinstance(data, dict) else None
    return _conda_file(source, listed if isinstance(listed, list) else [])


def _conda_file(source: str, listed: list[Any]) -> CondaFile:
    pip: list[str] = []
    candidates: list[str] = []
    left_out: list[str] = []
    python = None
    for entry in listed:
        if isinstance(entry, dict):
            lines = entry.get("pip")
            pip += [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
            continue
        # Nothing else is made text of: a list of aliases of lists would be too long.
        match = _PACKAGE.match(entry.strip()) if isinstance(entry, str) else None
        if match is None:
            words = entry if isinstance(entry, str) else "an entry that is no text"
            left_out.append(f"{source}: {words}: cannot be read")
            continue
        name, version = match[1], conda_range(match[2])
        if name == "python":
            python = version or None
        elif _NOT_PYTHON.match(name.lower()):
            if name not in ("pip", "conda"):
                left_out.append(f"{source}: {entry}: no Python package; name Debian's in .overhaul/apt.txt")
        elif version is None:
            left_out.append(
                f"{source}: {entry}: a version that the package index has no words for; any is taken"
            )
            candidates.append(OTHER_NAMES.get(name, name))
        else:
            candidates.append(OTHER_NAMES.get(name, name) + version)
    return CondaFile(source, python, tuple(pip), tuple(candidates), tuple(left_out))
