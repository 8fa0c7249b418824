"""`doctor`: what is here, and what to do about what is missing."""

from __future__ import annotations

import click

from overhaul.flows.command_line.output import note, patience, print_json
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.settings import Settings

_COLOURS = {"ok": "green", "missing": "yellow", "unusable": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def doctor(as_json: bool) -> int:
    """Say what is here (git, sandboxes, server, model) and what to do about what is missing.

    A configured model is asked one tiny question, a few if it has to be found out how it is spoken to.
    """
    from dataclasses import asdict

    from overhaul.flows.checkups import checkups

    with patience("doctor") as progress:
        rows = list(checkups(Settings.from_environment(), progress))
    if as_json:
        print_json({"checks": [asdict(row) for row in rows]})
    else:
        width = max(len(row.name) for row in rows)
        for row in rows:
            status = click.style(row.status.ljust(8), fg=_COLOURS[row.status])
            click.echo(f"{on_one_line(row.name).ljust(width)}  {status}  {on_one_line(row.detail)}")
            if row.advice:
                click.echo(f"{' ' * width}            -> {on_one_line(row.advice)}")
    unusable = [row.name for row in rows if row.status == "unusable"]
    if unusable:
        note(f"what needs {', '.join(unusable)} cannot work until that is mended.")
    return int(bool(unusable))
