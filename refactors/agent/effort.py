"""How hard the model is to think, chosen for each step from what is to be done and how it has gone so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from overhaul.refactors.agent.conversation import Effort, Item, ToolCall, ToolResult
from overhaul.refactors.agent.limits import ERROR

LARGE_LINES, MANY_SITES = 60, 5
CALM_CALLS = 3
_LEVELS: tuple[Effort, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Size:
    """What is to be done: sites and files that it is about, and lines of the definitions around them."""

    sites: int
    files: int
    lines: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The effort of a step, with the numbers that led to it."""

    effort: Effort
    reason: str


def choose(size: Size, repairs: int, items: Sequence[Item]) -> Choice:
    """Choose for the next step. `repairs`: how often failing tests were sent back so far.

    One site of a few lines is low; failing tests after two repairs are high; errors in a row go up a level, and as many
    calls without one come down again.
    """
    base = int(size.sites > MANY_SITES or size.lines > LARGE_LINES or size.files > 1)
    errors = _errors_at_the_end(items)
    level = min(base + min(repairs, 2) + int(errors >= 2), len(_LEVELS) - 1)
    if repairs < 2 and level > base and _is_calm(items):
        level -= 1
    known = f"{size.sites} sites, {size.files} files, {size.lines} lines" if size.sites else "no sites known"
    reason = f"{known}, {repairs} repairs, {errors} errors in a row"
    return Choice(_LEVELS[level], reason)


def _errors_at_the_end(items: Sequence[Item]) -> int:
    outputs = [item.output for item in items if isinstance(item, ToolResult)]
    count = 0
    for output in reversed(outputs):
        if not output.startswith(ERROR):
            break
        count += 1
    return count


def _is_calm(items: Sequence[Item]) -> bool:
    """Whether the last few calls were none in error."""
    calls = sum(isinstance(item, ToolCall) for item in items)
    outputs = [item.output for item in items if isinstance(item, ToolResult)][-CALM_CALLS:]
    return (
        calls >= CALM_CALLS and len(outputs) == CALM_CALLS and not any(o.startswith(ERROR) for o in outputs)
    )
