"""How a server is spoken to, found out by tiny questions: its wire, what it refuses, whether the model calls tools."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from overhaul.refactors.agent.conversation import Message, Request, ToolDefinition
from overhaul.refactors.agent.model import OpenAIModel
from overhaul.refactors.agent.provider import Feature, Provider, Wire
from overhaul.refactors.errors import ModelRefused, ModelUnavailable, NoAccess

DEADLINE_SECONDS, ATTEMPTS = 30.0, 2

_REPORT = ToolDefinition(
    "report",
    "Report a word.",
    {
        "type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"],
        "additionalProperties": False,
    },
    grammar="start: /[a-z]+/",
)  # fmt: skip
QUESTION = Request("Call the tool report with the word ok.", (Message("user", "Go."),), (_REPORT,), "low")
"""Everything that servers refuse is in it: a freeform tool, and effort."""

_VARIANTS: tuple[tuple[Wire, frozenset[Feature]], ...] = (
    ("responses", frozenset()),
    ("responses", frozenset({"freeform tools"})),
    ("responses", frozenset({"effort"})),
    ("responses", frozenset({"freeform tools", "effort"})),
    ("chat", frozenset()),
    ("chat", frozenset({"effort"})),
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a server is spoken to. `is_sure` is False where a better way may only have been out of order."""

    wire: Wire
    lacks: frozenset[Feature] = frozenset()
    calls_tools: bool = True
    is_sure: bool = True


def find_manner(
    provider: Provider, name: str, wire: Wire | None = None, wait: Callable[[float], object] = time.sleep
) -> Manner:
    """Ask in one way after the other until the model calls a tool; `wire` if that is known already.

    A way that only answers in text is taken if there is no better one: some servers take tools and drop them. At most
    six questions; what a server refuses costs nothing. Raises NoAccess, ModelRefused, ModelUnavailable.
    """
    deadline = min(provider.deadline_seconds, DEADLINE_SECONDS)
    hasty = replace(provider, deadline_seconds=deadline, attempts=ATTEMPTS)
    told: list[Manner] = []
    errors: dict[Wire, ModelRefused | ModelUnavailable] = {}
    for manner in _manners(wire):
        if isinstance(errors.get(manner.wire), ModelUnavailable):
            continue
        model = OpenAIModel(hasty, name, manner.wire, wait, manner.lacks)
        try:
            turn = model.ask(QUESTION)
        except NoAccess:
            raise
        except (ModelRefused, ModelUnavailable) as error:
            errors[manner.wire] = error
            continue
        is_sure = not any(isinstance(error, ModelUnavailable) for error in errors.values())
        told.append(replace(manner, calls_tools=bool(turn.calls), is_sure=is_sure))
        if turn.calls:
            break
    if not told:
        raise _worst(provider, errors)
    return next((manner for manner in told if manner.calls_tools), told[0])


def _manners(wire: Wire | None) -> Iterator[Manner]:
    return (Manner(each, lacks) for each, lacks in _VARIANTS if wire in (None, each))


def _worst(provider: Provider, errors: dict[Wire, ModelRefused | ModelUnavailable]) -> Exception:
    if len(errors) == 1:
        return next(iter(errors.values()))
    told = "; ".join(f"{wire}: {error}" for wire, error in errors.items())
    kind = ModelUnavailable if any(isinstance(e, ModelUnavailable) for e in errors.values()) else ModelRefused
    return kind(f"neither Responses nor chat completions work at {provider.base_url}: {told}")
