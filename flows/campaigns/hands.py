"""Who works on the repositories of a campaign: this process, or the runners of a work pool."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.states import Scheduled

from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.deployments import deployment_of_campaigns
from overhaul.flows.errors import BusyRun
from overhaul.flows.progress import tell
from overhaul.flows.results import RunResult
from overhaul.flows.run_labels import run_tags
from overhaul.flows.runs import Request, create_run, execute, result_of
from overhaul.flows.settings import Settings

POLL_SECONDS = 1.0
RUNNER_SECONDS = 120.0


class Hands(Protocol):
    """Begin the run of a repository, and look how far it is."""

    @property
    def at_once(self) -> int:
        """How many repositories are worked on at the same time."""

    def begin(self, request: Request) -> str:
        """Register a run; return its id."""

    def look(self, run_id: str, repository: str) -> RunResult | None:
        """What a run has come to; None while it is worked on."""

    def rest(self) -> None:
        """Called when all that is in hand is worked on by others."""


@dataclass(frozen=True, slots=True)
class OwnHands:
    """This process, one repository after the other; `carry_on` takes a run's id and its repository."""

    carry_on: Callable[[str, str], RunResult]
    at_once: int = 1

    def begin(self, request: Request) -> str:
        return create_run(request)

    def look(self, run_id: str, repository: str) -> RunResult | None:
        try:
            return self.carry_on(run_id, repository)
        except BusyRun as busy:  # somebody answers it, say: the next go sees what came of that
            return RunResult(repository, run_id, "running", message=str(busy))

    def rest(self) -> None:
        raise AssertionError("what this process works on is done when it is looked at")


@dataclass(slots=True)
class Runners:
    """The runners of the work pool, on this machine and others: each takes a run as it has room."""

    at_once: int
    _waiting_since: dict[str, float] = field(default_factory=dict)

    def begin(self, request: Request) -> str:
        with get_client(sync_client=True) as client:
            flow_run = client.create_flow_run_from_deployment(
                deployment_of_campaigns(client),
                parameters={
                    "repository": request.repository,
                    "recipe": request.recipe,
                    "parameters": request.parameters,
                    "options": request.options.model_dump(mode="json"),
                },
                tags=run_tags(request.repository, request.recipe, request.options),
            )
        return str(flow_run.id)

    def look(self, run_id: str, repository: str) -> RunResult | None:  # noqa: ARG002  (what it is does not matter)
        """Raises BusyRun if no runner has taken it up for long."""
        with get_client(sync_client=True) as client:
            flow_run = client.read_flow_run(UUID(run_id))
            result = result_of(client, flow_run)
            if result.status == "interrupted" and flow_run.run_count < 3:
                client.set_flow_run_state(UUID(run_id), Scheduled(), force=True)
                return None
        if result.status == "scheduled":
            since = self._waiting_since.setdefault(run_id, time.monotonic())
            if time.monotonic() - since > RUNNER_SECONDS and len(self._waiting_since) >= self.at_once:
                raise BusyRun(
                    f"no runner has taken up a run for {RUNNER_SECONDS:.0f} s. Start one: overhaul serve --runner"
                )
            return None
        self._waiting_since.pop(run_id, None)
        return None if result.status == "running" else result

    def rest(self) -> None:
        tell("waiting for the runners")
        time.sleep(POLL_SECONDS)


def hands_for(
    campaign: Campaign, settings: Settings, carry_on: Callable[[str, str], RunResult] | None = None
) -> Hands:
    """The hands that a campaign asks for; `carry_on` is how this process carries a run on where it does."""
    limit = campaign.rollout.limits.at_once
    if limit > 1:
        return Runners(limit)
    return OwnHands(carry_on or (lambda run_id, _: execute(run_id, settings)))
