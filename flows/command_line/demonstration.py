"""`demo`: the main job on three small repositories that come along, a library and two users of it."""

from __future__ import annotations

import shutil
import sys
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from overhaul.flows.command_line.output import note, print_json
from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from overhaul.flows.results import RunResult

SAMPLES = ("directory", "billing", "acme")
PARAMETERS = {"old": "acme.api.fetch_user", "new": "get_user"}


@click.command()
@click.option("--yes", is_flag=True, help="Answer every gate with approve.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def demo(yes: bool, as_json: bool) -> int:
    """Rename a library's function in the library and in two users of it. No network, key or Docker needed.

    Each run starts afresh, in a folder of its own under OVERHAUL_HOME. The samples' tests run with this command's own
    Python and without isolation, because the samples come with this program.
    """
    from overhaul.flows.command_line.run_commands import exit_code, print_results, run_repositories
    from overhaul.flows.options import RunOptions

    settings = Settings.from_environment()
    folders = lay_out(settings.home / "demo")
    note("Three repositories in which acme.api.fetch_user is to become get_user everywhere:")
    for folder in folders:
        note(f"  {folder}")
    options = RunOptions(campaign="demo", sandbox="process", python=sys.executable, yes=yes)
    from overhaul.refactors.registry import find_recipe

    parameters = find_recipe("rename-symbol").bind(PARAMETERS).parameter_values
    results = run_repositories(
        "rename-symbol", parameters, [str(folder) for folder in folders], options, settings
    )
    if as_json:
        print_json({"runs": [result.to_json() for result in results]})
        return exit_code(results)
    print_results(results)
    _show_evidence(results, settings)
    return exit_code(results)


def lay_out(folder: Path) -> list[Path]:
    """Write the sample repositories afresh and commit them; return their folders."""
    from overhaul.flows.hardened_git import run_git

    shutil.rmtree(folder, ignore_errors=True)
    identity = {
        "GIT_AUTHOR_NAME": "overhaul demo", "GIT_AUTHOR_EMAIL": "demo@localhost",
        "GIT_COMMITTER_NAME": "overhaul demo", "GIT_COMMITTER_EMAIL": "demo@localhost",
    }  # fmt: skip
    made = []
    for name in SAMPLES:
        repository = folder / name
        with as_file(files("overhaul.flows") / "samples" / name) as sample:
            shutil.copytree(sample, repository, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        place = ["-C", str(repository)]
        run_git(["init", "--quiet", "--initial-branch=main", "--template=", "--", str(repository)])
        run_git([*place, "add", "--all"])
        run_git(
            [*place, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", f"{name} as it was"],
            environment=identity,
        )
        made.append(repository)
    return made


def _show_evidence(results: list[RunResult], settings: Settings) -> None:
    published = [result for result in results if result.pull_request]
    if published:
        from rich.console import Console
        from rich.markdown import Markdown

        from overhaul.flows.forges.local import LocalForge
        from overhaul.flows.ledger import Ledger
        from overhaul.flows.mirror import Mirror

        shown = published[0]
        ledger = Ledger(settings.ledger_url)
        mirror = Mirror.of(shown.repository, settings.mirrors)
        record = LocalForge(ledger, settings.pull_requests, mirror).find(shown.repository, shown.branch or "")
        ledger.close()
        if record is not None:
            click.echo(
                click.style(
                    f"The evidence in the pull request of {Path(shown.repository).name}:\n", bold=True
                )
            )
            Console(width=100).print(Markdown(record.body.split("<!--")[0]))
    first = results[0]
    click.echo(click.style("\nWhat to try next:", bold=True))
    click.echo(f"  overhaul show {first.run_id[:8]} --diff")
    click.echo(f"  git -C {first.repository} log --oneline --all")
    click.echo("  overhaul scan rename-symbol -p old=YOUR.SYMBOL -p new=NAME PATH")
