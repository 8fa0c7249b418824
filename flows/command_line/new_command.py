"""`new`: a project from templates, tested in the sandbox; a model fills in its brief."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.output import Progress, note, print_json
from overhaul.flows.command_line.run_options import PROMPT_SUFFIXES, read_prompt, run_options
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import PROVIDERS

if TYPE_CHECKING:
    from overhaul.flows.options import RunOptions
    from overhaul.flows.results import RunResult
    from overhaul.flows.scaffold import Scaffold
    from overhaul.sandbox.report import TestReport

SHOWN_FAILURES = 10


@click.command()
@click.argument("folder")
@click.option(
    "--brief",
    metavar="TEXT|FILE",
    help="What the project is to do: in words, or a file. A model fills it in.",
)
@click.option("--image", "images", multiple=True, metavar="FILE", help="An image that the model is shown.")
@click.option(
    "--template", type=click.Choice(["library", "command", "service"]),
    help="What kind of project.  [default: library]",
)  # fmt: skip
@click.option(
    "--package", "packages", multiple=True, metavar="REQUIREMENT",
    help="A package that the project depends on. A model uses no other.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Answer every gate of the model's run with approve.")
@click.option(
    "--sandbox", type=click.Choice(["auto", *PROVIDERS]), default="auto", show_default=True,
    help="Where the project's tests and the model's commands run.",
)  # fmt: skip
@click.option(
    "--network", multiple=True, metavar="HOST|full", help="A host that the tests may reach.  [default: none]"
)
@click.option(
    "--python", help="An interpreter that has what the tests need; nothing is installed (process only)."
)
@click.option(
    "--budget", multiple=True, metavar="NAME=NUMBER",
    help="What the model may use: tokens, minutes, steps, dollars."
    "  [default: tokens=400k, minutes=30, steps=60]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def new(
    folder: str,
    brief: str | None,
    images: tuple[str, ...],
    template: str | None,
    packages: tuple[str, ...],
    as_json: bool,
    **chosen: Any,
) -> int:
    """Make a project: source, tests, CI, README, packaging; and run its tests in the sandbox.

    FOLDER gives the package its name, and must be new or empty. With --brief a model then fills the project in, as a
    run that `overhaul status` shows. What was interrupted is gone on with by the same command.
    """
    settings = Settings.from_environment()
    place = Path(folder).expanduser().resolve()
    options = run_options({**chosen, "gates": (), "mode": "full", "campaign": f"new {place.name}"})
    made = _begin(place, template, packages, _read_brief(brief), images)
    from overhaul.flows.scaffold import working_on_project

    try:
        with working_on_project(made):
            outcome = _Outcome(made)
            _carry_on(outcome, options, settings)
    except BaseException:
        note(f"{place} holds the whole skeleton. Go on with: overhaul new {place}")
        raise
    if as_json:
        print_json(outcome.to_json())
    else:
        outcome.show()
    return int(outcome.status in ("failed", "kept"))


class _Outcome:
    """What has become of the project so far.

    `status` is `made`, `filled`, `waiting` (for a decision), `kept` (its brief, for want of a model) or `failed`.
    """

    def __init__(self, made: Scaffold) -> None:
        self.made = made
        self.status = "failed"
        self.message = ""
        self.tests: tuple[TestReport, Path] | None = None
        self.run: RunResult | None = None

    def to_json(self) -> dict[str, Any]:
        report, log = self.tests or (None, None)
        tests = report and {
            "status": report.status, "passed": report.counts.get("passed", 0), "failed": len(report.failures),
            "sandbox": report.isolation, "log": str(log),
        }  # fmt: skip
        return {
            "folder": str(self.made.folder), "package": self.made.package, "template": self.made.template,
            "status": self.status, "commit": self.made.head, "tests": tests,
            "run": self.run.to_json() if self.run else None, "message": self.message,
        }  # fmt: skip

    def show(self) -> None:
        from overhaul.flows.command_line.run_commands import print_results

        made = self.made
        click.echo(f"{made.folder}: a {made.template}, package {made.package}, commit {made.head[:12]}")
        if self.tests:
            report, log = self.tests
            counts = ", ".join(f"{number} {outcome}" for outcome, number in report.counts.items())
            click.echo(
                f"tests of the skeleton ({report.isolation}): {counts or report.reason or report.status}"
            )
            for failure in report.failures[:SHOWN_FAILURES]:
                note(f"  {failure.id}")
            if report.status != "passed":
                note(f"  log: {log}")
        if self.run:
            print_results([self.run])
        if self.message:
            note(self.message)


def _begin(
    place: Path, template: str | None, packages: tuple[str, ...], brief: str, image_files: tuple[str, ...]
) -> Scaffold:
    """The project as it was begun before, or a new one."""
    from packaging.requirements import InvalidRequirement, Requirement

    from overhaul.flows.errors import ScaffoldError
    from overhaul.flows.images import keep_images
    from overhaul.flows.scaffold import BRIEF, Wanted, begun, make

    if image_files and not brief:
        raise click.UsageError("--image is for a model, which needs to be told what to do: --brief TEXT|FILE")
    for each in packages:
        try:
            Requirement(each)
        except InvalidRequirement as error:
            raise click.UsageError(
                f"--package {each!r} is no requirement: {str(error).splitlines()[0]}"
            ) from error
    made = begun(place)
    if made is None:
        images = keep_images(image_files, Settings.from_environment())
        return make(place, Wanted(template or "library", brief, packages), images)
    is_other = template not in (None, made.template) or packages or image_files
    if is_other or (brief and brief.strip() != made.brief.strip()):
        raise ScaffoldError(
            f"{place} was begun before, as a {made.template}{' with ' + BRIEF if made.brief else ''}. Go on with:"
            f" overhaul new {place} (change what is to be otherwise in its files, and commit it)"
        )
    return made


def _carry_on(outcome: _Outcome, options: RunOptions, settings: Settings) -> None:
    """Run the tests; then, with a brief and a model, have it filled in."""
    from overhaul.flows.errors import NoModel
    from overhaul.flows.progress import watched_by
    from overhaul.flows.providers import choose
    from overhaul.flows.scaffold_run import test_skeleton

    made = outcome.made
    if not made.run:
        with Progress(f"new {made.package}").live() as progress, watched_by(progress):
            outcome.tests = test_skeleton(made, options, settings)
        if outcome.tests[0].status != "passed":
            outcome.message = f"its own tests do not pass. Once that is mended: overhaul new {made.folder}"
            return
    if not made.brief:
        outcome.status = "made"
        made.forget()
        return
    try:
        choose(settings)
    except NoModel as error:
        outcome.status = "kept"
        outcome.message = (
            f"the brief is kept as BRIEF.md; {error}. Then go on with: overhaul new {made.folder}"
        )
        return
    _fill_in(outcome, options, settings)


def _fill_in(outcome: _Outcome, options: RunOptions, settings: Settings) -> None:
    from overhaul.flows.command_line.run_commands import finish
    from overhaul.flows.scaffold_run import take, with_run
    from overhaul.flows.server import connect

    with Progress(f"new {outcome.made.package}").live() as progress:
        connect(settings, progress)
        progress("loading")
        outcome.made = with_run(outcome.made, options)
        outcome.run = finish(outcome.made.run, settings, progress)
    take(outcome.made, outcome.run)
    again = f"overhaul new {outcome.made.folder}"
    if outcome.run.status == "published":
        outcome.status = "filled"
    elif outcome.run.status == "waiting":
        outcome.status = "waiting"
        outcome.message = f"Once it is answered, this has the commit in the folder: {again}"
    else:
        outcome.message = f"The folder holds the skeleton and BRIEF.md. Try again: {again}"


def _read_brief(brief: str | None) -> str:
    """The text itself, or that of the file that it names."""
    if brief is None:
        return ""
    text = read_prompt(brief) if _is_file(brief) else brief
    if not text.strip():
        raise click.UsageError("--brief is empty; it says what the project is to do.")
    return text


def _is_file(brief: str) -> bool:
    if "\n" in brief.strip() or " " in brief.strip():
        return len(brief) < 200 and "\n" not in brief and Path(brief).is_file()
    return brief.endswith(PROMPT_SUFFIXES) or (len(brief) < 200 and Path(brief).is_file())
