"""Format edited files as the project formats: with its own formatter, in the sandbox, and only where it applies.

A file is formatted if it was as the formatter wants it before the edit, and the result is taken only if it means the
same: what runs in the sandbox may be anything, so its word is checked.
"""

from __future__ import annotations

import ast
import base64
import binascii
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from overhaul.sandbox.provider import Command, Environment, Limits, Provider, Workspace

CONFIGURATION_BYTES = 1 << 18
# Arguments of one command have a limit; a file more or less does not matter.
FILES_AT_ONCE = 200
_HOOKS = {"ruff-format": "ruff", "black": "black", "black-jupyter": "black"}
_ARGUMENTS = {"ruff": ("format", "--no-cache"), "black": ()}
_VERSION = re.compile(r"v?(\d+(?:\.\d+)+)")


@dataclass(frozen=True, slots=True)
class Formatter:
    """The formatter that a project uses: `requirement` as an installer takes it, `reason` where it is named."""

    name: str
    requirement: str
    reason: str


def detect_formatter(folder: Path) -> Formatter | None:
    """Find the formatter in the pre-commit hooks, with its version, or in pyproject.toml."""
    for hook, revision in _pre_commit_hooks(folder / ".pre-commit-config.yaml"):
        if hook in _HOOKS:
            version = _VERSION.fullmatch(revision)
            name = _HOOKS[hook]
            pinned = f"{name}=={version[1]}" if version else name
            return Formatter(name, pinned, f".pre-commit-config.yaml has the hook {hook}")
    tools = _tools(folder / "pyproject.toml")
    if isinstance(tools.get("black"), dict):
        return Formatter("black", "black", "pyproject.toml has [tool.black]")
    if isinstance(tools.get("ruff"), dict) and isinstance(tools["ruff"].get("format"), dict):
        return Formatter("ruff", "ruff", "pyproject.toml has [tool.ruff.format]")
    return None


def format_files(
    provider: Provider,
    environment: Environment,
    formatter: Formatter,
    base: Path,
    head: Path,
    paths: Mapping[str, str],
) -> dict[str, bytes]:
    """Return new contents of the files of the tree in `head` that its formatter changes.

    `paths` maps each edited file's path in `head` to that in `base`. Files that the formatter would have changed at
    base are left alone, files that are new at head are formatted if all others were as it wants them; nothing is
    returned where it is not installed. Raises SandboxLost.
    """
    python = [path for path in paths if path.endswith((".py", ".pyi"))]
    old = [path for path in python if os.path.lexists(base / paths[path])]
    at_base = _formatted(provider, environment, formatter, base, [paths[path] for path in old])
    tidy = [path for path in old if at_base.get(paths[path]) == (base / paths[path]).read_bytes()]
    if tidy == old:
        tidy = python
    at_head = _formatted(provider, environment, formatter, head, tidy)
    return {
        path: content
        for path, content in at_head.items()
        if content != (head / path).read_bytes() and _same_meaning(head / path, content)
    }


def _formatted(
    provider: Provider, environment: Environment, formatter: Formatter, source: Path, paths: Sequence[str]
) -> dict[str, bytes]:
    """What the formatter makes of these files of a tree; nothing if it is not installed."""
    contents: dict[str, bytes] = {}
    with provider.open(source, environment, {}) as workspace:
        if workspace.run(_command("{python}", "-m", formatter.name, "--version")).exit_code != 0:
            return {}
        for start in range(0, len(paths), FILES_AT_ONCE):
            some = paths[start : start + FILES_AT_ONCE]
            workspace.run(_command("{python}", "-m", formatter.name, *_ARGUMENTS[formatter.name], *some))
            contents |= read_back(workspace, some)
    return contents


def read_back(workspace: Workspace, paths: Sequence[str]) -> dict[str, bytes]:
    """The contents of some files of a workspace by their paths, without those that cannot be read."""
    received = bytearray()
    limit = 64 << 20

    def take(output: bytes) -> None:
        received.extend(output[: limit - len(received)])

    workspace.run(_command("{python}", f"{workspace.tools}/emit_files.py", *paths), take)
    lines = bytes(received).splitlines()
    contents: dict[str, bytes] = {}
    for path, line in zip(paths, lines, strict=False):
        try:
            contents[path] = base64.b64decode(line, validate=True)
        except binascii.Error:
            continue
    return contents if len(lines) == len(paths) else {}


def _same_meaning(edited: Path, formatted: bytes) -> bool:
    try:
        return ast.dump(ast.parse(edited.read_bytes())) == ast.dump(ast.parse(formatted))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _command(*arguments: str) -> Command:
    return Command(arguments, limits=Limits(wall_seconds=300))


def _pre_commit_hooks(path: Path) -> list[tuple[str, str]]:
    """Each hook's id with the revision of its repository."""
    try:
        text = path.read_bytes()
        document = yaml.safe_load(text) if len(text) <= CONFIGURATION_BYTES else None
    except (OSError, ValueError, LookupError, AttributeError, RecursionError, yaml.YAMLError):
        return []
    found = []
    for repository in _items(document, "repos"):
        revision = _word(repository, "rev")
        found += [(_word(hook, "id"), revision) for hook in _items(repository, "hooks")]
    return found


def _word(table: dict[str, Any], key: str) -> str:
    """A scalar as text: a list of aliases of lists would be too long as one."""
    value = table.get(key)
    return str(value) if isinstance(value, str | int | float) else ""


def _items(document: Any, key: str) -> list[dict[str, Any]]:
    values = document.get(key) if isinstance(document, dict) else None
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _tools(path: Path) -> dict[str, Any]:
    try:
        tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool")
    except (OSError, ValueError, RecursionError):
        return {}
    return tools if isinstance(tools, dict) else {}
