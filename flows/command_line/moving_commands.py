"""`checkout --bundle` and `return --bundle`: a run to another machine, and taken up there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, note, print_json
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.settings import Settings


def write_bundle(run_text: str, file: Path, as_json: bool) -> None:
    """Have a run leave in a file."""
    settings = Settings.from_environment()
    with Progress("checkout").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.moving.leaving import leave
        from overhaul.flows.runs import find_run

        with get_client(sync_client=True) as client:
            flow_run = find_run(client, run_text)
            run = leave(client, flow_run, file, settings)
    if as_json:
        print_json(
            {
                "run_id": str(flow_run.id), "file": str(file.absolute()), "bytes": file.stat().st_size,
                "base": run.base, "head": run.head, "status": run.status, "gate": run.gate or None,
            }
        )  # fmt: skip
        return
    click.echo(f"{on_one_line(str(file))}: the run at {run.head[:12]}, {file.stat().st_size:,} bytes")
    note(
        f"It rests here now. Where it shall go on, in the repository: overhaul return --bundle {file.name}"
        f"   To go on here after all: overhaul return {str(flow_run.id)[:8]} --take-back"
    )


def take_up_bundle(file: Path, repository: str, chosen: dict[str, Any], as_json: bool) -> int:
    """Go on with a run that has arrived in a file."""
    from overhaul.flows.command_line.run_commands import exit_code, finish, print_results

    settings = Settings.from_environment()
    with Progress("return").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.moving.arriving import Allowed, arrive

        with get_client(sync_client=True) as client:
            arrived = arrive(client, file, repository, Allowed(**chosen), settings)
        for each in arrived.left_behind:
            note(f"not taken over from where it came from, as you decide here: {on_one_line(each)}")
        result = finish(arrived.run_id, settings, progress)
        if result.status == "waiting" and arrived.document.run.hash:
            _compare(arrived.run_id, arrived.document.run.hash)
    if as_json:
        print_json({"runs": [result.to_json()]})
    else:
        print_results([result])
    return exit_code([result])


def take_run_back(run_text: str, as_json: bool) -> int:
    """Go on here with a run that has left."""
    from overhaul.flows.command_line.run_commands import exit_code, finish, print_results

    settings = Settings.from_environment()
    with Progress("return").live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.moving.leaving import take_back
        from overhaul.flows.runs import find_run

        with get_client(sync_client=True) as client:
            flow_run = find_run(client, run_text)
            take_back(client, flow_run)
        note("What is done with it elsewhere cannot come back any more.")
        result = finish(str(flow_run.id), settings, progress)
    if as_json:
        print_json({"runs": [result.to_json()]})
    else:
        print_results([result])
    return exit_code([result])


def _compare(run_id: str, shown: str) -> None:
    """Say so if the gate asks about something else than where the run came from."""
    from prefect.client.orchestration import get_client

    from overhaul.flows.runs import gate_of

    with get_client(sync_client=True) as client:
        if gate_of(client, run_id).question.hash != shown:
            note("The gate does not show what it showed where the run came from. Look before you answer.")
