"""What a campaign asks for in one repository: its steps and rules as a run takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import TemplateError

from overhaul.flows.campaigns.advancing import Member
from overhaul.flows.campaigns.campaign_file import Campaign, Step
from overhaul.flows.errors import CampaignFileError
from overhaul.flows.options import Budget, PullRequestOptions, RunOptions
from overhaul.flows.publishing import branch_name
from overhaul.flows.pull_request_body import check_template
from overhaul.flows.recipe_lookup import find_recipe, named_recipe
from overhaul.flows.results import RunResult
from overhaul.flows.rollout import Member as Needing
from overhaul.flows.rollout import with_dependencies
from overhaul.flows.runs import Request
from overhaul.refactors.errors import RefactorError
from overhaul.refactors.recipe import parameter_types
from overhaul.refactors.recipes.composite.steps import from_words


def what_is_done(campaign: Campaign, folder: Path) -> tuple[str, dict[str, Any]]:
    """The recipe of a campaign with its parameters, or a prompt as one. Raises CampaignFileError.

    Several recipes are a composite of them.
    """
    if not campaign.recipe_steps:
        file = campaign.steps[0].agent
        return _bound(campaign, 0, "prompt", {"name": Path(file).name, "task": _prompt(file, folder)})
    named = [_step(campaign, number, step, folder) for number, step in enumerate(campaign.recipe_steps)]
    if len(named) == 1:
        return named[0]
    form = {
        "name": campaign.name,
        "description": campaign.description,
        "steps": [_as_part(recipe, parameters) for recipe, parameters in named],
    }
    whole = {"definition": json.dumps(form, indent=1), "name": campaign.name}  # which is YAML
    return _bound(campaign, 0, "composite", whole)


def _step(campaign: Campaign, number: int, step: Step, folder: Path) -> tuple[str, dict[str, Any]]:
    try:
        return _bound(campaign, number, *named_recipe(step.recipe, step.parameters, folder))
    except RefactorError as error:
        raise CampaignFileError(f"campaign {campaign.name}: steps.{number}: {error}") from error


def _bound(
    campaign: Campaign, number: int, recipe: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The recipe with all of its parameters."""
    try:
        kind = find_recipe(recipe)
        if campaign.environment.sandbox != "auto" and "sandbox" in parameter_types(kind):
            parameters = {"sandbox": campaign.environment.sandbox, **parameters}
        return recipe, kind.bind(parameters).parameter_values
    except RefactorError as error:
        raise CampaignFileError(f"campaign {campaign.name}: steps.{number}: {error}") from error


def _as_part(recipe: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe as a step of a composite, which holds no other values than texts and lists of them."""
    values = {
        name: {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        for name, value in parameters.items()
    }
    if recipe != "composite":
        return {"recipe": recipe, "with": values}
    whole = yaml.load(values["definition"], Loader=yaml.BaseLoader)  # noqa: S506
    return {"composite": whole, "with": from_words(values["values"])}


def run_options(campaign: Campaign, folder: Path) -> RunOptions:
    """The options that the runs of a campaign have in common. Raises CampaignFileError."""
    agent = campaign.agent_step
    leftovers = _prompt(agent.agent, folder) if agent and campaign.recipe_steps else ""
    place, wanted = campaign.environment, campaign.pull_request
    return RunOptions(
        campaign=campaign.name,
        mode=campaign.mode,
        sandbox=place.sandbox,
        network=place.network,
        python=place.python,
        packages=place.packages,
        gates=campaign.gates,
        test_timeout=campaign.verify.timeout,
        repair_attempts=campaign.verify.repair_attempts,
        max_files=campaign.split.max_files,
        commands=tuple(step.run for step in campaign.steps if step.run),
        leftovers=leftovers,
        sign=wanted.sign,
        budget=agent.budget if agent and agent.budget else Budget(),
        pull_request=PullRequestOptions(
            title=wanted.title,
            body=_template(wanted.body, folder),
            draft=wanted.draft,
            labels=wanted.labels,
            reviewers=wanted.reviewers,
            human_commits=wanted.human_commits,
            merge=wanted.merge,
            check=wanted.check,
        ),
    )


def request_for(
    campaign: Campaign, member: Member, folder: Path, libraries: Sequence[tuple[str, RunResult]]
) -> Request:
    """What is asked of one repository; `libraries` are distributions that it uses, with how their runs went."""
    recipe, parameters = what_is_done(campaign, folder)
    options = run_options(campaign, folder).model_copy(
        update={"base": member.base or None, "wave": str(member.wave), "part": member.part}
    )
    needing = Needing(member.source, {name: result.repository for name, result in libraries})
    options = with_dependencies(options, needing, [result for _, result in libraries])
    return Request(member.source, recipe, parameters, options)


def branch_of(campaign: Campaign, member: Member, folder: Path) -> str:
    """The branch on which a repository's change is proposed."""
    return branch_name(campaign.name, *what_is_done(campaign, folder), member.base, member.part)


def _prompt(file: str, folder: Path) -> str:
    text = _text(file, folder, "prompt")
    if not text.strip():
        raise CampaignFileError(f"the prompt {folder / file} is empty; it says what the model is to do.")
    return text


def _template(file: str, folder: Path) -> str:
    text = _text(file, folder, "template") if file else ""
    try:
        check_template(text)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        place = f"{folder / file}:{line}" if line else str(folder / file)
        raise CampaignFileError(f"{place}: {error.message}.") from error
    return text


def _text(file: str, folder: Path, what: str) -> str:
    path = folder / Path(file).expanduser()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise CampaignFileError(f"the {what} {path} cannot be read: {why}.") from error
