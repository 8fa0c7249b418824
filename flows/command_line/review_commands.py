"""`review`: what is wrong with a change, for whoever is to merge it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.output import Progress, connect_to_server, note, print_json
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import PROVIDERS

if TYPE_CHECKING:
    from overhaul.flows.review_change import ReviewOptions, ReviewReport
    from overhaul.flows.review_target import ReviewTarget

NONE = "none"


@click.command()
@click.argument("what", metavar="[BRANCH|PULL_REQUEST|COMMIT|RUN|FILE.diff]", required=False)
@click.option(
    "--repository", default=".", metavar="PATH", help="The repository.  [default: the current folder]"
)
@click.option(
    "--base", metavar="REF", help="Compare with this branch or commit.  [default: the branch's own base]"
)
@click.option(
    "--fail-on",
    type=click.Choice(["0", "1", "2", "3", NONE]),
    default="1",
    show_default=True,
    help="Exit with 1 if there is a finding of this priority or a more urgent one.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1),
    default=0.7,
    show_default=True,
    help="Leave out what a model says with less, unless a test proves it.",
)
@click.option("--no-model", is_flag=True, help="Rules only.")
@click.option("--no-prove", is_flag=True, help="Do not run the tests that findings carry.")
@click.option(
    "--fresh", is_flag=True, help="Ask the model again, although it has answered about these commits."
)
@click.option(
    "--tokens", type=click.IntRange(min=1), default=300_000, show_default=True, help="At most, for the model."
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=15,
    show_default=True,
    help="At most, for the model.",
)
@click.option(
    "--sandbox",
    type=click.Choice(["auto", *PROVIDERS]),
    default="auto",
    show_default=True,
    help="Where these tests run.",
)
@click.option("--python", metavar="PATH", help="An interpreter whose installed packages these tests use.")
@click.option(
    "--test-timeout", type=float, default=600, show_default=True, help="Seconds after which they are ended."
)
@click.option("--post", is_flag=True, help="Write the findings to the lines of the pull request.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def review(what: str | None, repository: str, base: str | None, **chosen: Any) -> int:
    """Review what a branch, pull request, commit, run or diff changes: the current branch if nothing is named.

    Rules prove what they say. A model, where one is configured, has its claims checked: lines that the change does
    not touch are dropped, and a test that it gives is run before and after the change.
    """
    settings = Settings.from_environment()
    with Progress("review").live() as progress:
        progress("loading")
        from overhaul.flows.progress import watched_by
        from overhaul.flows.providers import has_model
        from overhaul.flows.review_change import review_change

        options = _options(chosen)
        with watched_by(progress):
            progress("fetching")
            target = _target(what, repository, base, settings, progress)
            for each in target.notes:
                note(each)
            if options.with_model and not has_model(settings):
                note("no model is configured: only rules are run. Set OVERHAUL_MODEL; see: overhaul doctor")
            try:
                report = review_change(target, options, settings)
            except KeyboardInterrupt:
                note("what the model has said is kept: the same command goes on from there.")
                raise
            posted = _post(report) if chosen["post"] else None
    if chosen["as_json"]:
        print_json(report.to_json() | {"posted": posted})
    _say(report, posted, chosen["as_json"])
    sys.stdout.flush()
    return _exit_code(report, chosen["fail_on"])


def _options(chosen: dict[str, Any]) -> ReviewOptions:
    from overhaul.flows.options import RunOptions
    from overhaul.flows.review_change import ReviewOptions
    from overhaul.refactors.agent.limits import Limits

    python = chosen["python"]
    run = RunOptions(
        sandbox=chosen["sandbox"], python=str(Path(python).absolute()) if python else None,
        test_timeout=chosen["test_timeout"],
    )  # fmt: skip
    limits = Limits(steps=40, seconds=chosen["minutes"] * 60, tokens=chosen["tokens"])
    return ReviewOptions(
        chosen["confidence"], not chosen["no_model"], not chosen["no_prove"], chosen["fresh"], limits, run
    )


def _target(
    what: str | None, repository: str, base: str | None, settings: Settings, progress: Progress
) -> ReviewTarget:
    """What is meant; a server is asked only if it is nothing else than perhaps a run."""
    from overhaul.flows.errors import NotARepository, UnknownRun, UnknownTarget
    from overhaul.flows.review_target import find_target, target_of_run

    try:
        return find_target(what, repository, base)
    except (UnknownTarget, NotARepository) as unknown:
        if not what or "/" in what or "." in what or base:
            raise
        connect_to_server(settings, progress)
        from prefect.client.orchestration import get_client

        from overhaul.flows.runs import find_run, result_of

        with get_client(sync_client=True) as client:
            try:
                result = result_of(client, find_run(client, what))
            except UnknownRun:
                raise unknown from None
        return target_of_run(result)


def _post(report: ReviewReport) -> int:
    from overhaul.flows.review_posting import post

    return post(report)


def _say(report: ReviewReport, posted: int | None, is_told: bool) -> None:
    from overhaul.flows.views.review_text import left_out_text, review_lines, summary

    if not is_told:
        for line in review_lines(report):
            click.echo(line)
        if report.shown:
            click.echo()
    note(summary(report))
    if left_out := left_out_text(report):
        note(f"left out: {left_out}")
    if report.model is not None and not report.is_complete:
        again = "The same command goes on from there; --no-model does without"
        note(f"the model's review is missing ({report.model.status}): {report.model.message} {again}")
    if posted is not None:
        note(f"{posted} of {len(report.shown)} findings are new on the pull request")


def _exit_code(report: ReviewReport, fail_on: str) -> int:
    is_urgent = fail_on != NONE and any(each.priority <= int(fail_on) for each in report.findings)
    return int(is_urgent or not report.is_complete)
