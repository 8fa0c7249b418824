"""What runs are called, and their tags: how a person finds them in the UI's lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun

from overhaul.flows.options import RunOptions
from overhaul.flows.parts import said_part
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.refactors.errors import RefactorError

LONGEST_NAME = 120


def run_name(repository: str, recipe: str, parameters: Mapping[str, Any], part: str = "") -> str:
    """`acme: Rename acme.api.fetch_user to get_user`."""
    return _shortened(f"{repository_name(repository)}: {_title(recipe, parameters)}{said_part(part)}")


def bulk_name(repositories: Collection[str], recipe: str, parameters: Mapping[str, Any]) -> str:
    """`3 repositories: Rename acme.api.fetch_user to get_user`."""
    count = len(repositories)
    places = "1 repository" if count == 1 else f"{count:,} repositories"
    return _shortened(f"{places}: {_title(recipe, parameters)}")


def run_tags(repository: str, recipe: str, options: RunOptions) -> list[str]:
    """The tags of a run on one repository."""
    return [*campaign_tags(recipe, options), _shortened(f"repository:{repository_name(repository)}")]


def campaign_tags(recipe: str, options: RunOptions) -> list[str]:
    """The tags that all runs of a campaign have."""
    tags = [f"campaign:{options.campaign or recipe}", f"recipe:{recipe}"]
    return [*tags, f"wave:{options.wave}"] if options.wave else tags


def campaign_of(flow_run: FlowRun) -> str:
    """The campaign that a run belongs to, by its tag."""
    return next((tag.removeprefix("campaign:") for tag in flow_run.tags if tag.startswith("campaign:")), "")


def add_tags(flow_run: FlowRun, tags: Collection[str]) -> None:
    """Give a run tags that it lacks: one that was started in the UI has those of its deployment only."""
    if missing := set(tags) - set(flow_run.tags):
        flow_run.tags = sorted(missing.union(flow_run.tags))
        with get_client(sync_client=True) as client:
            client.update_flow_run(flow_run.id, tags=flow_run.tags)


def repository_name(repository: str) -> str:
    """The repository's name, as people say it."""
    return repository.strip().rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")


def _title(recipe: str, parameters: Mapping[str, Any]) -> str:
    try:
        return find_recipe(recipe).bind(parameters).title
    except RefactorError:
        return recipe  # the run itself will say what is wrong with it


def _shortened(text: str) -> str:
    line = on_one_line(text)
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 3] + "..."
