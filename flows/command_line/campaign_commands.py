"""`validate`, `retry` and what `run` and `status` do with a campaign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, note, plural, print_json
from overhaul.flows.command_line.tables import add_row, make_table, print_table, short_name, styled
from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from overhaul.flows.campaigns.advancing import Member, Next
    from overhaul.flows.campaigns.campaign_file import Campaign
    from overhaul.flows.campaigns.carrying_out import Progressed
    from overhaul.flows.results import RunResult

CAMPAIGN_SUFFIXES = (".yaml", ".yml")
# What `run FILE` takes beside the file; all else stands in it.
OVERRIDES = frozenset({"mode", "sandbox", "python", "sign", "yes", "as_json"})
SHOWN_MEMBERS = 40


def is_composite_file(path: Path) -> bool:
    """Tell whether a YAML file lists recipes only, and is no campaign."""
    from overhaul.refactors.recipes.composite.reading import is_composite

    return is_composite(path)


def is_recipe_file(path: Path) -> bool:
    """Tell whether a YAML file is a recipe: a composite, or ast-grep rules."""
    from overhaul.flows.foreign.words import is_rule_file

    return is_rule_file(str(path)) or is_composite_file(path)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the file's JSON Schema, for editors.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def validate(file: Path | None, schema: bool, as_json: bool) -> int:
    """Check a campaign FILE without running it: its form, its recipe and parameters, its prompts and repositories.

    Of a composite's file: its form, and its steps unless it needs parameters.
    """
    from overhaul.flows.campaigns.campaign_file import Campaign
    from overhaul.flows.campaigns.reading import faults_in, read_campaign_file
    from overhaul.flows.campaigns.requests import run_options, what_is_done
    from overhaul.flows.campaigns.selection import select

    if schema:
        print_json(Campaign.model_json_schema())
        return 0
    if file is None:
        raise click.UsageError("name a campaign FILE, or --schema.")
    if is_composite_file(file):
        return _validate_composite(file, as_json)
    if as_json and (faults := faults_in(file)):
        print_json({"file": str(file), "faults": [fault.to_json() for fault in faults], "repositories": []})
        return 1
    campaign = read_campaign_file(file)
    folder = file.absolute().parent
    recipe, _ = what_is_done(campaign, folder)
    run_options(campaign, folder)
    selected = select(campaign, folder)
    if as_json:
        rows = [
            {"repository": each.source, "base": each.base or None, "left_out": each.left_out}
            for each in selected
        ]
        print_json({"file": str(file), "faults": [], "repositories": rows})
        return 0
    taking_part = [each for each in selected if not each.left_out]
    click.echo(f"{campaign.name}: {recipe} over {plural(len(taking_part), 'repository')}")
    for each in selected:
        branch = f" ({each.base})" if each.base else ""
        click.echo(f"  {each.source}{branch}{f'  left out: {each.left_out}' if each.left_out else ''}")
    if not taking_part:
        note("no repository takes part. See `repositories` and `exclude` in the file.")
    return int(not taking_part)


def _validate_composite(file: Path, as_json: bool) -> int:
    from overhaul.refactors.recipes.composite.reading import checked_file

    definition = checked_file(file)
    if as_json:
        print_json({"file": str(file), "faults": [], "steps": len(definition.steps)})
        return 0
    needed = (
        f"; it needs {', '.join(f'-p {name}=...' for name in definition.required)}"
        if definition.required
        else ""
    )
    click.echo(f"{definition.name}: a composite of {plural(len(definition.steps), 'step')}{needed}")
    return 0


@click.command()
@click.argument("name", metavar="CAMPAIGN")
@click.option(
    "--failed", "only_failed", is_flag=True, help="Only those that failed, not those that people refused."
)
@click.option("--yes", is_flag=True, help="Answer every gate with approve.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def retry(name: str, only_failed: bool, yes: bool, as_json: bool) -> int:
    """Do those repositories of a CAMPAIGN again that failed, were rejected, or whose pull request was closed."""
    settings = Settings.from_environment()
    states = {"failed"} if only_failed else {"failed", "rejected", "closed"}

    def again(store: Any) -> None:
        count = store.again(states)
        note(f"{plural(count, 'repository')} of {name} again" if count else f"nothing of {name} has failed.")

    from overhaul.flows.campaigns.records import find_campaign

    known = find_campaign(name, settings.ledger_url)
    return carry_on(known.form, Path(known.folder), {"yes": yes}, as_json, again)


@click.command()
@click.argument("name", metavar="CAMPAIGN")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def rollback(name: str, yes: bool, as_json: bool) -> int:
    """Take a CAMPAIGN back: close its open pull requests, delete their branches, propose the reverse of merged ones.

    Branches with commits of somebody else stay. Nothing is pushed to a base branch: reverts are pull requests.
    """
    from overhaul.flows.campaigns.records import find_campaign

    settings = Settings.from_environment()
    known = find_campaign(name, settings.ledger_url)
    if not yes:
        click.confirm(
            f"Close the open pull requests of {name}, and propose to revert the merged ones?",
            abort=True,
            err=True,
        )
    with Progress(name).live() as progress:
        connect_to_server(settings, progress)
        from overhaul.flows.campaigns.rolling_back import Rollback
        from overhaul.flows.progress import watched_by

        with watched_by(progress):
            done = Rollback(name, known, settings).run()
    if as_json:
        from dataclasses import asdict

        print_json({"campaign": name, "repositories": [asdict(each) for each in done]})
    elif done:
        table = make_table("repository", "what was done", "pull request")
        for each in done:
            add_row(table, short_name(each.repository), each.did, each.address)
        print_table(table)
    else:
        note(f"{name} has no pull request that is open or merged.")
    return int(any(each.failed for each in done))


def run_campaign(file: Path, context: click.Context) -> int:
    """Carry a campaign's file on, as far as gates, waves and limits let it."""
    from overhaul.flows.campaigns.reading import read_campaign_file

    given = refuse_options(context, file, OVERRIDES)
    campaign = read_campaign_file(file)
    return carry_on(campaign, file.absolute().parent, given, bool(given.pop("as_json", False)))


