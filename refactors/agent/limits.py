"""When the agent has to stop: limits that people set, and signs that it goes round in circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from overhaul.refactors.agent.conversation import Item, Message, ToolCall, ToolResult, Usage

Stop = Literal["steps", "time", "tokens", "money", "stuck"]

SAME_CALLS = 3
ERRORS_IN_A_ROW = 6
ALTERNATIONS = 3
ERROR = "error: "


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars per million tokens."""

    input: float
    cached: float
    output: float

    def of(self, usage: Usage) -> float:
        """The price of some tokens, in dollars."""
        fresh = usage.input - usage.cached
        return (fresh * self.input + usage.cached * self.cached + usage.output * self.output) / 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of the agent may use. None is no limit; money needs a price."""

    steps: int = 60
    seconds: float = 1_800.0
    tokens: int | None = 400_000
    dollars: float | None = None
    price: Price | None = None

    def __post_init__(self) -> None:
        if self.dollars is not None and self.price is None:
            raise ValueError("a limit of money needs a price: without one it would never be reached")

    def reached(self, steps: int, seconds: float, usage: Usage) -> Stop | None:
        """The first limit that is reached, if any."""
        if steps >= self.steps:
            return "steps"
        if seconds >= self.seconds:
            return "time"
        if self.tokens is not None and usage.total >= self.tokens:
            return "tokens"
        if self.dollars is not None and self.price is not None and self.price.of(usage) >= self.dollars:
            return "money"
        return None


def goes_in_circles(items: Sequence[Item]) -> str:
    """Say how the last calls repeat themselves, or nothing.

    The same call with the same result, errors only, or two calls in turn: each a known way in which agents get stuck.
    What was before the last word of a person or of the tests does not count any more.
    """
    last_word = max((place for place, item in enumerate(items) if _is_told(item)), default=0)
    items = items[last_word:]
    results = {item.call_id: item.output for item in items if isinstance(item, ToolResult)}
    done = [
        (f"{item.name} {item.arguments}", results[item.id])
        for item in items
        if isinstance(item, ToolCall) and item.id in results
    ]
    last = done[-1:]
    if last and done[-SAME_CALLS:] == last * SAME_CALLS:
        return f"the same call gave the same result {SAME_CALLS} times: {last[0][0][:120]}"
    tail = done[-ERRORS_IN_A_ROW:]
    if len(tail) == ERRORS_IN_A_ROW and all(output.startswith(ERROR) for _, output in tail):
        return f"{ERRORS_IN_A_ROW} calls in a row were errors; the last one: {tail[-1][1][:120]}"
    pairs = done[-2 * ALTERNATIONS :]
    if len(pairs) == 2 * ALTERNATIONS and pairs == pairs[:2] * ALTERNATIONS:
        return f"two calls alternate without an end: {pairs[0][0][:60]} and {pairs[1][0][:60]}"
    return ""


def _is_told(item: Item) -> bool:
    return isinstance(item, Message) and item.role == "user"
