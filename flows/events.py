"""What happens to decisions, as Prefect events: automations, and so mails and chats, wait for them.

They go to the server in one request that is answered. Prefect's own `emit_event` leaves them to a thread, which a
command that ends meanwhile has to wait for. An event that cannot be told is logged; nothing stops because of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from prefect.client.orchestration import get_client

from overhaul.flows.plain_text import on_one_line

LONGEST_TEXT = 300

_LOG = logging.getLogger("prefect.overhaul.events")


@dataclass(frozen=True, slots=True)
class GateEvent:
    """A gate of a run. `summary` is Markdown, of which the first line is told; `page` and `deadline` may be ""."""

    run_id: str
    run_name: str
    repository: str
    campaign: str
    gate: str
    summary: str
    hash: str
    page: str = ""
    deadline: str = ""


def gate_opened(event: GateEvent) -> None:
    """Tell that a decision waits for somebody."""
    _emit_about_gate("overhaul.gate.opened", event)


def gate_reminder(event: GateEvent, asked_at: str) -> None:
    """Tell that a decision still waits."""
    _emit_about_gate("overhaul.gate.reminder", event, asked_at=asked_at)


def gate_escalated(event: GateEvent, escalated_to: Sequence[str]) -> None:
    """Tell that nobody decided in time and others are asked."""
    _emit_about_gate("overhaul.gate.escalated", event, escalated_to=", ".join(escalated_to))


def gate_answered(event: GateEvent, decision: str, approver: str) -> None:
    """Tell who decided what."""
    _emit_about_gate("overhaul.gate.answered", event, decision=decision, approver=approver)


def campaign_halted(campaign: str, reason: str) -> None:
    """Tell that a campaign goes no further by itself, and why."""
    resource = {
        "prefect.resource.id": f"overhaul.campaign.{campaign}",
        "prefect.resource.name": plain(campaign),
        "prefect.resource.role": "campaign",
    }
    _emit("overhaul.campaign.halted", resource, [], {"campaign": plain(campaign), "reason": plain(reason)})


def plain(text: str) -> str:
    """Text as a message may hold it: one short line, in which nothing of a repository makes a link or a mention."""
    line = on_one_line(" ".join(text.split()))
    line = re.sub(r"[`*<>\[\]|~]", "", line).replace("@", "(at)").replace("://", ": //").strip("# ")
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 3] + "..."


def _address(repository: str) -> str:
    """A repository as it was named, without a password in it."""
    return re.sub(r"//[^/@]*@", "//", on_one_line(repository))


def _emit_about_gate(name: str, event: GateEvent, **more: str) -> None:
    resource = {
        "prefect.resource.id": f"overhaul.run.{event.run_id}",
        "prefect.resource.name": plain(event.run_name),
    }
    related = [
        {"prefect.resource.id": f"overhaul.campaign.{event.campaign}", "prefect.resource.role": "campaign"},
        # By this one the event is found on the run's page in the UI.
        {
            "prefect.resource.id": f"prefect.flow-run.{event.run_id}",
            "prefect.resource.role": "flow-run",
            "prefect.resource.name": plain(event.run_name),
        },
    ]
    payload = {
        "run_id": event.run_id,
        "run": plain(event.run_name),
        "repository": _address(event.repository),
        "campaign": plain(event.campaign),
        "gate": event.gate,
        "summary": plain(event.summary.strip().split("\n", 1)[0]),
        "hash": event.hash,
        "page": event.page,
        "deadline": event.deadline,
    }
    _emit(name, resource, related, payload | {key: plain(value) for key, value in more.items()})


def _emit(
    name: str, resource: dict[str, str], related: list[dict[str, str]], payload: dict[str, Any]
) -> None:
    event = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": resource,
        "related": related,
        "payload": payload,
    }
    try:
        with get_client(sync_client=True) as client:
            client.request("POST", "/events", json=[event])
    except httpx.HTTPError as error:
        _LOG.warning("the event %s of %s was not told: %s", name, resource["prefect.resource.name"], error)
