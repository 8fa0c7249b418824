"""Go on with the edits of a run in the sandbox: formatted as the project formats, then the campaign's own commands.

The results go into the mirror as blobs.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from overhaul.flows.mirror import FileChange, Mirror
from overhaul.flows.progress import tell
from overhaul.flows.testing import exported, provider_of
from overhaul.sandbox.edit_commands import run_edit_commands
from overhaul.sandbox.formatting import detect_formatter, format_files
from overhaul.sandbox.provider import Environment


def format_changes(
    mirror: Mirror, base: str, changes: Sequence[FileChange], environment: Environment, run_folder: Path
) -> dict[str, str]:
    """Return the blobs of those files (by the paths at head) that the project's formatter changes after the edit."""
    with ExitStack() as stack:
        before = stack.enter_context(exported(mirror, base, run_folder / "trees" / "format-base"))
        formatter = detect_formatter(before)
        if formatter is None:
            return {}
        tell(f"formatting with {formatter.name}")
        tree = mirror.change_tree(base, changes)
        after = stack.enter_context(exported(mirror, tree, run_folder / "trees" / "format-head"))
        paths = {change.path: change.old_path or change.path for change in changes if change.blob}
        contents = format_files(
            provider_of(environment.provider), environment, formatter, before, after, paths
        )
    return dict(zip(contents, mirror.write_blobs(list(contents.values())), strict=True))


def changes_by_commands(
    mirror: Mirror,
    base: str,
    changes: Sequence[FileChange],
    commands: Sequence[str],
    where: tuple[Environment, Path],
) -> dict[str, str]:
    """Return the blobs of those edited files (by the paths at head) that commands change; `where` is the run's folder.

    Raises EditCommandFailed.
    """
    environment, run_folder = where
    tree = mirror.change_tree(base, changes)
    edited = [change.path for change in changes if change.blob]
    tell(f"running {commands[0]}")
    with exported(mirror, tree, run_folder / "trees" / "commands") as folder:
        contents = run_edit_commands(provider_of(environment.provider), environment, commands, folder, edited)
    return dict(zip(contents, mirror.write_blobs(list(contents.values())), strict=True))


def with_blobs(changes: Sequence[FileChange], blobs: dict[str, str]) -> list[FileChange]:
    """The same changes with these contents, by the paths at head."""
    return [replace(change, blob=blobs.get(change.path, change.blob)) for change in changes]
