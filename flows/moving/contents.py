"""A run that moves as one git commit: its parents are the run's commits, its tree the document with all it speaks of.

run.json           the document (see `document`)
steps/0, 1, ...    what each step of the model's gave, in the document's order
trees/0, 1, ...    the files as the steps left them, each once
images/0, 1, ...   what a person has shown to the model
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import git

from overhaul.flows.errors import HandoffError
from overhaul.flows.mirror import Author, Mirror
from overhaul.flows.moving.document import (
    IMAGES,
    LARGEST_DOCUMENT,
    RUN,
    STEPS,
    TREES,
    MovedRun,
    read_document,
)

LARGEST_STEP = 64 << 20


def write_contents(
    mirror: Mirror, document: MovedRun, parts: Mapping[str, Sequence[str]], commits: Iterable[str]
) -> str:
    """Make the commit. `parts` are the blobs of steps and images, and the trees; `commits` its parents."""
    entries = [f"100644 blob {mirror.blob_of(document.model_dump_json(indent=1).encode())}\t{RUN}"]
    for name, kind in ((IMAGES, "100644 blob"), (STEPS, "100644 blob"), (TREES, "040000 tree")):
        if ids := parts[name]:
            rows = [f"{kind} {each}\t{number}" for number, each in enumerate(ids)]
            entries.append(f"040000 tree {_make_tree(mirror, rows)}\t{name}")
    author = Author("overhaul", "overhaul@localhost", document.author.timestamp)
    date = f"{author.timestamp} +0000"
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", author.name), ("EMAIL", author.email), ("DATE", date))
    }
    above = [word for each in commits for word in ("-p", each)]
    command = ("commit-tree", _make_tree(mirror, entries), *above, "-m", f"Run {document.run.run_id} moves")
    return mirror.git(*command, environment=who).decode().strip()


def read_contents(mirror: Mirror, commit: str) -> MovedRun:
    """The document in such a commit. Raises HandoffError."""
    return read_document(_read(mirror, commit, RUN, LARGEST_DOCUMENT))


def steps_of(mirror: Mirror, commit: str) -> dict[tuple[str, str], str]:
    """The blobs of the steps in such a commit, by parent and key."""
    steps = read_contents(mirror, commit).steps
    blobs = _listed(mirror, commit, STEPS)
    return {(each.parent, each.key): blobs[str(number)] for number, each in enumerate(steps)}


def images_of(mirror: Mirror, commit: str, largest: int) -> list[bytes]:
    """The images in such a commit. Raises HandoffError."""
    count = read_contents(mirror, commit).images
    return [_read(mirror, commit, f"{IMAGES}/{number}", largest) for number in range(count)]


def check_contents(mirror: Mirror, commit: str) -> MovedRun:
    """The document, once every step that it speaks of is there and whole. Raises HandoffError."""
    document = read_contents(mirror, commit)
    steps, trees = _listed(mirror, commit, STEPS), set(_listed(mirror, commit, TREES).values())
    if sorted(steps) != sorted(map(str, range(len(document.steps)))):
        raise HandoffError("the file is no run of overhaul: steps that it speaks of are not in it.")
    for number, step in enumerate(document.steps):
        content = _read(mirror, commit, f"{STEPS}/{number}", LARGEST_STEP)
        tree = check_step(step.key, content)
        if tree and tree not in trees:
            raise HandoffError(
                f"the file is no run of overhaul: the files after step {step.key} are not in it."
            )
    return document


def check_step(key: str, content: bytes) -> str:
    """The tree that a step of the model's left, "" if it is none that leaves one. Raises HandoffError."""
    from overhaul.refactors.agent.conversation import Turn
    from overhaul.refactors.agent.loop import done_from_json

    try:
        kept = json.loads(content)
        seconds, value = kept["seconds"], kept["value"]
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e9:
            raise ValueError(f"{seconds!r} is no number of seconds")
        if key.startswith("ask/"):
            _check_turn(Turn.from_json(value))
        elif key.startswith("call/"):
            done = done_from_json(value)
            _check_texts(done.tree, done.result.output, done.result.call_id, *done.result.images)
            return done.tree
        else:
            _check_texts(value["by"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise HandoffError(f"the file is no run of overhaul: step {key} is none ({error}).") from error
    return ""


def _check_turn(turn: Any) -> None:
    usage = turn.usage
    for number in (usage.input, usage.cached, usage.output, usage.reasoning):
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 1 << 40:
            raise ValueError(f"{number!r} is no number of tokens")
    for item in turn.items:
        for name in ("id", "name", "arguments", "text"):
            _check_texts(getattr(item, name, ""))


def _check_texts(*texts: object) -> None:
    for each in texts:
        if not isinstance(each, str):
            raise TypeError(f"{each!r:.40} is no text")


def _make_tree(mirror: Mirror, rows: Sequence[str]) -> str:
    return mirror.git("mktree", stdin=("\n".join(rows) + "\n").encode()).decode().strip()


def _listed(mirror: Mirror, commit: str, name: str) -> dict[str, str]:
    """The ids in a folder of the commit, by their names; nothing if there is no such folder."""
    try:
        rows = mirror.git("ls-tree", "-z", f"{commit}:{name}").decode(errors="replace").split("\0")
    except git.GitCommandError:
        return {}
    return {row.split("\t", 1)[1]: row.split("\t", 1)[0].split()[2] for row in rows if row}


def _read(mirror: Mirror, commit: str, path: str, most: int) -> bytes:
    try:
        size = int(mirror.text("cat-file", "-s", f"{commit}:{path}"))
        if size > most:
            raise HandoffError(f"{path} in the file has {size:,} bytes; {most:,} are the most.")
        return mirror.git("cat-file", "blob", f"{commit}:{path}")
    except git.GitCommandError as error:
        raise HandoffError(f"the file is no run of overhaul: {path} is not in it.") from error
