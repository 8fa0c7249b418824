"""Commands of a person's own that go on with an edit, in the sandbox: a linter's fixes, a code generator.

What they do counts in the files that were edited, and nowhere else.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from overhaul.sandbox.errors import EditCommandFailed
from overhaul.sandbox.formatting import read_back
from overhaul.sandbox.provider import Command, Environment, Limits, Provider

CHANGED_FILES = "{changed_files}"
SHOWN_OUTPUT = 600
WALL_SECONDS = 600.0


def split_command(line: str) -> list[str]:
    """A command's words; no shell takes part. Raises ValueError for what is none."""
    words = shlex.split(line)
    if not words:
        raise ValueError("the command is empty")
    return words


def run_edit_commands(
    provider: Provider, environment: Environment, commands: Sequence[str], head: Path, paths: Sequence[str]
) -> dict[str, bytes]:
    """Run commands one after the other on the tree in `head`; return the edited files that they changed.

    `paths` are the edited files, relative to the tree, for which `{changed_files}` stands. Raises EditCommandFailed and
    SandboxLost.
    """
    with provider.open(head, environment, {}) as workspace:
        for line in commands:
            words = [
                part for word in split_command(line) for part in (paths if word == CHANGED_FILES else [word])
            ]
            outcome = workspace.run(Command(tuple(words), limits=Limits(wall_seconds=WALL_SECONDS)))
            if outcome.exit_code != 0:
                how = outcome.status if outcome.exit_code is None else f"exit code {outcome.exit_code}"
                said = outcome.output[-SHOWN_OUTPUT:].decode(errors="replace").strip()
                raise EditCommandFailed(f"the command `{line}` failed ({how}): {said or 'it said nothing'}")
        contents = read_back(workspace, paths)
    return {path: content for path, content in contents.items() if content != (head / path).read_bytes()}
