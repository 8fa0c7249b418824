"""Format the edits of a run as the project formats, in the sandbox; the results go into the mirror as blobs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from overhaul.flows.mirror import FileChange, Mirror
from overhaul.flows.progress import tell
from overhaul.flows.testing import exported, provider_of
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
        paths = {change.path: change.old_path or change.path for change in changes}
        contents = format_files(
            provider_of(environment.provider), environment, formatter, before, after, paths
        )
    return dict(zip(contents, mirror.write_blobs(list(contents.values())), strict=True))
