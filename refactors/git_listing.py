"""The files of a work tree as git lists them: tracked and untracked ones, with their tags and blob ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from overhaul.refactors.git_command import null_separated, run_git, without_filters

_LISTED = ("ls-files", "-z", "-v", "--cached", "--others", "--exclude-standard")


@dataclass(frozen=True, slots=True)
class GitListing:
    """`tags` are those of `git ls-files -v`: H tracked, ? untracked, S or a small letter kept out of git's sight.

    `blobs` has the files that are as they were when git last looked; it is empty where it was not asked for.
    """

    tags: dict[str, str]
    blobs: dict[str, str] = field(default_factory=dict)


def list_files(root: Path, with_blobs: bool = False) -> GitListing | None:
    """Ask git; None where there is no git or it refuses."""
    try:
        # To tell whether a file has changed, git runs the filters that the repository's own configuration may name.
        arguments = [*without_filters(root), *_LISTED, "--stage", "--modified"] if with_blobs else [*_LISTED]
        result = run_git(arguments, root)
    except OSError:
        return None
    if result.returncode != 0:
        return None
    entries = null_separated(result.stdout)
    if not with_blobs:
        return GitListing({entry[2:]: entry[0] for entry in entries})
    tags: dict[str, str] = {}
    blobs: dict[str, str] = {}
    changed: set[str] = set()
    for entry in entries:
        tag = entry[0]
        if tag == "?":
            tags[entry[2:]] = tag
            continue
        head, _, path = entry.partition("\t")
        if tag in "CR":  # listed a second time, as changed or removed
            changed.add(path)
        else:
            tags[path] = tag
            if tag == "H" and head.startswith("H 100"):  # a regular file
                blobs[path] = head.split(" ")[2]
    for path in changed:
        blobs.pop(path, None)
    return GitListing(tags, blobs)
