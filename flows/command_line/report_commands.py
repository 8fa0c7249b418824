"""`report`: the record of a campaign or a run, to be read without overhaul."""

from __future__ import annotations

from importlib.util import find_spec

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, print_json
from overhaul.flows.settings import Settings


@click.command()
@click.argument("campaign", required=False)
@click.option("--run", "run_text", metavar="RUN", help="Report on this run, and not on a campaign.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def report(campaign: str | None, run_text: str | None, as_json: bool) -> None:
    """Keep the record of a campaign: an executed notebook, a self-contained page, and a CSV file.

    They are written under OVERHAUL_HOME, secrets taken out, and replace those of an earlier report.
    """
    if (campaign is None) == (run_text is None):
        raise click.UsageError("give a CAMPAIGN, or a run with --run RUN. See: overhaul status")
    if find_spec("papermill") is None:
        raise click.ClickException("reports need the notebooks' packages: pip install 'overhaul[notebooks]'")
    settings = Settings.from_environment()
    with Progress("report", has_bar=True).live() as progress:
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.progress import watched_by
        from overhaul.flows.report_flow import report as report_flow
        from overhaul.flows.runs import find_run

        with watched_by(progress):
            if run_text is None:
                kept = report_flow("campaign", str(campaign))
            else:
                with get_client(sync_client=True) as client:
                    run_id = str(find_run(client, run_text).id)
                kept = report_flow("run", run_id)
    if as_json:
        print_json({"report": kept})
        return
    for name, path in kept.items():
        if path:
            click.echo(f"{name.ljust(9)} {path}")
