"""Run a repository's own tests in a sandbox and turn them into a typed report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from overhaul.sandbox.comparison import Comparison, NewFailure, compare
from overhaul.sandbox.frameworks import Framework
from overhaul.sandbox.provider import Environment, Limits, Provider
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.report import TestReport, TestResult
from overhaul.sandbox.test_command import find_test_command
from overhaul.sandbox.test_parts import Split, run_in_parts
from overhaul.sandbox.test_record import Progress, report_of, was_refused, with_findings
from overhaul.sandbox.test_run import CappedWriter, TestRequest

__all__ = ["Comparison", "NewFailure", "Split", "TestReport", "TestResult", "compare", "run_tests"]


def run_tests(
    provider: Provider,
    environment: Environment,
    source: Path,
    *,
    log: Path,
    beside: Mapping[str, Path] | None = None,
    limits: Limits | None = None,
    framework: Framework | None = None,
    rerun_failures: int = 1,
    first: Sequence[str] = (),
    only: Sequence[str] = (),
    changed_lines: Mapping[str, Sequence[int]] | None = None,
    split: Split | None = None,
    on_progress: Progress | None = None,
) -> TestReport:
    """Run all tests of the tree in `source`; `log` gets the whole output (up to 64 MiB), secrets redacted.

    `first` are test files (paths in the tree) whose tests run before all others, in this order; with `only`, no tests
    but those of these files run. Of the `changed_lines` of each file the report says which test executed which.
    `split` asks for several parts side by side; they count only if they add up and nothing is different from base.
    `on_progress` is told how many tests are done, of how many, and how many run first.
    Failures are run again, alone, up to `rerun_failures` times: what passes then is flaky.
    No tests is a status, not an error. Raises SandboxLost if the sandbox itself failed.
    """
    tests = find_test_command(source, framework)
    log.parent.mkdir(parents=True, exist_ok=True)
    if tests.framework == "none":
        log.write_text("no tests were found\n", encoding="utf-8")
        return TestReport("none", "no_tests", provider.name, log=str(log))
    request = TestRequest(
        provider,
        environment,
        source,
        beside or {},
        tests,
        limits or Limits(),
        Redactor(os.environ),
        first,
        only,
        changed_lines or {},
        log,
        rerun_failures,
        on_progress,
    )
    with log.open("wb") as file:
        writer = CappedWriter(file.write)
        report = run_in_parts(request, split, writer) if split else None
        return report or _run_in_one_piece(request, writer)


def _run_in_one_piece(request: TestRequest, writer: CappedWriter) -> TestReport:
    framework = request.tests.framework
    with request.opened(writer) as run:
        heard, outcome = run.once((), request.on_progress)
        if request.tests.arguments and was_refused(framework, heard, outcome):
            writer(b"\n# overhaul: pytest does not take these arguments; once more, without them\n")
            run = replace(run, tests=replace(run.tests, arguments=()))
            heard, outcome = run.once((), request.on_progress)
        report = report_of(framework, request.provider.name, heard, outcome, request.log, request.redactor)
        flaky = run.again(report, request.rerun_failures)
    return with_findings(report, heard, flaky, run.changed.coverage())
