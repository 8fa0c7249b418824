"""Prefect automations that tell people of open gates, halted campaigns and failed runs, by webhook, chat or mail.

What is sent is plain text from our own events (see `events.plain`). An address may hold a password: it is kept in a
Prefect block, where it is encrypted, and only its host is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote, urlsplit
from uuid import UUID

from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import CallWebhook, SendNotification
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger, Posture
from prefect.types import SecretDict
from pydantic import SecretStr

from overhaul.flows.errors import UnknownNotification

Occasion = Literal["gate", "halted", "failed"]
PREFIX = "overhaul: "

_SUBJECTS = {
    "gate": "Gate {{ event.payload.gate }} of {{ event.payload.run }} waits for a decision",
    "reminder": "Gate {{ event.payload.gate }} of {{ event.payload.run }} still waits",
    "halted": "Campaign {{ event.payload.campaign }} has halted",
    "failed": "{{ event.resource.name }} has failed",
}
_TEXTS = {
    "gate": "{{ event.payload.summary }}\nRepository: {{ event.payload.repository }}\n"
    "{% if event.payload.deadline %}Until: {{ event.payload.deadline }}\n{% endif %}"
    "Look: overhaul show {{ event.payload.run_id[:8] }} --diff\n"
    "Answer: overhaul approve {{ event.payload.run_id[:8] }}, or Resume in the Prefect UI",
    "halted": "{{ event.payload.reason }}\nLook: overhaul status {{ event.payload.campaign }}",
    "failed": "Look: overhaul show {{ event.resource.id.split('.')[-1][:8] }}",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where messages go: `address` is a URL, or for mail an Apprise address (`mailto://`); `shown` hides passwords."""

    kind: Literal["webhook", "slack", "mail"]
    address: str
    shown: str


def mail_target(recipients: Sequence[str], smtp: str, sender: str) -> Target:
    """Mail by the server `smtp://[USER:PASSWORD@]HOST[:PORT]`, or `smtps://`; STARTTLS where there is a password."""
    parts = urlsplit(smtp)
    secure = parts.scheme == "smtps"
    mode = "ssl" if secure else "starttls" if parts.password else "insecure"
    login, _, _ = parts.netloc.rpartition("@")
    place = f"{login}@{parts.netloc.rpartition('@')[2]}" if login else parts.netloc
    query = f"from={quote(sender)}&to={quote(','.join(recipients))}&mode={mode}&format=text"
    address = f"{'mailtos' if secure or parts.password else 'mailto'}://{place}?{query}"
    return Target("mail", address, ", ".join(recipients))


def web_target(kind: Literal["webhook", "slack"], url: str) -> Target:
    """An address that takes JSON; `slack` is what Slack, Mattermost and Rocket.Chat take as an incoming webhook."""
    return Target(kind, url, urlsplit(url).hostname or url)


def notify(
    client: SyncPrefectClient, target: Target, occasions: Sequence[Occasion], remind_after: timedelta | None
) -> list[str]:
    """Make or replace the automations; return their names."""
    block_id = _save_block(target)
    triggers: dict[str, EventTrigger] = {occasion: _trigger(occasion) for occasion in occasions}
    if remind_after is not None:
        triggers["reminder"] = _unanswered(remind_after)
    made = []
    for what, trigger in triggers.items():
        name = f"{PREFIX}{what} to {target.kind} {target.shown}"
        for old in client.read_automations_by_name(name):
            client.delete_automation(old.id)
        action = _action(target, what, block_id)
        client.create_automation(AutomationCore(name=name, trigger=trigger, actions=[action]))
        made.append(name)
    return made


def notifications(client: SyncPrefectClient) -> list[Automation]:
    """The automations of ours, by name."""
    ours = [each for each in client.read_automations() if each.name.startswith(PREFIX)]
    return sorted(ours, key=lambda each: each.name)


def remove(client: SyncPrefectClient, name: str) -> list[str]:
    """Delete the notifications of this name, or all to one address. Raises UnknownNotification."""
    ours = notifications(client)
    gone = [each for each in ours if name in {each.name, each.name.partition(" to ")[2]}]
    if not gone:
        raise UnknownNotification(
            f"there is no notification '{name}'. List them with: overhaul notify --list"
        )
    for automation in gone:
        client.delete_automation(automation.id)
    still_used = {block for each in ours if each not in gone for block in _blocks(each)}
    for block in {block for each in gone for block in _blocks(each)} - still_used:
        client.delete_block_document(block)
    return [each.name for each in gone]


def _trigger(occasion: Occasion) -> EventTrigger:
    if occasion == "gate":
        events = {"overhaul.gate.opened", "overhaul.gate.reminder", "overhaul.gate.escalated"}
        return EventTrigger(expect=events, match={"prefect.resource.id": "overhaul.run.*"})
    if occasion == "halted":
        return EventTrigger(
            expect={"overhaul.campaign.halted"}, match={"prefect.resource.id": "overhaul.campaign.*"}
        )
    return EventTrigger(
        expect={f"prefect.flow-run.{state}" for state in ("Failed", "Blocked", "Crashed")},
        match={"prefect.resource.id": "prefect.flow-run.*"},
        match_related={
            "prefect.resource.role": "flow",
            "prefect.resource.name": ["refactor-repository", "refactor-repositories"],
        },
    )


def _unanswered(within: timedelta) -> EventTrigger:
    return EventTrigger(
        after={"overhaul.gate.opened"},
        expect={"overhaul.gate.answered"},
        match={"prefect.resource.id": "overhaul.run.*"},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        within=within,
    )


def _action(target: Target, what: str, block_id: UUID) -> CallWebhook | SendNotification:
    subject, text = _SUBJECTS[what], _TEXTS["gate" if what == "reminder" else what]
    if target.kind == "mail":
        return SendNotification(block_document_id=block_id, subject=subject, body=text)
    said = f"{{% set said %}}{subject}\n{text}{{% endset %}}"
    if target.kind == "slack":
        return CallWebhook(block_document_id=block_id, payload=said + '{"text": {{ said|string|tojson }}}')
    fields = (
        '{"event": {{ event.event|tojson }}, "occurred": {{ event.occurred|string|tojson }},'
        ' "resource": {{ event.resource.id|tojson }}, "text": {{ said|string|tojson }},'
    )
    details = ' "details": {{ event.payload|tojson }}}' if what != "failed" else ' "details": {}}'
    return CallWebhook(block_document_id=block_id, payload=said + fields + details)


def _save_block(target: Target) -> UUID:
    name = f"overhaul-{target.kind}-{hashlib.sha256(target.address.encode()).hexdigest()[:8]}"
    block: Any
    if target.kind == "mail":
        # There is no block for mail but SendGrid's. This one hands whatever is no address of Slack's to Apprise.
        block = SlackWebhook(url=SecretStr(target.address))
    else:
        headers = SecretDict({"Content-Type": "application/json"})
        block = Webhook(url=SecretStr(target.address), headers=headers)
    block_id: UUID = block.save(name, overwrite=True, _sync=True)
    return block_id


def _blocks(automation: Automation) -> set[UUID]:
    return {
        each.block_document_id
        for each in automation.actions
        if isinstance(each, CallWebhook | SendNotification)
    }
