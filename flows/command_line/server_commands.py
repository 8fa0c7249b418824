"""`serve`: the background server."""

from __future__ import annotations

import click

from overhaul.flows.command_line.output import Progress, note
from overhaul.flows.settings import Settings


@click.command()
@click.option(
    "--stop", "stop_it", is_flag=True, help="End the background server; runs and open gates are kept."
)
@click.option(
    "--runner", is_flag=True,
    help="Start the runs of deployments in this process until ^C: for a PREFECT_API_URL of your own.",
)  # fmt: skip
def serve(stop_it: bool, runner: bool) -> None:
    """Show the background Prefect server and its UI, starting it if need be.

    Beside it, a runner starts the runs of deployments: those that the UI, a schedule or an answer sets off.
    """
    from overhaul.flows import server
    from overhaul.flows.page_server import pages_of

    settings = Settings.from_environment()
    if runner:
        from overhaul.flows.runner import main

        note("Runs of deployments start here. End it with ^C; runs that are under way end with it.")
        main()
        return
    if stop_it:
        click.echo("stopped." if server.stop(settings) else "no server was running.")
        return
    with Progress("serve").live() as progress:
        running = server.ensure(settings, progress)
    user, _, password = running.auth_string.partition(":")
    click.echo(f"UI        {running.ui_url}\nAPI       {running.api_url}\nprocess   {running.pid}")
    click.echo(f"password  {user}:{password}")
    click.echo(f"pages     {pages_of(settings).url}/")
    runner_pid = next(each.pid for each in running.companions if each.name == "runner")
    click.echo(f"runner    process {runner_pid}, for {running.ui_url}/deployments")
    click.echo(f"log       {settings.server / 'server.log'}\nEnd it with: overhaul serve --stop")
