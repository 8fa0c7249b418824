"""Runs that are held after their tests: a library until its users were tested beside it, they until it is published."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from prefect.client.orchestration import get_client

from overhaul.flows.campaigns.advancing import Member
from overhaul.flows.gate_rules import Decision, Given
from overhaul.flows.gates import answer, open_gate


def release(member: Member, members: Sequence[Member], campaign: str) -> None:
    """Answer the gate at which a run is held; whoever calls this carries the run on.

    Raises NothingToAnswer if somebody else has answered it.
    """
    with get_client(sync_client=True) as client:
        gate = open_gate(client, client.read_flow_run(UUID(member.run_id)))
        given = Given(
            Decision.approve, why_released(member, members), f"the campaign {campaign}", via="campaign"
        )
        answer(client, gate, given)


def why_released(member: Member, members: Sequence[Member]) -> str:
    """What the pull request says of why it was let go."""
    users = [each for each in members if member.source in each.needs.values() and each.run_id]
    if users:
        names = ", ".join(_name(each.source) for each in users[:10]) + (", ..." if len(users) > 10 else "")
        return f"its users were tested with it, before anything was published: {names}"
    libraries = [_name(source) for source in sorted(set(member.needs.values()))]
    return (
        f"it was tested with {', '.join(libraries)}, of which this is a user"
        if libraries
        else "its wave is open"
    )


def _name(source: str) -> str:
    return source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
