"""Whether a recipe does to the files of a change what that change did: no line otherwise, no line more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from typing import Literal, NamedTuple

Status = Literal["exact", "formatted", "partly", "untouched", "out of reach"]
Files = Mapping[str, bytes]
SUFFIXES = (".py", ".pyi")
SHOWN_LINES = 60
COMPARED_LINES = 2_000_000


class Hunk(NamedTuple):
    """Lines `start` to `end` (from 0, the end not included) of the old text, and what stands in their place."""

    start: int
    end: int
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What became of each file of a change, and what keeps the recipe from being taken; `over_eager` are paths."""

    files: Mapping[str, Status]
    problems: tuple[str, ...] = ()
    over_eager: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Files that a recipe could reach, but this one did not, or not wholly."""
        return [path for path, status in self.files.items() if status in {"partly", "untouched"}]

    @property
    def reproduced(self) -> int:
        return sum(status in {"exact", "formatted"} for status in self.files.values())


def hunks(before: bytes, after: bytes) -> list[Hunk]:
    """Where two texts differ, line by line; one whole hunk where so many lines are alike that it would take hours."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    often = Counter(new)
    if before != after and sum(often[line] for line in old) > COMPARED_LINES:
        return [Hunk(0, len(old), tuple(new))]
    rows = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [Hunk(i, j, tuple(new[k:m])) for kind, i, j, k, m in rows if kind != "equal"]


def reproduction(
    before: Files, changed: Mapping[str, bytes | None], made: Files, format_files: Callable[[Files], Files]
) -> Reproduction:
    """Compare what a recipe `made` of the files `before` with a change: its contents by path, None if removed.

    `format_files` gives what the project's formatter makes of some of the recipe's files, where that differs.
    """
    reachable = {
        path: new
        for path, new in changed.items()
        if path.endswith(SUFFIXES) and new is not None and path in before
    }
    status: dict[str, Status] = dict.fromkeys(changed, "out of reach")
    over_eager = tuple(sorted(set(made) - set(reachable)))
    problems = [f"{path} is edited, which the change left alone:\n{_shown(before[path], made[path])}"
                for path in over_eager]  # fmt: skip
    inexact = {path: made[path] for path, new in reachable.items() if path in made and made[path] != new}
    formatted = format_files(inexact) if inexact else {}
    for path, new in reachable.items():
        if path not in made:
            status[path] = "untouched"
        elif path not in inexact:
            status[path] = "exact"
        elif formatted.get(path) == new:
            status[path] = "formatted"
        elif _is_part(before[path], formatted.get(path, made[path]), new):
            status[path] = "partly"
        else:
            status[path] = "partly"
            problems.append(f"{path} is not as the change left it:\n{_shown(new, made[path])}")
    return Reproduction(status, tuple(problems), over_eager)


def _is_part(before: bytes, made: bytes, after: bytes) -> bool:
    """Whether every difference that was made is one of the change's."""
    return set(hunks(before, made)) <= set(hunks(before, after))


def _shown(wanted: bytes, made: bytes) -> str:
    old, new = (text.decode(errors="replace").splitlines() for text in (wanted, made))
    lines: Sequence[str] = list(unified_diff(old, new, "wanted", "made by the recipe", lineterm="", n=2))
    return "\n".join(lines[:SHOWN_LINES])
