"""`environments`: what was made for repositories' tests to run in; listed, refreshed, removed; the base image."""

from __future__ import annotations

import sys
import time
from datetime import datetime

import click

from overhaul.flows.command_line.output import note, patience, plural, print_json
from overhaul.flows.plain_text import visible
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import PROVIDERS


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_context
def environments(context: click.Context, as_json: bool) -> None:
    """List the environments that repositories' tests run in; refresh and prune them, make a base image."""
    if context.invoked_subcommand is not None:
        return
    from dataclasses import asdict

    from overhaul.sandbox.choose import load

    settings = Settings.from_environment()
    found = [(name, each) for name in PROVIDERS for each in load(name, settings.sandbox).environments()]
    if as_json:
        print_json({"environments": [{"tier": name, **asdict(each)} for name, each in found]})
        return
    if not found:
        note("no environment is kept here; overhaul run makes what it needs.")
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE)
    for title in ("environment", "tier", "project", "python", "took", "last used"):
        table.add_column(title, no_wrap=True, min_width=12 if title == "environment" else None)
    table.add_column("made because", no_wrap=True, overflow="ellipsis")
    for name, each in found:
        used = datetime.fromtimestamp(each.used).strftime("%Y-%m-%d %H:%M")
        cells = (
            each.fingerprint[:12], name, each.project, each.python_version, f"{each.seconds:.1f} s", used, each.reason,
        )  # fmt: skip
        table.add_row(*(Text(visible(cell)) for cell in cells))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@environments.command()
@click.option(
    "--unused-for", "days", type=click.FloatRange(min=0), default=30, show_default=True, metavar="DAYS",
    help="Only what no run has used for so long; 0 for all.",
)  # fmt: skip
@click.option(
    "--sandbox", type=click.Choice([*PROVIDERS]), help="Only those of this tier.  [default: of all]"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def prune(days: float, sandbox: str | None, as_json: bool) -> None:
    """Remove environments; what a run uses right now stays."""
    from overhaul.sandbox.choose import load

    removed: list[dict[str, str]] = []
    kept: list[dict[str, str]] = []
    before = time.time() - days * 86_400
    with patience("removing environments"):
        for name in [sandbox] if sandbox else PROVIDERS:
            provider = load(name, Settings.from_environment().sandbox)
            old = [each for each in provider.environments() if each.used <= before]
            if old and (missing := provider.missing()):
                note(f"{plural(len(old), 'environment')} of {name} cannot be removed: {missing}")
                continue
            for each in old:
                into = removed if provider.remove(each.fingerprint) else kept
                into.append({"tier": name, "fingerprint": each.fingerprint, "project": each.project})
    if as_json:
        print_json({"removed": removed, "in_use": kept})
        return
    for gone in removed:
        click.echo(visible(f"removed {gone['fingerprint'][:12]} ({gone['tier']}, {gone['project']})"))
    note(f"{plural(len(removed), 'environment')} removed, {len(kept)} in use")


@environments.command()
@click.argument("fingerprint", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def refresh(fingerprint: str | None, as_json: bool) -> None:
    """Have environments refreshed before their next use: all, or those whose name begins with FINGERPRINT.

    The repository's .overhaul/maintain.sh does it; without one, or where it fails, they are made again.
    """
    from overhaul.sandbox.choose import load

    asked: list[dict[str, str]] = []
    for name in PROVIDERS:
        provider = load(name, Settings.from_environment().sandbox)
        asked += [
            {"tier": name, "fingerprint": each.fingerprint, "project": each.project}
            for each in provider.environments()
            if each.fingerprint.startswith(fingerprint or "") and provider.ask_refresh(each.fingerprint)
        ]
    if fingerprint and not asked:
        raise click.ClickException(
            f"no environment is called {fingerprint!r}. List them with: overhaul environments"
        )
    if as_json:
        print_json({"to_refresh": asked})
        return
    for each_asked in asked:
        words = f"{each_asked['fingerprint'][:12]} ({each_asked['tier']}, {each_asked['project']})"
        click.echo(visible(f"to be refreshed before its next use: {words}"))
    note(f"{plural(len(asked), 'environment')} to refresh")


@environments.command()
@click.argument("suite", default="bookworm")
def base(suite: str) -> None:
    """Make a base image with debootstrap, where no image registry can be reached. Needs root and Docker.

    SUITE is Debian's name of a release.
    """
    from overhaul.sandbox.docker_images import make_base

    with patience(f"making a base image of Debian {suite} (about a minute)"):
        image = make_base(suite)
    click.echo(f"made {image}: environments are built from it from now on")
