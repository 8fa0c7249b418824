"""What a model did in a run: what it used, said and planned, and its last calls."""

from __future__ import annotations

from collections.abc import Sequence

from overhaul.flows.results import AgentResult
from overhaul.flows.views.shown import Shown, facts, table, together
from overhaul.refactors.recipe import Site

SITES_AT_MOST = 200
_MARKS = {"completed": "done", "in_progress": "now", "pending": "open"}


def agent_shown(agent: AgentResult, sites: Sequence[Site] = ()) -> Shown:
    """As HTML and as text; what it wrote is escaped. `sites` are those that it edited; without them, its last calls."""
    tokens = agent.tokens
    rows: list[tuple[str, object]] = [
        ("model", agent.model),
        ("status", agent.status if agent.status in {"done", "working"} else f"stopped: {agent.status}"),
        ("steps", agent.steps),
        ("tokens", f"{agent.total_tokens:,}"),
        ("of them cached", f"{tokens.get('cached', 0):,}"),
    ]
    if agent.dollars is not None:
        rows.append(("dollars", f"{agent.dollars:.4f}"))
    rows += [("seconds", round(agent.seconds)), ("repairs", agent.repairs)]
    if agent.sites:
        rows.append(("sites edited", f"{agent.sites_edited} of {agent.sites}"))
    parts = [facts(rows)]
    said = [("it says", agent.message)] if agent.message else []
    said += [("left out, as tests break", ", ".join(agent.broken))] if agent.broken else []
    if said:
        parts.append(table(("", ""), said, "What came of it"))
    if agent.todos:
        todos = [(_MARKS.get(each["status"], ""), each["step"]) for each in agent.todos]
        parts.append(table(("", "step"), todos, "Its todo list"))
    if sites:
        places = [(f"{site.path}:{site.line}:{site.column}", site.reason) for site in sites[:SITES_AT_MOST]]
        parts.append(table(("where", "why no recipe did it"), places, "Unproved sites that it edited"))
    elif agent.calls:
        calls = [
            (each["tool"], each["arguments"], "an error" if each["failed"] else "") for each in agent.calls
        ]
        parts.append(table(("tool", "arguments", ""), calls, "Its last calls"))
    return together(*parts)