def refuse_options(context: click.Context, file: Path, allowed: frozenset[str]) -> dict[str, Any]:
    """What was given beside a campaign's file. Raises click.UsageError for what stands in the file instead."""
    given = {
        name: value
        for name, value in context.params.items()
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
        and name != "recipe_id"
    }
    if wrong := sorted(set(given) - allowed):
        wanted = next(each for each in context.command.params if each.name == wrong[0])
        name = wanted.opts[-1] if isinstance(wanted, click.Option) else wanted.make_metavar(context)
        known = [f"--{each.replace('as_json', 'json')}" for each in sorted(allowed)]
        beside = f" Beside a campaign go {', '.join(known)}." if known else ""
        raise click.UsageError(f"{name} stands in {file}, not on the command line.{beside}")
    return given


def carry_on(
    campaign: Campaign, folder: Path, given: Mapping[str, Any], as_json: bool,
    first: Callable[[Any], None] | None = None,
) -> int:  # fmt: skip
    """Go on with a campaign from the command line; `first` may change its records before anything is begun."""
    from overhaul.flows.server import connect

    settings = Settings.from_environment()
    with Progress(campaign.name).live() as progress:
        connect(settings, progress)
        from overhaul.flows.campaigns.carrying_out import Conduct
        from overhaul.flows.campaigns.hands import hands_for
        from overhaul.flows.command_line.run_commands import finish
        from overhaul.flows.progress import watched_by

        def run_one(run_id: str, source: str) -> RunResult:
            progress.title = f"{campaign.name} [{len(conduct.results) + 1}] {short_name(source)}"
            return finish(run_id, settings, progress)

        hands = hands_for(campaign, settings, run_one)
        conduct = Conduct(campaign, folder, settings, hands, given)
        with watched_by(progress):
            progressed = conduct.go_on(first)
    if as_json:
        print_json(
            to_json(campaign, progressed.members, progressed.then)
            | {"runs": [each.to_json() for each in progressed.results]}
        )
    else:
        print_progressed(campaign, progressed)
    return exit_code(progressed)


def exit_code(progressed: Progressed) -> int:
    """1 where something failed, the campaign is about nothing, or no repository knows what its recipe names."""
    members = progressed.members
    nothing = all(each.state == "left out" for each in members) or _is_nowhere(progressed)
    return int(bool(progressed.then.halted) or nothing or any(each.state == "failed" for each in members))


