"""`serve` and `doctor`: the background server, and what is here."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import asdict, dataclass

import click

from overhaul.flows.command_line.output import Progress, note, print_json
from overhaul.flows.settings import Settings


@dataclass(frozen=True, slots=True)
class Checkup:
    """One row of the doctor's report; `advice` says what to do about what is missing."""

    name: str
    status: str
    detail: str
    advice: str = ""


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


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def doctor(as_json: bool) -> int:
    """Say what is here (git, sandboxes, server) and what to do about what is missing."""
    settings = Settings.from_environment()
    with Progress("doctor").live() as progress:
        progress("looking around")
        rows = [_python(), _git(), *_sandboxes(settings), _server(settings), _home(settings)]
    if as_json:
        print_json({"checks": [asdict(row) for row in rows]})
    else:
        width = max(len(row.name) for row in rows)
        colours = {"ok": "green", "missing": "yellow", "unusable": "red"}
        for row in rows:
            click.echo(
                f"{row.name.ljust(width)}  {click.style(row.status.ljust(8), fg=colours[row.status])}  {row.detail}"
            )
            if row.advice:
                click.echo(f"{' ' * width}            -> {row.advice}")
    unusable = [row for row in rows if row.status == "unusable"]
    if unusable:
        note("without what is unusable here, overhaul run cannot work.")
    return int(bool(unusable))


def _python() -> Checkup:
    return Checkup("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.release()}")


def _git() -> Checkup:
    if shutil.which("git") is None:
        return Checkup("git", "unusable", "not found", "install git 2.30 or newer")
    version = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Checkup("git", "ok", version)


def _sandboxes(settings: Settings) -> list[Checkup]:
    from overhaul.sandbox.choose import availability, load
    from overhaul.sandbox.guarantees import missing_guarantees

    rows = []
    pythons: dict[bool, str] = {}
    for tier in availability(settings.sandbox):
        gaps = missing_guarantees(tier.name)
        detail = "isolates" if tier.isolates else "no isolation; only by --sandbox process"
        if gaps:
            detail += f", but for {len(gaps)} gaps: {'; '.join(gaps)}"
        in_images = tier.name == "docker"
        if tier.missing is None and in_images not in pythons:
            # All tiers but docker have this machine's.
            pythons[in_images] = ", ".join(load(tier.name, settings.sandbox).pythons())
        if tier.missing is None:
            detail += f"; Python {pythons[in_images] or 'of the image'}"
        status = "ok" if tier.missing is None else "missing"
        rows.append(Checkup(f"sandbox {tier.name}", status, detail, tier.missing or ""))
    return rows


def _server(settings: Settings) -> Checkup:
    import os

    from overhaul.flows.server import find, is_reachable

    if url := os.environ.get("PREFECT_API_URL"):
        if is_reachable(url):
            return Checkup("prefect server", "ok", f"yours: {url}")
        return Checkup(
            "prefect server",
            "unusable",
            f"yours: {url}",
            "nothing answers there: start it, or unset PREFECT_API_URL",
        )

    running = find(settings)
    return Checkup(
        "prefect server", "ok", f"runs at {running.ui_url}" if running else "starts with the first run"
    )


def _home(settings: Settings) -> Checkup:
    folder = next(place for place in (settings.home, *settings.home.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    if free < 1 << 30:
        return Checkup(
            "home", "missing", f"{settings.home}: {free >> 20} MiB free", "make room, or set OVERHAUL_HOME"
        )
    return Checkup("home", "ok", f"{settings.home}: {free >> 30} GiB free")
