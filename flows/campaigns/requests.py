"""What a campaign asks for in one repository: its steps and rules as a run takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from overhaul.flows.campaigns.advancing import Member
from overhaul.flows.campaigns.campaign_file import Campaign
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


def what_is_done(campaign: Campaign, folder: Path) -> tuple[str, dict[str, Any]]:
    """The recipe of a campaign with its parameters, or a prompt as one. Raises CampaignFileError."""
    if (step := campaign.recipe_step) is not None:
        word, values = step.recipe, dict(step.parameters)
    else:
        file = campaign.steps[0].agent
        word, values = "prompt", {"name": Path(file).name, "task": _prompt(file, folder)}
    try:
        recipe, parameters = named_recipe(word, values, folder)
        kind = find_recipe(recipe)
        if campaign.environment.sandbox != "auto" and "sandbox" in parameter_types(kind):
            parameters = {"sandbox": campaign.environment.sandbox, **parameters}
        return recipe, kind.bind(parameters).parameter_values
    except RefactorError as error:
        raise CampaignFileError(f"campaign {campaign.name}: steps.0: {error}") from error


def run_options(campaign: Campaign, folder: Path) -> RunOptions:
    """The options that the runs of a campaign have in common. Raises CampaignFileError."""
    agent = campaign.agent_step
    leftovers = _prompt(agent.agent, folder) if agent and campaign.recipe_step else ""
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
        budget=agent.budget if agent and agent.budget else Budget(),
        pull_request=PullRequestOptions(
            title=wanted.title,
            body=_template(wanted.body, folder),
            draft=wanted.draft,
            labels=wanted.labels,
            reviewers=wanted.reviewers,
            human_commits=wanted.human_commits,
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
