"""`bench`: instances of SWE-bench's kind and refactorings through the same runs as any repository, and graded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.interrupts import unless_interrupted
from overhaul.flows.command_line.output import Progress, note, plural, print_json
from overhaul.flows.command_line.run_options import run_options
from overhaul.flows.command_line.tables import add_row, make_table, print_table, styled
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.settings import Settings
from overhaul.sandbox.choose import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from overhaul.flows.bench import Wanted
    from overhaul.flows.bench_instances import Instance
    from overhaul.flows.bench_results import InstanceResult, Record
    from overhaul.flows.options import RunOptions
    from overhaul.flows.results import RunResult


@click.command()
@click.argument("file", metavar="FILE.jsonl", type=click.Path(path_type=Path))
@click.option(
    "--repositories", metavar="FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where clones of OWNER/NAME are: as OWNER/NAME, OWNER__NAME or NAME.  [default: GitHub]",
)  # fmt: skip
@click.option("--model-name", help="What the results call the model.  [default: its own name]")
@click.option(
    "--predictions", metavar="gold|empty|FILE",
    help="Grade these patches and ask no model: the instances' own, none, or a file in SWE-bench's format.",
)  # fmt: skip
@click.option(
    "--output", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False),
    help="Where predictions and results go, and what was done before is found.  [default: bench-FILE-MODEL]",
)  # fmt: skip
@click.option("--instance", "ids", multiple=True, metavar="ID", help="Only this one; may be given again.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many, the first.")
@click.option(
    "--budget", multiple=True, metavar="NAME=NUMBER",
    help="What the model may use for each instance: tokens, minutes, steps, dollars."
    "  [default: tokens=400k, minutes=30, steps=60]",
)  # fmt: skip
@click.option(
    "--sandbox", type=click.Choice(["auto", *PROVIDERS]), default="auto", show_default=True,
    help="Where tests and the model's commands run. process isolates nothing: no model is asked in it.",
)  # fmt: skip
@click.option(
    "--network", multiple=True, metavar="HOST|full", help="A host that the tests may reach.  [default: none]"
)
@click.option(
    "--python", help="An interpreter that has what the tests need; nothing is installed (process only)."
)
@click.option(
    "--package", "packages", multiple=True, help="A package that tests need and no repository names."
)
@click.option(
    "--test-timeout", type=click.FloatRange(min=0, min_open=True), default=1800.0, show_default=True,
    help="Seconds after which a test run is ended.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def bench(
    file: Path,
    repositories: Path | None,
    model_name: str | None,
    predictions: str | None,
    output: Path | None,
    ids: tuple[str, ...],
    limit: int | None,
    as_json: bool,
    **chosen: Any,
) -> int:
    """Measure a model, or recipes, by the instances of FILE.jsonl.

    Each is worked on as `overhaul run` works, without its hidden tests; then what was changed is graded by them. The
    same command goes on where it was left: what is graded stays, and no answer is paid for twice.
    """
    from overhaul.flows.bench import Wanted
    from overhaul.flows.bench_instances import choose_instances, read_instances
    from overhaul.flows.bench_predictions import given_predictions
    from overhaul.flows.bench_results import working_in

    settings = Settings.from_environment()
    options = run_options(
        {**chosen, "gates": (), "yes": True, "own_tools": False, "campaign": f"bench:{file.stem}"}
    )
    everything = read_instances(file)
    instances = choose_instances(everything, ids, limit)
    given = given_predictions(predictions, everything) if predictions else None
    for unknown in set(given.patches) - {each.id for each in everything} if given else ():
        note(f"there is a prediction for {unknown}, which is no instance of {file}; it is left out.")
    model = model_name or (given.model if given else _configured_model(instances, settings))
    wanted = Wanted(
        file.stem, model, (output or _folder(file, model)).resolve(), file.absolute().parent, repositories, options,
        given,
    )  # fmt: skip
    with working_in(wanted.output):
        if given is None:
            _check_model(instances, wanted, options, settings)
        records = _run(instances, wanted, settings)
        found = _write(records, wanted)
    if as_json:
        print_json(found)
    else:
        _show(found, [each.result for each in records if each.result], wanted)
    return int(found["error_instances"] > 0)


def _configured_model(instances: Sequence[Instance], settings: Settings) -> str:
    """The model that answers; what only recipes do is ours. Raises NoModel."""
    from overhaul.flows.providers import choose

    return choose(settings).name if any(each.task for each in instances) else "overhaul"


def _check_model(
    instances: Sequence[Instance], wanted: Wanted, options: RunOptions, settings: Settings
) -> None:
    """Say what is wrong before anything takes long."""
    from overhaul.flows.bench import needs_model
    from overhaul.flows.prices import price_for_limit
    from overhaul.flows.providers import choose

    if not needs_model(instances, wanted):
        return
    choice = choose(settings)
    if options.budget.dollars is not None:
        price_for_limit(settings, choice.name)
    if options.sandbox == "process":
        raise click.UsageError(
            "--sandbox process isolates nothing: the model could read the hidden tests on this machine. Take another"
            " tier (overhaul doctor), or grade given patches with --predictions."
        )


def _folder(file: Path, model: str) -> Path:
    import re

    return Path(f"bench-{file.stem}-{re.sub(r'[^A-Za-z0-9._-]+', '-', model).strip('-.')}")


def _run(instances: Sequence[Instance], wanted: Wanted, settings: Settings) -> list[Record]:
    from overhaul.flows.bench import run_instances
    from overhaul.flows.progress import watched_by

    records: list[Record] = []
    with Progress(f"bench {wanted.name}").live() as progress, watched_by(progress):
        if wanted.given is None:
            from overhaul.flows.server import connect

            connect(settings, progress)
            progress("loading")

        def execute(run_id: str) -> RunResult:
            from overhaul.flows.runs import execute

            return unless_interrupted(lambda: execute(run_id, settings, progress))

        def announce(number: int) -> None:
            if number < len(instances):
                progress.title = f"[{number + 1}/{len(instances)}] {instances[number].id}"

        announce(0)
        for instance, record, was_done in run_instances(instances, wanted, execute):
            records.append(record)
            _write(records, wanted)
            with progress.hidden():
                _tell(f"[{len(records)}/{len(instances)}] {instance.id}", record.result, was_done)
            announce(len(records))
    return records


def _tell(title: str, result: InstanceResult | None, was_done: bool) -> None:
    if result is not None:
        before = " (from before)" if was_done else ""
        note(f"{title}: {result.verdict}{before}{f': {result.reason}' if result.reason else ''}")


def _write(records: Sequence[Record], wanted: Wanted) -> dict[str, Any]:
    """Write predictions and tables; return all results as one document."""
    import json

    from overhaul.flows.bench_predictions import Predictions, write_predictions
    from overhaul.flows.bench_tables import as_markdown, summary
    from overhaul.flows.whole_files import write_whole

    patches = {each.path.stem: each.patch for each in records if each.patch is not None}
    write_predictions(wanted.output / "all_preds.jsonl", Predictions(wanted.model, patches))
    results = [each.result for each in records if each.result]
    found = {**summary(wanted.name, wanted.model, results), "output": str(wanted.output)}
    write_whole(wanted.output / "results.json", json.dumps(found, indent=2) + "\n")
    write_whole(wanted.output / "results.md", as_markdown(found, results))
    return found


def _show(found: dict[str, Any], results: Sequence[InstanceResult], wanted: Wanted) -> None:
    from overhaul.flows.bench_tables import COLUMNS, row_of, total_line

    table = make_table(*COLUMNS)
    for result in results:
        name, verdict, *rest = row_of(result)
        add_row(table, name, styled(verdict), *rest)
    print_table(table)
    click.echo(f"{on_one_line(found['model'])}: {total_line(found)}")
    note(f"{wanted.output} has all_preds.jsonl, results.json, results.md and a record of each instance.")
    if found["error_instances"]:
        note(
            f"{plural(found['error_instances'], 'instance')} could not be graded; the same command tries again."
        )