def _is_nowhere(progressed: Progressed) -> bool:
    results, members = progressed.results, progressed.members
    known = any(each.made_by for each in members)
    return bool(results) and not known and all(each.status == "not found" for each in results)


def to_json(campaign: Campaign, members: Sequence[Member], then: Next) -> dict[str, Any]:
    """A campaign as `run` and `status` give it (docs/json.md)."""
    return {
        "campaign": campaign.name,
        "wave": then.wave,
        "halted": then.halted,
        "waits": list(then.waits),
        "done": then.is_done,
        "repositories": [
            {
                "repository": each.source, "base": each.base or None, "part": each.part or None, "wave": each.wave,
                "state": each.state, "message": each.message, "run_id": each.run_id or None,
                "sites_left": each.sites_left, "attempts": each.attempts, "tokens": each.tokens,
            }
            for each in members
        ],
    }  # fmt: skip


def print_progressed(campaign: Campaign, progressed: Progressed) -> None:
    """What this go has done, and where the campaign stands."""
    from overhaul.flows.command_line.run_commands import print_results

    if progressed.results:
        print_results(progressed.results)
    print_campaign(campaign, progressed.members, progressed.then)
    if _is_nowhere(progressed):
        note(
            "no repository knows what the recipe names. Is it written right? See `with` in the campaign's file."
        )


def print_campaign(campaign: Campaign, members: Sequence[Member], then: Next) -> None:
    """The burndown: each wave in a row; then what is not as it should be, and what the campaign waits for."""
    from overhaul.flows.campaigns.advancing import counts, members_by_wave

    columns = (
        "selected",
        "running",
        "waiting",
        "held",
        "published",
        "merged",
        "unchanged",
        "planned",
        "rejected",
        "closed",
        "failed",
    )
    there = [state for state in columns if any(each.state == state for each in members)]
    table = make_table("wave", "repositories", *there, "sites left")
    for number, wave in members_by_wave(members).items():
        found = counts(wave)
        left = sum(each.sites_left or 0 for each in wave)
        add_row(
            table, f"{number}{' *' if number == then.wave else ''}", str(len(wave)),
            *(str(found.get(state, 0)) for state in there), f"{left:,}",
        )  # fmt: skip
    print_table(table)
    from overhaul.flows.parts import said_part

    troubled = [
        each
        for each in members
        if each.state in {"failed", "left out", "closed", "waiting"}
        or (each.state == "published" and each.message)
    ]
    if troubled:
        details = make_table("repository", "state", "run", "says")
        for each in troubled[:SHOWN_MEMBERS]:
            place = f"{short_name(each.source)}{f' ({each.base})' if each.base else ''}{said_part(each.part)}"
            add_row(details, place, styled(each.state), each.run_id[:8], each.message)
        print_table(details)
        if len(troubled) > SHOWN_MEMBERS:
            note(f"... and {len(troubled) - SHOWN_MEMBERS:,} more: overhaul status {campaign.name} --json")
    for said in _what_it_waits_for(campaign, members, then):
        note(said)


def _what_it_waits_for(campaign: Campaign, members: Sequence[Member], then: Next) -> list[str]:
    from overhaul.flows.campaigns.advancing import counts

    found = counts(members)
    if all(each.state == "left out" for each in members):
        return [f"no repository takes part in {campaign.name}. See `repositories` and `exclude` in its file."]
    if then.is_done:
        return [f"{campaign.name} is done: no site is left."]
    said = []
    if then.halted:
        said.append(
            f"halted: {then.halted}. Once the cause is mended: overhaul retry {campaign.name} --failed"
        )
    elif found.get("failed"):
        said.append(f"Once the cause is mended: overhaul retry {campaign.name} --failed")
    if found.get("waiting"):
        said.append(f"{plural(found['waiting'], 'repository')} at a gate. See: overhaul gates")
    if found.get("published"):
        said.append(f"{plural(found['published'], 'pull request')} to be merged.")
    said += [f"{each}." for each in then.waits]
    if "selected" in found or "published" in found or "waiting" in found:
        said.append(
            "Go on with the campaign at any time by the same command, or by a schedule: overhaul deploy FILE"
        )
    return said
