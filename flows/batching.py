"""Edit in batches: commit, test against base, find the files that break the tests and set them aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from overhaul.flows.artifacts import BatchProgress
from overhaul.flows.mirror import FileChange
from overhaul.flows.plain_text import on_one_line
from overhaul.flows.progress import tell
from overhaul.flows.results import BatchResult
from overhaul.flows.run_context import Edited, Evidence, Run, count_tests
from overhaul.flows.tasks import checkout_of, commit_edits, environment_at, tests_at
from overhaul.flows.testing import Testing, stand_by
from overhaul.refactors.batches import Batch, breaking_files
from overhaul.refactors.recipe import content_hash
from overhaul.sandbox.comparison import Comparison, compare
from overhaul.sandbox.provider import Limits
from overhaul.sandbox.report import TestReport


@dataclass(frozen=True, slots=True)
class Attempt:
    """One batch, committed and tested."""

    commit: str
    report: TestReport
    log: Path
    comparison: Comparison

    @property
    def passes(self) -> bool:
        return not self.comparison.new_failures


def edit_and_test(run: Run, evidence: Evidence) -> Edited:
    """Commit and test every batch of the plan on top of the one before.

    Where edits stand by themselves, the files that break tests are set aside and the rest is kept; where they belong
    together, a batch that breaks tests is not kept at all.
    """
    head, done, set_aside = run.base_commit, list[BatchResult](), list[str]()
    last: Attempt | None = None
    progress = BatchProgress(run.id, len(run.plan_result.batches))
    for number, batch in enumerate(run.plan_result.batches, 1):
        title = f"batch {number}/{len(run.plan_result.batches)}"
        kept, attempt = _hold(run, evidence, head, batch, title)
        set_aside += [path for path in batch if path not in kept]
        last = attempt if kept or last is None else last
        if kept:
            head = attempt.commit
            done.append(BatchResult(attempt.commit, list(kept), count_tests(attempt.comparison)))
        progress.done(number)
    return Edited(
        head=head,
        batches=done,
        report=last.report if last else None,
        log=last.log if last else None,
        comparison=last.comparison if last else None,
        set_aside=set_aside,
    )


def _hold(run: Run, evidence: Evidence, parent: str, batch: Batch, title: str) -> tuple[Batch, Attempt]:
    """Return the files of a batch that hold, with the attempt that shows it (or the one that failed)."""
    attempt = _try(run, evidence, parent, batch, title)
    if attempt.passes:
        return batch, attempt
    if not run.independent_edits or len(batch) == 1:
        return (), attempt
    trials = count(1)

    def passes(paths: Batch) -> bool:
        tell(f"looking for the files that break {title}")
        return _try(run, evidence, parent, paths, f"{title} trial {next(trials)}", is_trial=True).passes

    breaking = breaking_files(batch, passes)
    kept = tuple(path for path in batch if path not in breaking)
    return (kept, _try(run, evidence, parent, kept, f"{title} kept")) if kept else ((), attempt)


def _try(
    run: Run, evidence: Evidence, parent: str, paths: Sequence[str], title: str, is_trial: bool = False
) -> Attempt:
    """Commit these files and test them; a trial only asks whether they hold, not what the tests execute.

    Trials run in one piece: about half of them fail, and parts that fail do not count.
    """
    changes = run.analysis_result.changes(set(paths))
    return commit_and_test(
        run, evidence, parent, Wanted(changes, commit_message(run, paths), title), is_trial
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be committed: the files, the message, and a title for the steps."""

    changes: Sequence[FileChange]
    message: str
    title: str


def commit_and_test(
    run: Run, evidence: Evidence, parent: str, wanted: Wanted, is_trial: bool = False
) -> Attempt:
    """Commit on top of a parent, and test against base."""
    title = wanted.title
    changes = [asdict(change) for change in wanted.changes]
    stand_by(evidence.environment, Limits(wall_seconds=run.options.test_timeout), run.options.network)
    commit = commit_edits(
        run.id, run.repository, parent, changes, wanted.message, asdict(run.author), f"edit {title}"
    )

    return compare_with_base(run, evidence, commit, title, is_trial)


def compare_with_base(
    run: Run, evidence: Evidence, commit: str, title: str, is_trial: bool = False
) -> Attempt:
    """Test a commit, and compare with base."""
    environment = environment_at(run, evidence.environment, commit)

    def tested(name: str, since: str, baseline: TestReport | None = None) -> Attempt:
        testing = Testing(name, run.options.test_timeout, since)
        report, log = tests_at(run, checkout_of(run, environment, commit), testing, baseline)
        return Attempt(commit, report, log, compare(evidence.baseline, report, run.analysis_result.renamed))

    if is_trial:
        return tested(f"tests {title}", "")
    attempt = tested(f"tests {title}", run.base_commit, evidence.baseline)
    # Tests may skip themselves, or break, where they see a tracer. Those that fail were run again without one.
    if attempt.report.coverage and any(each.kind != "fails" for each in attempt.comparison.new_failures):
        return tested(f"tests {title} unmeasured", "")
    return attempt


def commit_message(run: Run, paths: Sequence[str]) -> str:
    """The subject says what changed; the trailers let anybody make the commit again."""
    sites = sum(edit["sites"] for edit in run.analysis_result.edits if edit["path"] in set(paths))
    lines = [
        run.title,
        "",
        f"{sites} {'site' if sites == 1 else 'sites'} in {len(paths)} {'file' if len(paths) == 1 else 'files'}.",
        "",
        f"Overhaul-Recipe: {run.recipe}",
        *(f"Overhaul-Parameter: {name}={_on_a_line(value)}" for name, value in run.given.items()),
        f"Overhaul-Run: {run.origin}",
    ]
    return "\n".join(lines) + "\n"


def _on_a_line(value: Any) -> Any:
    """A parameter as a trailer holds it: of one that is a whole file, what tells it from others."""
    if isinstance(value, str) and "\n" in value:
        return f"sha256:{content_hash(value.encode())}"
    return value


def agent_message(run: Run, paths: Sequence[str], model: str) -> str:
    """The message of the agent's commit: it says that a model made it."""
    lines = [
        run.title if run.is_prompt else f"{run.title}: what could not be proved",
        "",
        f"{len(paths)} {'file' if len(paths) == 1 else 'files'}, edited by a model and tested.",
        "",
        f"Overhaul-Agent: {on_one_line(model)}",
        f"Overhaul-Run: {run.origin}",
    ]
    return "\n".join(lines) + "\n"
