"""Deployments: what can be started from the Prefect UI or by a schedule, and runs in the work pool of ours.

One per recipe refactors one repository; those that `overhaul deploy` makes refactor many. They name modules, never
files (DESIGN.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.workers.process import ProcessWorker

from overhaul.flows.campaigns.campaign_file import Campaign
from overhaul.flows.errors import UnknownDeployment
from overhaul.flows.options import RunOptions
from overhaul.flows.parameter_forms import campaign_form, repositories_form, repository_form
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.refactors.registry import recipe_ids

POOL = "overhaul"
# Without it two more processes look for a project and its packages first, which takes three times as long.
COMMAND = "python -m prefect.engine"
ONE = "refactor-repository"
MANY = "refactor-repositories"
CAMPAIGN = "campaign"
OF_CAMPAIGNS = "of-campaigns"

# No colon: for Prefect the dotted form alone is a module; the other one is looked for in the working folder first.
_ENTRYPOINTS = {
    ONE: "overhaul.flows.refactor_repository.refactor_repository",
    MANY: "overhaul.flows.refactor_repositories.refactor_repositories",
    CAMPAIGN: "overhaul.flows.campaign.campaign",
}

Schedule = CronSchedule | IntervalSchedule


@dataclass(frozen=True, slots=True)
class BulkDeployment:
    """A refactor of many repositories, by hand or by a schedule."""

    name: str
    recipe: str
    parameters: dict[str, Any]
    repositories: Sequence[str]
    options: RunOptions = field(default_factory=RunOptions)
    schedule: Schedule | None = None
    paused: bool = False


def deploy_recipes(client: SyncPrefectClient) -> None:
    """Make or renew the work pool and the deployment of each recipe."""
    _make_pool(client)
    flow_id = client.create_flow_from_name(ONE)
    for recipe_id in recipe_ids():
        recipe = find_recipe(recipe_id)
        client.create_deployment(
            flow_id,
            recipe_id,
            description=f"{recipe.summary}, in one repository.",
            parameters={"recipe": recipe_id},
            parameter_openapi_schema=repository_form(recipe),
            tags=[f"recipe:{recipe_id}"],
            **_where(ONE),
        )


def deployment_of_campaigns(client: SyncPrefectClient) -> UUID:
    """The deployment by which campaigns have runners work on their repositories, made if it is not there yet."""
    try:
        return client.read_deployment_by_name(f"{ONE}/{OF_CAMPAIGNS}").id
    except ObjectNotFound:
        _make_pool(client)
        where = _where(ONE) | {"enforce_parameter_schema": False}
        text = "One repository of a campaign. Campaigns start it; by hand, use a recipe's deployment."
        flow_id = client.create_flow_from_name(ONE)
        return client.create_deployment(flow_id, OF_CAMPAIGNS, description=text, **where)


def deploy_campaign(client: SyncPrefectClient, campaign: Campaign, folder: str) -> str:
    """Make or replace the deployment that goes on with a campaign, by its schedule or by hand; return its id."""
    _make_pool(client)
    remove(client, campaign.name, missing_ok=True, flow_name=CAMPAIGN)
    clock = campaign.rollout.timezone
    schedule = CronSchedule(cron=campaign.schedule, timezone=clock) if campaign.schedule else None
    deployment_id = client.create_deployment(
        client.create_flow_from_name(CAMPAIGN),
        campaign.name,
        description=campaign.description or f"Goes on with the campaign {campaign.name}.",
        parameters={"campaign": campaign.model_dump(mode="json", exclude_defaults=True), "folder": folder},
        parameter_openapi_schema=campaign_form(),
        tags=[f"campaign:{campaign.name}"],
        schedules=[DeploymentScheduleCreate(schedule=schedule, active=True)] if schedule else [],
        concurrency_limit=1,
        **_where(CAMPAIGN),
    )
    return str(deployment_id)


def go_on_with_campaign(client: SyncPrefectClient, name: str, key: str) -> bool:
    """Start a run of a campaign's deployment, once per key; return whether one will come.

    There is none to come if the deployment is not there, or paused. One that is due, and waits for a runner, is enough.
    """
    try:
        deployment = client.read_deployment_by_name(f"{CAMPAIGN}/{name}")
    except ObjectNotFound:
        return False
    if deployment.paused:
        return False
    waiting = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])))
    of_it = DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
    runs = client.read_flow_runs(deployment_filter=of_it, flow_run_filter=waiting)
    now = datetime.now(UTC)
    if not any(run.expected_start_time and run.expected_start_time <= now for run in runs):
        client.create_flow_run_from_deployment(deployment.id, idempotency_key=key)
    return True


def deploy(client: SyncPrefectClient, wanted: BulkDeployment) -> str:
    """Make or replace a deployment for many repositories; return its id."""
    _make_pool(client)
    recipe = find_recipe(wanted.recipe)
    schedules = []
    if wanted.schedule is not None:
        schedules = [DeploymentScheduleCreate(schedule=wanted.schedule, active=not wanted.paused)]
    # A schedule that is left out now would stay if the old deployment did.
    remove(client, wanted.name, missing_ok=True)
    deployment_id = client.create_deployment(
        client.create_flow_from_name(MANY),
        wanted.name,
        description=f"{recipe.summary}, in {len(wanted.repositories)} repositories.",
        parameters={
            "recipe": wanted.recipe,
            "repositories": list(wanted.repositories),
            "parameters": wanted.parameters,
            "options": wanted.options.model_dump(mode="json", exclude={"beside"}, exclude_none=True),
        },
        parameter_openapi_schema=repositories_form(recipe),
        tags=[f"recipe:{wanted.recipe}", f"campaign:{wanted.options.campaign or wanted.recipe}"],
        schedules=schedules,
        paused=wanted.paused,
        **_where(MANY),
    )
    return str(deployment_id)


def deployed(client: SyncPrefectClient) -> list[DeploymentResponse]:
    """The deployments for many repositories and those of campaigns, by name; not those that may be for any."""
    flows = FlowFilter(name=FlowFilterName(any_=[MANY, CAMPAIGN]))
    found = client.read_deployments(flow_filter=flows, limit=200)
    return sorted((each for each in found if each.parameters), key=lambda each: each.name)


def remove(client: SyncPrefectClient, name: str, missing_ok: bool = False, flow_name: str = MANY) -> None:
    """Delete a deployment for many repositories and its schedule. Raises UnknownDeployment."""
    try:
        client.delete_deployment(client.read_deployment_by_name(f"{flow_name}/{name}").id)
    except ObjectNotFound as missing:
        if not missing_ok:
            raise UnknownDeployment(
                f"there is no deployment '{name}'. List them with: overhaul deploy --list"
            ) from missing


def remove_any(client: SyncPrefectClient, name: str) -> None:
    """Delete the deployment of this name, be it for many repositories or of a campaign. Raises UnknownDeployment."""
    campaign = any(each.name == name and "campaign" in each.parameters for each in deployed(client))
    remove(client, name, flow_name=CAMPAIGN if campaign else MANY)


def _where(flow_name: str) -> dict[str, Any]:
    return {
        "entrypoint": _ENTRYPOINTS[flow_name],
        "work_pool_name": POOL,
        "pull_steps": [],
        "enforce_parameter_schema": True,
    }


def _make_pool(client: SyncPrefectClient) -> None:
    template = ProcessWorker.get_default_base_job_template()
    template["variables"]["properties"]["command"]["default"] = COMMAND
    pool = WorkPoolCreate(
        name=POOL,
        type=ProcessWorker.type,
        description="Runs of overhaul. Its runner: overhaul serve [--runner]",
        base_job_template=template,
    )
    try:
        client.create_work_pool(pool)
    except ObjectAlreadyExists:
        return
