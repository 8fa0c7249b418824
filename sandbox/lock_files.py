"""Versions that lock files pin: Poetry's, PDM's, Pipenv's and pylock.toml (PEP 751), as lines with their hashes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overhaul.sandbox.layout import read_toml, table
from overhaul.sandbox.poetry_project import requirement_line
from overhaul.sandbox.requirement_files import normalise

if TYPE_CHECKING:
    from packaging.pylock import PackageSdist, PackageWheel


@dataclass(frozen=True, slots=True)
class Lock:
    """`requirements` are installed; `constraints` say the version of whatever the project's own files ask for."""

    source: str
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def read_lock(folder: Path, names: Collection[str]) -> Lock | None:
    """Read the first lock file that is there. `names` are the groups and extras that the tests need.

    One that cannot be read is reported in `left_out`, and pins nothing.
    """
    for source, read in (
        ("poetry.lock", _read_poetry),
        ("pdm.lock", _read_pdm),
        ("Pipfile.lock", _read_pipenv),
        ("pylock.toml", _read_pylock),
    ):
        if (folder / source).is_file():
            lock = read(folder / source, names)
            return lock or Lock(source, left_out=(f"{source}: it cannot be read",))
    return None


def _read_poetry(path: Path, _names: Collection[str]) -> Lock | None:
    data = read_toml(path)
    older = table(data, "metadata", "files")
    pins, left_out = _Pins(), []
    for package in _packages(data):
        name, source = package["name"], table(package, "source")
        files = package.get("files") or older.get(name) or []
        if source.get("type") == "directory":
            left_out.append(f"{path.name}: {name} is in the repository")
        elif source.get("type") in ("git", "url", "file"):
            reference = source.get("resolved_reference")
            kind = "git" if source["type"] == "git" else "url"
            pins.add(name, requirement_line(name, {kind: source.get("url"), "rev": reference}), "", ())
        else:
            markers = package.get("markers")
            texts = list(markers.values()) if isinstance(markers, dict) else [markers]
            marker = " or ".join(f"({text})" for text in texts if text) if all(texts) else ""
            pins.add(name, f"{name}=={package['version']}", marker, _hashes(files))
    return pins.lock(path.name, left_out) if pins.lines or data.get("metadata") else None


def _read_pdm(path: Path, _names: Collection[str]) -> Lock | None:
    data = read_toml(path)
    pins, left_out = _Pins(), []
    for package in _packages(data):
        name = package["name"]
        if "path" in package:
            left_out.append(f"{path.name}: {name} is in the repository")
        elif "git" in package or "url" in package:
            reference = {"rev": package.get("revision") or package.get("ref")}
            pins.add(name, requirement_line(name, package | reference), "", ())
        else:
            hashes = _hashes(package.get("files") or [])
            pins.add(name, f"{name}=={package['version']}", str(package.get("marker") or ""), hashes)
    return pins.lock(path.name, left_out) if pins.lines or data.get("metadata") else None


class _Pins:
    """What a lock file pins, by name: one name may have several versions, each with its marker."""

    def __init__(self) -> None:
        self.lines: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = defaultdict(dict)

    def add(self, name: str, pin: str | None, marker: str, hashes: tuple[str, ...]) -> None:
        if pin:
            self.lines[normalise(name)].setdefault(pin, (marker, hashes))

    def lock(self, source: str, left_out: list[str]) -> Lock:
        constraints: list[str] = []
        for name, pins in self.lines.items():
            if len(pins) > 1 and not all(marker for marker, _ in pins.values()):
                left_out.append(
                    f"{source}: {name} has several versions there and nothing says which is for when"
                )
                continue
            for pin, (marker, hashes) in pins.items():
                constraints.append(_line(pin, marker if len(pins) > 1 else "", hashes))
        return Lock(source, constraints=tuple(constraints), left_out=tuple(left_out))


def _read_pipenv(path: Path, names: Collection[str]) -> Lock | None:
    """`default`, `develop` and the categories that the tests need: each is whole, with all that its packages need."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    requirements: list[str] = []
    left_out: list[str] = []
    for category in dict.fromkeys(["default", "develop", *(name for name in names if name != "_meta")]):
        for name, entry in table(data, category).items():
            line = requirement_line(name, entry) if isinstance(entry, dict) else None
            if line is None:
                left_out.append(f"{path.name}: {name} is a path")
                continue
            pin, _, marker = line.partition(" ; ")
            hashes = entry.get("hashes") if isinstance(entry.get("hashes"), list) else []
            requirements.append(_line(pin, marker, _hashes([{"hash": each} for each in hashes])))
    unique = tuple(dict.fromkeys(requirements))
    return Lock(path.name, requirements=unique, left_out=tuple(left_out)) if isinstance(data, dict) else None


def _read_pylock(path: Path, names: Collection[str]) -> Lock | None:
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.pylock import Pylock, PylockValidationError

    try:
        lock = Pylock.from_dict(read_toml(path))
    except PylockValidationError:
        return None
    extras = frozenset(lock.extras or ()) & {normalise(name) for name in names}
    groups = frozenset(lock.default_groups or ()) | (
        frozenset(lock.dependency_groups or ()) & frozenset(names)
    )
    chosen: Any = {"extras": extras, "dependency_groups": groups}
    requirements: list[str] = []
    left_out: list[str] = []
    for package in lock.packages:
        marker = str(package.marker or "")
        if package.marker and ("extras" in marker or "dependency_groups" in marker):
            # Only a lock file's own marker speaks of these; the rest of it is taken to be like this machine.
            try:
                is_wanted = package.marker.evaluate(chosen, context="lock_file")
            except (UndefinedComparison, UndefinedEnvironmentName):
                left_out.append(f"{path.name}: {package.name}: its marker cannot be told")
                continue
            if not is_wanted:
                continue
            marker = ""
        if package.directory is not None:
            left_out.append(f"{path.name}: {package.name} is in the repository")
        elif package.vcs is not None:
            settings = {
                "git": package.vcs.url,
                "rev": package.vcs.commit_id,
                "subdirectory": package.vcs.subdirectory,
            }
            requirements.append(_line(requirement_line(package.name, settings) or package.name, marker, ()))
        elif package.archive is not None:
            requirements.append(_line(f"{package.name} @ {package.archive.url}", marker, ()))
        else:
            files: list[PackageWheel | PackageSdist] = [*(package.wheels or ())]
            files += [package.sdist] if package.sdist else []
            hashes = tuple(f"{kind}:{value}" for file in files for kind, value in file.hashes.items())
            requirements.append(_line(f"{package.name}=={package.version}", marker, hashes))
    return Lock(path.name, requirements=tuple(requirements), left_out=tuple(left_out))


def _packages(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = data.get("package")
    for package in found if isinstance(found, list) else []:
        if isinstance(package, dict) and all(
            isinstance(package.get(key), str) for key in ("name", "version")
        ):
            yield package


def _hashes(files: Any) -> tuple[str, ...]:
    found = [file.get("hash") for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    return tuple(dict.fromkeys(each for each in found if isinstance(each, str) and ":" in each))


def _line(pin: str, marker: str, hashes: Collection[str]) -> str:
    words = [pin, *([f"; {marker}"] if marker else []), *(f"--hash={each}" for each in hashes)]
    return " ".join(words)
