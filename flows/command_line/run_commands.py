"""`run`, `status`, `show`, `logs` and `resume`: the whole pipeline as a flow, and what became of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.campaign_commands import (
    CAMPAIGN_SUFFIXES,
    is_recipe_file,
    print_campaign,
    run_campaign,
    to_json,
)
from overhaul.flows.command_line.interrupts import unless_interrupted
from overhaul.flows.command_line.output import Progress, connect_to_server, note, print_json
from overhaul.flows.command_line.recipe_commands import parameter_option, trust_option
from overhaul.flows.command_line.run_options import what_to_run
from overhaul.flows.command_line.shown_run import print_run
from overhaul.flows.command_line.tables import (
    add_row,
    make_table,
    print_table,
    short_name,
    styled,
    tests_passed,
)
from overhaul.flows.plain_text import visible
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from overhaul.flows.options import RunOptions
    from overhaul.flows.results import RunResult


@click.command()
@click.argument("recipe_id", metavar="RECIPE|CAMPAIGN.yaml")
@parameter_option
@trust_option
@click.argument("repositories", nargs=-1, metavar="REPOSITORY...")
@click.option("--base", help="Branch to start from.  [default: the one checked out, or the remote's default]")
@click.option(
    "--campaign", default="", help="Name under which the runs are grouped.  [default: the recipe's id]"
)
@click.option(
    "--mode",
    type=click.Choice(["read-only", "auto", "full"]),
    default="auto",
    show_default=True,
    help="read-only: plan and show. auto: edit and test, ask before anything leaves the sandbox. full: ask nothing.",
)
@click.option(
    "--gate", "gates", multiple=True, metavar="NAME=ask|auto|draft|{RULE}",
    help="Who decides at a gate (plan, agent, publish): a word, or a rule such as"
    " publish='{approvers: [ada, group:core], needed: 2, timeout: 3d, on_timeout: reject}';"
    " groups='{core: [grace]}' names people.  [default: plan=auto, agent=ask, publish=ask]",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Answer every gate with approve.")
@click.option(
    "--sandbox", type=click.Choice(["auto", *PROVIDERS]), default="auto", show_default=True,
    help="Where the repository's tests run. process: on this machine, with no isolation.",
)  # fmt: skip
@click.option(
    "--network", multiple=True, metavar="HOST|full",
    help="A host that the tests may reach: api.example.org, *.example.org, db.example.org:5432.  [default: none]",
)  # fmt: skip
@click.option(
    "--python", help="An interpreter that has what the tests need; nothing is installed (process only)."
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    help="A package that the tests need and the repository does not name.",
)
@click.option(
    "--test-timeout", type=click.FloatRange(min=0, min_open=True), default=1800, show_default=True,
    help="Seconds after which a test run is ended.",
)  # fmt: skip
@click.option(
    "--max-files", type=click.IntRange(min=1), default=30, show_default=True, help="Files per batch."
)
@click.option(
    "--leftovers", "leftovers_file", metavar="PROMPT.md",
    help="Give the sites that the recipe cannot prove to a model, with this prompt.",
)  # fmt: skip
@click.option("--image", "images", multiple=True, metavar="FILE", help="An image that the model is shown.")
@click.option(
    "--budget", multiple=True, metavar="NAME=NUMBER",
    help="What a model may use in each repository: tokens, minutes, steps, dollars."
    "  [default: tokens=400k, minutes=30, steps=60]",
)  # fmt: skip
@click.option(
    "--allow-dirty", is_flag=True, help="Go on from HEAD although the work tree has uncommitted changes."
)
@click.option(
    "--sign/--no-sign", default=None,
    help="Sign commits with your key.  [default: as commit.gpgsign of your git configuration says]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def run(
    recipe_id: str,
    repositories: tuple[str, ...],
    parameters: tuple[str, ...],
    as_json: bool,
    **chosen: Any,
) -> int:
    """Refactor repositories: analyse, edit, test in the sandbox, ask, open pull requests.

    RECIPE is a recipe's id, `module:Class` of a LibCST codemod, `distilled:NAME`, `command: LINE`, a file
    COMPOSITE.yaml that lists recipes (docs/composites.md), a file with ast-grep rules, path/to/recipe.py:Class
    (docs/foreign-codemods.md), or a file PROMPT.md whose task a model carries out.
    Each REPOSITORY is a path or an address. Your work tree is not touched: the run works on the commit that HEAD
    names and pushes a branch of its own.
    A CAMPAIGN.yaml names recipe, repositories, waves and rules itself (docs/campaigns.md); the same command goes on
    with it later.
    """
    if recipe_id.endswith(CAMPAIGN_SUFFIXES) and not is_recipe_file(Path(recipe_id)):
        return run_campaign(Path(recipe_id), click.get_current_context())
    if not repositories:
        raise click.UsageError("name at least one REPOSITORY, or a CAMPAIGN.yaml alone.")
    settings = Settings.from_environment()
    recipe_id, values, options = what_to_run(recipe_id, parameters, chosen, settings)
    results = run_repositories(recipe_id, values, repositories, options, settings)
    if as_json:
        print_json({"runs": [result.to_json() for result in results]})
    else:
        print_results(results)
    return exit_code(results)


def run_repositories(
    recipe: str,
    parameters: dict[str, Any],
    repositories: Sequence[str],
    options: RunOptions,
    settings: Settings,
) -> list[RunResult]:
    """Run them one after the other, a library before its users; ask at gates if there is a terminal."""
    from overhaul.flows.server import connect

    with Progress("overhaul").live() as progress:
        connect(settings, progress)
        progress("loading")
        from overhaul.flows.rollout import Member, in_dependency_order, locate_all, one_after_another
        from overhaul.flows.runs import Request, create_run

        members = in_dependency_order(locate_all(repositories), options.base, settings)

        def run_one(member: Member, options: RunOptions) -> RunResult:
            progress.title = f"[{members.index(member) + 1}/{len(members)}] {member.name}"
            return finish(create_run(Request(member.source, recipe, parameters, options)), settings, progress)

        return one_after_another(members, options, run_one)


def finish(run_id: str, settings: Settings, progress: Progress) -> RunResult:
    """Carry a run on, asking at each gate while there is a terminal to ask at."""
    try:
        return unless_interrupted(lambda: _carry_on(run_id, settings, progress))
    except KeyboardInterrupt:
        note(f"What was finished is kept. Go on with: overhaul resume {run_id[:8]}")
        raise


def _carry_on(run_id: str, settings: Settings, progress: Progress) -> RunResult:
    from overhaul.flows.command_line.gate_commands import ask_at_terminal
    from overhaul.flows.runs import execute

    result = execute(run_id, settings, progress)
    while result.status == "waiting" and not result.held and sys.stdin.isatty() and sys.stderr.isatty():
        with progress.hidden():
            answered = ask_at_terminal(run_id, settings)
        if not answered:
            break
        result = execute(run_id, settings, progress)
    return result


@click.command()
@click.argument("campaign", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def status(campaign: str | None, as_json: bool) -> None:
    """Show all runs, or those of one campaign."""
    settings = Settings.from_environment()
    with Progress("status").live() as progress:
        connect_to_server(settings, progress)
        from overhaul.flows.campaigns.carrying_out import where_it_stands
        from overhaul.flows.runs import overview

        rows = overview(settings, campaign)
        known = where_it_stands(campaign, settings) if campaign else None
    if as_json:
        print_json((to_json(*known) if known else {}) | {"runs": rows})
        return
    if known:
        print_campaign(*known)
        return
    if not rows and campaign:
        note(f"no run belongs to a campaign '{campaign}'. See: overhaul status")
        return
    if not rows:
        note("no runs yet. Start one with: overhaul run RECIPE REPOSITORY, or try: overhaul demo")
        return
    table = make_table(
        "run", "campaign", "repository", "status", "edits", "unresolved", "new failures", "started"
    )
    for row in rows:
        add_row(
            table, row["run_id"][:8], row["campaign"], short_name(row["repository"]), styled(row["status"]),
            str(row["edits"]), str(row["unresolved"]), str(row["tests"]["new_failures"]),
            row["started_at"][:16].replace("T", " "),
        )  # fmt: skip
    print_table(table)


@click.command()
@click.argument("run_text", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--diff", is_flag=True, help="The run's whole diff, and nothing else.")
@click.option(
    "--page", "page_only", is_flag=True, help="The path of the page with everything, and nothing else."
)
def show(run_text: str, as_json: bool, diff: bool, page_only: bool) -> int:
    """Show one run: its steps, batches, decisions and pull request."""
    settings = Settings.from_environment()
    with Progress("show").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.page_server import link_to
        from overhaul.flows.runs import describe, diff_of, find_run

        with get_client(sync_client=True) as client:
            flow_run = find_run(client, run_text)
            shown = describe(client, flow_run, settings)
        patch: bytes = diff_of(shown, settings) if diff else b""
    if page_only:
        if shown["page"] is None:
            note(f"run {run_text} has no page yet: one is written where somebody is asked.")
            return 1
        click.echo(shown["page"])
    elif diff:
        if sys.stdout.isatty():
            click.echo(visible(patch.decode(errors="replace")))
        else:
            sys.stdout.buffer.write(patch)
    elif as_json:
        print_json(shown)
    else:
        print_run(shown, link_to(Path(shown["page"]), settings) if shown["page"] else "")
    return 0


@click.command()
@click.argument("run_text", metavar="RUN")
def logs(run_text: str) -> None:
    """Print what was logged of a run, and where the output of its tests is kept."""
    settings = Settings.from_environment()
    with Progress("logs").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.runs import find_run, log_lines

        with get_client(sync_client=True) as client:
            flow_run = find_run(client, run_text)
            lines = list(log_lines(client, flow_run))
    for line in lines:
        click.echo(line)
    for path in sorted((settings.run_folder(str(flow_run.id)) / "logs").glob("*.log")):
        note(f"log: {path}")


@click.command()
@click.argument("run_text", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def resume(run_text: str, as_json: bool) -> int:
    """Go on with a run that was interrupted or failed; finished steps are not repeated."""
    settings = Settings.from_environment()
    with Progress("resume").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.runs import find_run

        with get_client(sync_client=True) as client:
            flow_run = find_run(client, run_text)
        result = finish(str(flow_run.id), settings, progress)
    if as_json:
        print_json({"runs": [result.to_json()]})
    else:
        print_results([result])
    return exit_code([result])


def exit_code(results: Sequence[RunResult]) -> int:
    """1 if any repository failed, or nothing in any of them knows the symbol."""
    from overhaul.flows.results import NOT_DONE_STATUSES

    nowhere = all(result.status == "not found" for result in results)
    return int(nowhere or any(result.status in NOT_DONE_STATUSES for result in results))


def print_results(results: Sequence[RunResult]) -> None:
    """A table of the runs, then what a person should know or do next."""
    with_tokens = any(result.agent for result in results)
    table = make_table(
        "run",
        "repository",
        "status",
        "edits",
        "unresolved",
        "tests passed",
        *(["tokens"] if with_tokens else []),
    )
    for result in results:
        add_row(
            table, result.run_id[:8], short_name(result.repository), styled(result.status), str(result.edits),
            str(result.unresolved), tests_passed(result.to_json()["tests"]),
            *([f"{result.tokens:,}"] if with_tokens else []),
        )  # fmt: skip
    print_table(table)
    for result in results:
        if result.pull_request:
            click.echo(f"{short_name(result.repository)}: branch {result.branch}\n  {result.pull_request}")
    for result in results:
        if result.message:
            note(f"{short_name(result.repository)}: {result.message}")
    waiting = [result for result in results if result.status == "waiting" and not result.held]
    for result in waiting:
        note(
            f"{short_name(result.repository)} waits for a decision."
            f" Look: overhaul show {result.run_id[:8]} [--diff]"
            f" Answer: overhaul approve {result.run_id[:8]} | overhaul reject {result.run_id[:8]} --comment TEXT"
        )
    for result in results:
        if result.status in {"interrupted", "failed"}:
            note(f"Once the cause is mended: overhaul resume {result.run_id[:8]}")
