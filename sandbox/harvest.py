"""What commands have made of a workspace's files, as contents for the host: regular files only, nothing ignored.

Whatever comes is untrusted: a workspace can say anything of itself, but only about files below its top.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pathspec import GitIgnoreSpec

from overhaul.sandbox.errors import SandboxLost
from overhaul.sandbox.provider import Command, Limits, Workspace

OUTPUT_BYTES = 512 << 20
# A file system's clock ticks up to some milliseconds behind the one that is asked.
TICK_NANOSECONDS = 20_000_000

# What tools leave behind everywhere, whether or not a project's .gitignore knows it.
LEFT_BEHIND = ("*.pyc", ".coverage", ".coverage.*", "*.egg-info/", ".hypothesis/", ".cache/")


@dataclass(frozen=True, slots=True)
class Harvest:
    """Contents by path of files that are new or other ones; `gone` are those that are not there any more.

    `left_out` are changed files that were too large to take.
    """

    contents: Mapping[str, bytes] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def stamp(workspace: Workspace) -> int:
    """The workspace's present time in nanoseconds, before commands change files."""
    said = _emit(workspace).strip()
    if not said.isdigit():
        raise SandboxLost("the workspace does not tell its time; its Python may be broken. Run it again.")
    return int(said) - TICK_NANOSECONDS


def harvest(
    workspace: Workspace, since: int, before: Collection[str], ignore_files: Mapping[str, str]
) -> Harvest:
    """Take what has changed `since` a stamp. `before` are the paths that were there.

    `ignore_files` are the contents of .gitignore files by their paths: new files that these ignore stay where they are.
    """
    there: set[str] = set()
    contents: dict[str, bytes] = {}
    left_out: list[str] = []
    ignored = _Ignored(ignore_files)
    for line in _emit(workspace, str(since)).splitlines():
        path, encoded = _row(line)
        if path is None:
            continue
        there.add(path)
        if path.endswith("/"):
            continue
        if encoded is None or (path not in before and ignored(path)):
            continue
        try:
            contents[path] = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            left_out.append(path)
    skipped = tuple(path for path in there if path.endswith("/"))
    gone = sorted(path for path in set(before) - there if not path.startswith(skipped))
    return Harvest(contents, tuple(gone), tuple(left_out))


class _Ignored:
    """Whether a new file is to be ignored, by the .gitignore files above it and by what tools leave behind."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._specs = [("", GitIgnoreSpec.from_lines(LEFT_BEHIND))]
        self._specs += [
            (path.removesuffix(".gitignore"), GitIgnoreSpec.from_lines(text.splitlines()))
            for path, text in sorted(files.items())
        ]

    def __call__(self, path: str) -> bool:
        return any(
            path.startswith(top) and spec.match_file(path.removeprefix(top)) for top, spec in self._specs
        )


def _row(line: bytes) -> tuple[str | None, str | None]:
    try:
        row = json.loads(line)
    except ValueError:
        return None, None
    if not isinstance(row, list) or len(row) != 2 or not isinstance(row[0], str):
        return None, None
    path, encoded = row
    parts = path.removesuffix("/").split("/")
    if not path or "\0" in path or any(part in {"", ".", ".."} for part in parts):
        return None, None
    return path, encoded if isinstance(encoded, str) else None


def _emit(workspace: Workspace, *arguments: str) -> bytes:
    received = bytearray()

    def take(output: bytes) -> None:
        received.extend(output[: OUTPUT_BYTES - len(received)])

    command = Command(
        ("{python}", f"{workspace.tools}/emit_changes.py", *arguments), limits=Limits(wall_seconds=300)
    )
    workspace.run(command, take)
    return bytes(received)
