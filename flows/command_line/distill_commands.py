"""`distill`: a run's change as a recipe that costs nothing to run, shown and approved."""

from __future__ import annotations

import getpass
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, note, print_json
from overhaul.flows.command_line.run_options import budget_of
from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from overhaul.flows.distilled import Distilled
    from overhaul.flows.options import Budget
    from overhaul.refactors.agent.limits import Limits

TRIES = "steps=6"
TIERS = click.Choice(["auto", "docker", "bubblewrap", "landlock"])


class _RunOrCommand(click.Group):
    """`distill RUN` is `distill run RUN`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [word for word in args if not word.startswith("-")]
        if words and args[0] not in self.commands and not {"-h", "--help"} & set(args):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_RunOrCommand, invoke_without_command=True, subcommand_metavar="RUN | COMMAND NAME")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_context
def distill(context: click.Context, as_json: bool) -> None:
    """Make a recipe of a run's change, which other repositories then get at no tokens; without RUN, list them."""
    if context.invoked_subcommand is not None:
        return
    from overhaul.flows import distilled

    settings = Settings.from_environment()
    found = [distilled.find(settings, name) for name in distilled.names(settings)]
    if as_json:
        print_json({"recipes": [document(settings, each) for each in found]})
        return
    if not found:
        note("no recipe was distilled yet. Make one of a run of a prompt with: overhaul distill RUN")
    for each in found:
        state = _state(settings, each)
        click.echo(f"{each.id}  {on_one_line(each.pilot.title)}  {state}")


