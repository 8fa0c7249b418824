"""`deploy`: refactors of many repositories that the Prefect UI or a schedule starts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.campaign_commands import (
    CAMPAIGN_SUFFIXES,
    is_recipe_file,
    refuse_options,
)
from overhaul.flows.command_line.output import Progress, connect_to_server, note, plural, print_json
from overhaul.flows.command_line.run_commands import run
from overhaul.flows.command_line.run_options import what_to_run
from overhaul.flows.command_line.tables import add_row, make_table, print_table
from overhaul.flows.command_line.values import duration
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from prefect.client.schemas.responses import DeploymentResponse

    from overhaul.flows.deployments import Schedule


@click.command()
@click.argument("recipe_id", metavar="RECIPE|CAMPAIGN.yaml", required=False)
@click.argument("repositories", nargs=-1, metavar="REPOSITORY...")
@click.option("--name", help="What to call it.  [default: the campaign, or the recipe's id]")
@click.option("--cron", metavar="CRON", help="When to run: '0 6 * * 1' is every Monday at six.")
@click.option("--every", callback=duration, metavar="TIME", help="How often to run: 30m, 6h, 1d, 2w.")
@click.option("--timezone", help="Whose clock --cron goes by, as Europe/Berlin.  [default: UTC]")
@click.option("--paused", is_flag=True, help="Keep the schedule for later; the UI switches it on.")
@click.option("--list", "list_them", is_flag=True, help="Show the deployments there are.")
@click.option("--delete", metavar="NAME", help="Delete one and its schedule; its runs are kept.")
def deploy(
    recipe_id: str | None, repositories: tuple[str, ...], parameters: tuple[str, ...], name: str | None,
    cron: str | None, every: timedelta | None, timezone: str | None, paused: bool, list_them: bool,
    delete: str | None, as_json: bool, **chosen: Any,
) -> None:  # fmt: skip
    """Refactor many repositories by a schedule, or from the Prefect UI.

    They are refactored one after another as by `overhaul run`, which knows the same options. A gate or a failure in
    one does not stop the others. A CAMPAIGN.yaml says all of that itself, the schedule too.
    """
    if not recipe_id and not list_them and not delete:
        raise click.UsageError("say what to do: RECIPE REPOSITORY..., --list or --delete NAME.")
    if recipe_id and recipe_id.endswith(CAMPAIGN_SUFFIXES) and not is_recipe_file(Path(recipe_id)):
        deploy_campaign_file(Path(recipe_id), click.get_current_context())
        return
    if recipe_id and not repositories:
        raise click.UsageError("name at least one REPOSITORY.")
    settings = Settings.from_environment()
    recipe, values, options = (
        what_to_run(recipe_id, parameters, chosen, settings) if recipe_id else ("", {}, None)
    )
    name = name or chosen["campaign"] or recipe
    if wrong := sorted(set(name) & set("/%&<>")):
        raise click.UsageError(
            f"a deployment cannot be called '{on_one_line(name)}': Prefect takes no {' '.join(wrong)} in its name."
            " Give another --name."
        )
    with Progress("deploy").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows import deployments
        from overhaul.flows.rollout import locate_all

        with get_client(sync_client=True) as client:
            if delete:
                deployments.remove_any(client, delete)
                note(f"deleted: {delete}")
            if options:
                wanted = deployments.BulkDeployment(
                    name=name,
                    recipe=recipe,
                    parameters=values,
                    repositories=locate_all(repositories),
                    options=options,
                    schedule=_schedule(cron, every, timezone),
                    paused=paused,
                )
                deployments.deploy(client, wanted)
                count = plural(len(wanted.repositories), "repository")
                note(f"deployed: {wanted.name}, {count}, {_said(cron, every, timezone, paused)}")
            rows = [_row(each) for each in deployments.deployed(client)]
    if as_json:
        print_json({"deployments": rows})
    elif list_them:
        _print_rows(rows)


def deploy_campaign_file(file: Path, context: click.Context) -> None:
    """Have a campaign go on by the schedule in its file, or from the Prefect UI."""
    from overhaul.flows.campaigns.reading import read_campaign_file

    refuse_options(context, file, frozenset())
    campaign, folder = read_campaign_file(file), file.absolute().parent
    settings = Settings.from_environment()
    with Progress("deploy").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows import deployments
        from overhaul.flows.campaigns.requests import run_options, what_is_done

        what_is_done(campaign, folder)
        run_options(campaign, folder)
        with get_client(sync_client=True) as client:
            deployments.deploy_campaign(client, campaign, str(folder))
    when = (
        f"at '{campaign.schedule}' (UTC)"
        if campaign.schedule
        else "from the UI; schedule: in the file sets a time"
    )
    note(f"deployed: campaign {campaign.name}, {when}")


# The options of a run are the same ones; click keeps them with the command.
deploy.params += [
    each
    for each in run.params
    if isinstance(each, click.Option) and each.name not in {option.name for option in deploy.params}
]


def _schedule(cron: str | None, every: timedelta | None, timezone: str | None) -> Schedule | None:
    from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
    from pydantic import ValidationError

    if cron and every:
        raise click.UsageError("--cron and --every exclude each other.")
    if timezone and not cron:
        raise click.UsageError("--timezone goes with --cron.")
    try:
        if cron:
            return CronSchedule(cron=cron, timezone=timezone or "UTC")
        return IntervalSchedule(interval=every) if every else None
    except ValidationError as error:
        said = error.errors()[0]
        option = "--timezone" if "timezone" in said["loc"] else "--cron"
        raise click.UsageError(
            f"{option}: {said['msg']}. It takes as '0 6 * * 1' (minute, hour, day, month, weekday)"
            " and as Europe/Berlin."
        ) from error


def _said(cron: str | None, every: timedelta | None, timezone: str | None, paused: bool) -> str:
    when = f"at '{cron}' ({timezone or 'UTC'})" if cron else _every(every) if every else "from the UI"
    return f"{when}, paused" if paused else when


def _said_of(schedule: Any) -> str:
    if cron := getattr(schedule, "cron", None):
        return f"at '{cron}' ({schedule.timezone})"
    return _every(schedule.interval) if hasattr(schedule, "interval") else "by a rule of the UI"


def _every(interval: timedelta) -> str:
    """`every 1 day`, `every 2 days, 6:00:00`, `every 0:30:00`."""
    return f"every {interval}".removesuffix(", 0:00:00")


def _row(deployment: DeploymentResponse) -> dict[str, Any]:
    parameters = deployment.parameters
    return {
        "name": deployment.name,
        "recipe": parameters.get("recipe", "campaign"),
        "parameters": parameters.get("parameters", {}),
        "repositories": parameters.get("repositories", []),
        "schedules": [_said_of(each.schedule) for each in deployment.schedules],
        "paused": deployment.paused,
    }


def _print_rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        note("no deployments yet. Make one with: overhaul deploy RECIPE REPOSITORY... --every 1d")
        return
    table = make_table("deployment", "recipe", "repositories", "schedule")
    for row in rows:
        when = "; ".join(row["schedules"]) or "from the UI"
        add_row(
            table,
            row["name"],
            row["recipe"],
            str(len(row["repositories"])) if row["repositories"] else "as its file says",
            f"{when}, paused" if row["paused"] else when,
        )
    print_table(table)
