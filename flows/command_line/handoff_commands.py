"""`checkout` and `return`: a run's change into a person's hands, and back."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, note, plural, print_json
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import PROVIDERS


@click.command()
@click.argument("run_text", metavar="RUN")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--bundle", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Take the whole run to another machine instead, in this file; here it rests until it is back.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def checkout(run_text: str, folder: Path | None, bundle: Path | None, as_json: bool) -> None:
    """Take a run's branch into a work tree of yours: look, edit, commit, and hand it back with `return`.

    FOLDER is new or empty.  [default: ./REPOSITORY-RUN]
    """
    if bundle is not None:
        if folder is not None:
            raise click.UsageError("name a FOLDER for yourself, or --bundle FILE for another machine.")
        from overhaul.flows.command_line.moving_commands import write_bundle

        write_bundle(run_text, bundle, as_json)
        return
    settings = Settings.from_environment()
    with Progress("checkout").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.handoff import check_out, default_folder, run_file_of
        from overhaul.flows.runs import find_run

        with get_client(sync_client=True) as client:
            flow_run = find_run(client, run_text)
            run = run_file_of(client, flow_run, settings)
        place = folder or default_folder(run)
        check_out(run, str(flow_run.parameters["repository"]), place, settings)
    if as_json:
        print_json(
            {
                "run_id": str(run.run_id), "folder": str(place.absolute()), "branch": run.branch, "base": run.base,
                "head": run.head, "status": run.status, "gate": run.gate or None,
            }
        )  # fmt: skip
        return
    made = plural(len(run.commits), "commit") if run.commits else "no commit yet"
    click.echo(
        f"{on_one_line(str(place))}: branch {run.branch} at {run.head[:12]} ({made} on {run.base[:12]})"
    )
    short = str(run.run_id)[:8]
    if run.status == "waiting" and run.gate != "plan":
        note(
            f"The run waits at gate '{run.gate}'. Change what you want and commit it; then, from there, hand it back:"
            f" overhaul return {short} [--comment TEXT for the model]"
        )
    elif run.status == "waiting":
        note(
            f"The run waits at gate 'plan'; it takes commits back once that is approved: overhaul approve {short}"
        )
    elif run.status in {"interrupted", "failed"}:
        note(
            f"The run is {run.status}; it takes commits back when it waits at a gate: overhaul resume {short}"
        )
    else:
        note(f"The run is {run.status} and takes nothing back.")


@click.command(name="return")
@click.argument("run_text", metavar="RUN", required=False)
@click.option(
    "--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path(),
    help="The checkout.  [default: the one you are in]",
)  # fmt: skip
@click.option(
    "--commit", "message", metavar="MESSAGE", help="Commit what is not committed yet, with this message."
)
@click.option("--comment", default="", help="What a model shall do next, from your version on.")
@click.option("--approver", default=None, help="Who hands it back.  [default: your user name]")
@click.option(
    "--bundle", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Take up a run that comes from another machine in this file.",
)  # fmt: skip
@click.option(
    "--repository",
    metavar="REPOSITORY",
    default=".",
    help="With --bundle: its repository here.  [default: the one you are in]",
)
@click.option(
    "--mode",
    type=click.Choice(["read-only", "auto", "full"]),
    default="auto",
    help="With --bundle: as for `run`.",
)
@click.option(
    "--sandbox", type=click.Choice(["auto", *PROVIDERS]), default="auto", help="With --bundle: as for `run`."
)
@click.option("--network", multiple=True, metavar="HOST|full", help="With --bundle: as for `run`.")
@click.option("--python", help="With --bundle: as for `run`.")
@click.option(
    "--take-back", is_flag=True, help="Go on here with RUN, which has left in a file, as it was then."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def hand_back(
    run_text: str | None,
    folder: Path,
    message: str | None,
    comment: str,
    approver: str | None,
    bundle: Path | None,
    repository: str,
    take_back: bool,
    as_json: bool,
    **allowed: Any,
) -> int:
    """Hand a run back that you have checked out: it is tested, reviewed and asked about again with your commits."""
    if bundle is not None:
        from overhaul.flows.command_line.moving_commands import take_up_bundle

        if run_text or take_back or message or comment:
            raise click.UsageError("--bundle FILE names the run, and takes it up as it is.")
        return take_up_bundle(bundle, repository, allowed, as_json)
    if take_back:
        from overhaul.flows.command_line.moving_commands import take_run_back

        if not run_text:
            raise click.UsageError("--take-back needs the RUN. See: overhaul status")
        return take_run_back(run_text, as_json)
    from overhaul.flows.command_line.run_commands import exit_code, finish, print_results

    settings = Settings.from_environment()
    with Progress("return").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows import handoff
        from overhaul.flows.gate_rules import Decision, Given
        from overhaul.flows.mirror import Mirror
        from overhaul.flows.runs import find_run

        checked_out = handoff.open_checkout(folder)
        with get_client(sync_client=True) as client:
            flow_run = find_run(client, run_text or str(checked_out.run.run_id))
            if flow_run.id != checked_out.run.run_id:
                raise click.UsageError(
                    f"{checked_out.folder} is a checkout of run {str(checked_out.run.run_id)[:8]}, not of {run_text}."
                )
            gate = handoff.gate_for(client, flow_run)
            mirror = Mirror.of(gate.question.repository, settings.mirrors)
            commit = handoff.take_commit(checked_out, mirror, message)
            given = Given(Decision.revise, comment, approver or getpass.getuser())
            left_out = handoff.hand_back(client, gate, checked_out, commit, given)
        result = finish(gate.run_id, settings, progress)
    for each in left_out:
        note(
            f"Your version leaves out commit {each[:12]} of the run; your checkout's history has it no more."
        )
    if as_json:
        print_json({"runs": [result.to_json()]})
    else:
        print_results([result])
    return exit_code([result])