@distill.command()
@click.argument("run_text", metavar="RUN")
@click.option("--name", help="What the recipe is called.  [default: the title of the prompt]")
@click.option("--sandbox", type=TIERS, default="auto", show_default=True, help="Where the recipe is tried.")
@click.option(
    "--budget", multiple=True, metavar="NAME=NUMBER",
    help="What the model may use: tokens, minutes, steps, dollars.  [default: tokens=400k, minutes=30, steps=6]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def run(run_text: str, name: str | None, sandbox: str, budget: tuple[str, ...], as_json: bool) -> None:
    """Have the model write a recipe that makes the change of RUN, and try it in the sandbox."""
    settings = Settings.from_environment()
    allowed = budget_of((TRIES, *budget))
    with Progress("distill").live() as progress:
        from overhaul.flows.providers import choose

        choose(settings)  # or it says what to set, before a server is started
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.distilling import Trial, distil, pilot_of
        from overhaul.flows.progress import watched_by
        from overhaul.flows.providers import model_of

        with get_client(sync_client=True) as client, watched_by(progress):
            pilot = pilot_of(client, run_text, settings)
            trial = Trial(settings, pilot, sandbox)
            model = model_of(settings)
            made = distil(
                settings, model, trial, name or _name(pilot.title), _limits(settings, model.name, allowed)
            )
    if as_json:
        print_json(document(settings, made))
        return
    _print(settings, made)
    note(f"Nothing uses it before somebody approves it: overhaul distill approve {made.name}")


@distill.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def show(name: str, as_json: bool) -> None:
    """Show the source of recipe NAME, its cases, and what it does of the run that it is from."""
    from overhaul.flows import distilled

    settings = Settings.from_environment()
    found = distilled.find(settings, name)
    if as_json:
        print_json(document(settings, found))
        return
    _print(settings, found)


@distill.command()
@click.argument("name")
@click.option("--approver", default=None, help="Who approves.  [default: your user name]")
@click.option(
    "--sandbox", type=TIERS, default="auto", show_default=True, help="Where a changed one is tried."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def approve(name: str, approver: str | None, sandbox: str, yes: bool, as_json: bool) -> int:
    """Show recipe NAME as it is now, and let runs use exactly that. One that was edited is tried again first."""
    from overhaul.flows import distilled

    settings = Settings.from_environment()
    found = distilled.find(settings, name)
    if found.checked != found.draft.sha256:
        found = _tried_again(settings, found, sandbox)
    if not as_json:
        _print(settings, found)
    agreed = yes or distilled.approval_of(settings, found) is not None
    if not agreed and sys.stdin.isatty() and not as_json:
        agreed = click.confirm("Let runs use this recipe?", err=True)
    if agreed:
        distilled.approve(settings, found, approver or getpass.getuser())
    if as_json:
        print_json(document(settings, found))
    note(
        f"approved. Use it with: overhaul run {found.id} REPOSITORY..."
        if agreed
        else "nothing is approved; --yes does it."
    )
    return 0 if agreed else 1


def _tried_again(settings: Settings, found: Distilled, sandbox: str) -> Distilled:
    """A recipe that a person has edited, with what it does now. Raises DistillError if it does not hold."""
    from dataclasses import replace

    from overhaul.flows import distilled
    from overhaul.flows.distilling import Trial
    from overhaul.flows.errors import DistillError

    note(f"{found.id} was edited: it is tried again.")
    now = Trial(settings, found.pilot, sandbox)(found.draft)
    if now.problems or not now.reproduced:
        problems = "\n".join(now.problems) or "it does nothing of what the run did"
        raise DistillError(f"{found.id} does not hold as it is now: {problems}")
    tried = replace(found, files=dict(now.files), checked=found.draft.sha256)
    distilled.keep(settings, tried)
    return tried


def document(settings: Settings, recipe: Distilled) -> dict[str, Any]:
    """A distilled recipe as JSON."""
    from dataclasses import asdict

    from overhaul.flows import distilled

    approval = distilled.approval_of(settings, recipe)
    return {
        "name": recipe.name, "recipe": recipe.id, "title": recipe.pilot.title,
        "sha256": recipe.draft.sha256, "approved": asdict(approval) if approval else None,
        "pilot": {"run_id": recipe.pilot.run_id, "repository": recipe.pilot.repository, "base": recipe.pilot.base,
                  "head": recipe.pilot.head},
        "files": [{"path": path, "status": status} for path, status in recipe.files.items()],
        "model": recipe.model, "tokens": recipe.tokens, "tries": recipe.tries, "made_at": recipe.made_at,
        "path": str(distilled.source_path(settings, recipe.name)), "source": recipe.draft.source,
        "cases": [asdict(case) for case in recipe.draft.cases],
    }  # fmt: skip


def _print(settings: Settings, recipe: Distilled) -> None:
    from difflib import unified_diff

    from overhaul.flows.distilled import source_path

    click.echo(f"{click.style(recipe.id, bold=True)}  {on_one_line(recipe.pilot.title)}")
    tries = "1 try" if recipe.tries == 1 else f"{recipe.tries} tries"
    written = f"written by {recipe.model} in {tries}, {recipe.tokens:,} tokens; {_state(settings, recipe)}"
    click.echo(on_one_line(f"from run {recipe.pilot.run_id[:8]} in {recipe.pilot.repository}; {written}"))
    click.echo(f"{source_path(settings, recipe.name)}\n")
    click.echo(visible(recipe.draft.source.rstrip()) + "\n")
    for case in recipe.draft.cases:
        is_same = case.before == case.after
        click.echo(on_one_line(f"case: {case.name}{' (stays as it is)' if is_same else ''}"))
        before, after = case.before.splitlines(), case.after.splitlines()
        lines = before if is_same else list(unified_diff(before, after, lineterm="", n=3))[2:]
        click.echo("".join(f"    {visible(line)}\n" for line in lines))
    click.echo("what it does of the run's change:")
    for path, status in recipe.files.items():
        click.echo(f"    {status.ljust(12)} {on_one_line(path)}")


def _state(settings: Settings, recipe: Distilled) -> str:
    from overhaul.flows.distilled import approval_of

    approval = approval_of(settings, recipe)
    if approval is None:
        return f"not approved: overhaul distill approve {recipe.name}"
    return on_one_line(f"approved by {approval.approver}, {approval.at}")


def _limits(settings: Settings, model: str, budget: Budget) -> Limits:
    from overhaul.flows.prices import price_for_limit
    from overhaul.refactors.agent.limits import Limits

    price = price_for_limit(settings, model) if budget.dollars is not None else None
    return Limits(budget.steps, budget.minutes * 60, budget.tokens, budget.dollars, price)


def _name(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words[:40].strip("-") or "recipe"
