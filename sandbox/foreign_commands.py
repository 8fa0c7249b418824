"""Commands that look at files and commands that edit them, in the sandbox: files go in, changed contents come back.

What they say and what they make is nobody's word that can be trusted; it is bounded, and only ever data.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from overhaul.sandbox.errors import EditCommandFailed
from overhaul.sandbox.harvest import harvest, stamp
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome, Provider, Workspace

FILES = "{files}"
BESIDE = "{beside}"
TOOLS = "{tools}"
FILES_AT_ONCE = 500
LIMITS = Limits(wall_seconds=1800.0, output_bytes=64 << 20)
LOGGED_BYTES = 256 << 10
SHOWN_OUTPUT = 600


@dataclass(frozen=True, slots=True)
class ForeignWork:
    """What is run: `looks` say where something is, and `edits` change files, `passes` times one after the other.

    The word `{files}` stands for the files, `{beside}` in a word for the folder with `extras`, which are not part of
    the tree, and `{tools}` for that of the scripts in `overhaul.sandbox.inside`.
    A command may end with an exit code in `fine`.
    """

    looks: Sequence[Sequence[str]] = ()
    edits: Sequence[Sequence[str]] = ()
    passes: int = 1
    fine: Sequence[int] = (0,)
    extras: Mapping[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class ForeignResult:
    """`said` is the output of each look; `contents` the changed and new files, `gone` and `too_large` paths.

    `log` is what all commands have said, shortened in the middle. `root` is where the files were.
    """

    said: tuple[bytes, ...]
    contents: Mapping[str, bytes]
    gone: tuple[str, ...]
    too_large: tuple[str, ...]
    log: bytes
    root: str


def run_foreign(
    provider: Provider, environment: Environment, files: Mapping[str, bytes], work: ForeignWork
) -> ForeignResult:
    """Run the commands over files by path. Raises EditCommandFailed and SandboxLost."""
    with tempfile.TemporaryDirectory() as scratch:
        tree, beside = Path(scratch, "tree"), Path(scratch, "extras")
        _write(tree, files)
        _write(beside, work.extras or {})
        with provider.open(tree, environment, {"extras": beside}) as workspace:
            log = _Log()
            said = [b"".join(_outputs(workspace, line, work, files, log)) for line in work.looks]
            since = stamp(workspace)
            for _ in range(work.passes):
                for line in work.edits:
                    for _ in _outputs(workspace, line, work, files, log):
                        pass
            ignoring = {
                path: content.decode(errors="replace")
                for path, content in files.items()
                if path.rpartition("/")[2] == ".gitignore"
            }
            found = harvest(workspace, since, files, ignoring)
            root = workspace.root
    changed = {path: new for path, new in found.contents.items() if new != files.get(path)}
    return ForeignResult(tuple(said), changed, found.gone, found.left_out, log.text(), root)


class _Log:
    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def add(self, line: Sequence[str], outcome: Outcome) -> None:
        output = outcome.output
        if len(output) > LOGGED_BYTES:
            half = LOGGED_BYTES // 2
            output = output[:half] + b"\n[...]\n" + output[-half:]
        ended = outcome.status if outcome.exit_code is None else f"exit code {outcome.exit_code}"
        words = " ".join(line)[:2000]
        self._parts.append(f"$ {words}\n".encode(errors="replace") + output + f"\n[{ended}]\n".encode())

    def text(self) -> bytes:
        whole = b"".join(self._parts)
        return whole if len(whole) <= 4 * LOGGED_BYTES else whole[: 4 * LOGGED_BYTES] + b"\n[...]\n"


def _outputs(
    workspace: Workspace, line: Sequence[str], work: ForeignWork, files: Mapping[str, bytes], log: _Log
) -> Iterator[bytes]:
    placed = [
        word.replace(BESIDE, f"{workspace.root}/../beside/extras").replace(TOOLS, workspace.tools)
        for word in line
    ]
    for words in _expanded(placed, sorted(files)):
        outcome = workspace.run(Command(words, limits=LIMITS))
        log.add(line, outcome)
        if outcome.exit_code not in work.fine or outcome.dropped_bytes:
            how = outcome.status if outcome.exit_code is None else f"exit code {outcome.exit_code}"
            if outcome.exit_code in work.fine:
                how = f"it said more than {LIMITS.output_bytes >> 20} MiB"
            tail = outcome.output[-SHOWN_OUTPUT:].decode(errors="replace").strip()
            shown = " ".join(line)[:300]
            raise EditCommandFailed(f"the command `{shown}` failed ({how}): {tail or 'it said nothing'}")
        yield outcome.output


def _expanded(placed: Sequence[str], paths: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if FILES not in placed:
        yield tuple(placed)
        return
    for start in range(0, len(paths), FILES_AT_ONCE):
        some = [f"./{path}" for path in paths[start : start + FILES_AT_ONCE]]
        yield tuple(each for word in placed for each in (some if word == FILES else [word]))


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if content.startswith(b"#!"):
            place.chmod(0o755)
