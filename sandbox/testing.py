"""Run a repository's own tests in a sandbox and turn them into a typed report."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from overhaul.sandbox.comparison import Comparison, NewFailure, compare
from overhaul.sandbox.coverage import ChangedLines
from overhaul.sandbox.frameworks import Framework
from overhaul.sandbox.layout import import_roots
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome, Provider, Workspace
from overhaul.sandbox.records import RecordParser
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.report import Impacted, TestReport, TestResult
from overhaul.sandbox.test_command import TestCommand, find_test_command
from overhaul.sandbox.test_record import Heard, Progress, report_of, take_exit_code, was_refused

__all__ = ["Comparison", "NewFailure", "TestReport", "TestResult", "compare", "run_tests"]

LOG_BYTES = 64 << 20
# Every test of a broken tree fails: that is no flakiness, and their ids would not fit an environment variable.
RERUN_AT_MOST = 200
# Linux takes 128 KiB in one variable.
LONGEST_VARIABLE = 100_000


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
    on_progress: Progress | None = None,
) -> TestReport:
    """Run all tests of the tree in `source`; `log` gets the whole output (up to 64 MiB), secrets redacted.

    `first` are test files (paths in the tree) whose tests run before all others, in this order; with `only`, no tests
    but those of these files run. Of the `changed_lines` of each file the report says which test executed which.
    `on_progress` is told how many tests are done, of how many, and how many run first.
    Failures are run again, alone, up to `rerun_failures` times: what passes then is flaky.
    No tests is a status, not an error. Raises SandboxLost if the sandbox itself failed.
    """
    tests = find_test_command(source, framework)
    log.parent.mkdir(parents=True, exist_ok=True)
    if tests.framework == "none":
        log.write_text("no tests were found\n", encoding="utf-8")
        return TestReport("none", "no_tests", provider.name, log=str(log))
    redactor = Redactor(os.environ)
    siblings = beside or {}
    changed = ChangedLines(source, changed_lines or {})
    with log.open("wb") as file, provider.open(source, environment, siblings) as workspace:
        run = _Run(
            workspace,
            tests.placed(workspace.root),
            python_path(workspace, source, siblings),
            limits or Limits(),
            redactor,
            _CappedWriter(file.write),
            {"OVERHAUL_FIRST": _files(first, workspace.root), "OVERHAUL_FILES": _files(only, workspace.root)},
            changed,
        )
        heard, outcome = run.once((), on_progress)
        if tests.arguments and was_refused(tests.framework, heard, outcome):
            run.log(b"\n# overhaul: pytest does not take these arguments; once more, without them\n")
            run = replace(run, tests=replace(run.tests, arguments=()))
            heard, outcome = run.once((), on_progress)
        report = report_of(tests.framework, provider.name, heard, outcome, log, redactor)
        flaky = run.again(report, rerun_failures)
    report = replace(_with_flaky(report, flaky), coverage=changed.coverage())
    if heard.first:
        passed = sum(result.outcome == "passed" and result.id in heard.first for result in report.results)
        report = replace(report, impacted=Impacted(heard.first_files, len(heard.first), passed))
    return report


def _with_flaky(report: TestReport, flaky: set[str]) -> TestReport:
    """The report in which tests that failed once count as passed."""
    if not flaky:
        return report
    results = tuple(
        replace(result, outcome="passed") if result.id in flaky else result for result in report.results
    )
    failing = any(result.failing for result in results) or report.status != "failed"
    return replace(
        report, results=results, flaky=tuple(sorted(flaky)), status=report.status if failing else "passed"
    )


def _files(paths: Sequence[str], root: str) -> str:
    """Paths of the tree as a variable for the reporters; of too many, those at the end are left out."""
    kept: list[str] = []
    left = LONGEST_VARIABLE
    for path in dict.fromkeys(paths):
        left -= len(json.dumps(f"{root}/{path}")) + 2
        if left < 0:
            break
        kept.append(f"{root}/{path}")
    return json.dumps(kept) if kept else ""


def python_path(workspace: Workspace, source: Path, beside: Mapping[str, Path]) -> str:
    """Our reporters, the repository's own code, then that of its neighbours: all before site-packages."""
    places = [f"{workspace.tools}/reporters"]
    places += [f"{workspace.root}/{root}" if root != "." else workspace.root for root in import_roots(source)]
    for name, folder in beside.items():
        above = f"{workspace.root.rpartition('/')[0]}/beside/{name}"
        places += [f"{above}/{root}" if root != "." else above for root in import_roots(folder)]
    return ":".join(places)


@dataclass(frozen=True, slots=True)
class _Run:
    """The commands of one workspace's tests."""

    workspace: Workspace
    tests: TestCommand
    python_path: str
    limits: Limits
    redactor: Redactor
    log: _CappedWriter
    selection: Mapping[str, str]
    changed: ChangedLines

    def once(self, only: Sequence[str], on_progress: Progress | None) -> tuple[Heard, Outcome]:
        mark = secrets.token_hex(16)
        heard = Heard(on_progress, lambda record: self.changed.take(self.workspace.root, record))
        stream = self.redactor.stream(self.log)

        def keep(output: bytes) -> None:
            if not self.log.is_full:  # looking for secrets is slow
                stream.add(output)

        parser = RecordParser(mark, heard.take, keep)
        stated = self.tests.variables
        path = ":".join(filter(None, (self.python_path, stated.get("PYTHONPATH"))))
        chosen = {name: text for name, text in self.selection.items() if text}
        variables = {**stated, **chosen, "PYTHONPATH": path, "OVERHAUL_MARK": mark}
        if only:
            variables["OVERHAUL_ONLY"] = json.dumps(list(only))
        elif lines := self.changed.variable(self.workspace.root, LONGEST_VARIABLE):
            variables["OVERHAUL_LINES"] = lines
        command = Command(self._arguments(), variables, self.tests.folder, self.limits)
        outcome = self.workspace.run(command, parser.add)
        parser.flush()
        stream.flush()
        if self.tests.framework == "node" and not (heard.running or heard.results or heard.end is not None):
            take_exit_code(heard, outcome)
        return heard, outcome

    def again(self, report: TestReport, times: int) -> set[str]:
        """The failures that pass when they are run again, alone, in the same workspace."""
        failing = [result.id for result in report.failures]
        flaky: set[str] = set()
        for _ in range(times if report.status == "failed" and len(failing) <= RERUN_AT_MOST else 0):
            if not failing:
                break
            self.log(f"\n# overhaul: {len(failing)} failures are run again, alone\n".encode())
            heard, _ = self.once(failing, None)
            # A second run that breaks proves nothing, not even for the tests that passed in it.
            if heard.end is None or heard.errors:
                break
            passed = {id_ for id_ in failing if id_ in heard.results and not heard.results[id_].failing}
            flaky |= passed
            failing = [id_ for id_ in failing if id_ not in passed]
        return flaky

    def _arguments(self) -> list[str]:
        if self.tests.framework in ("unittest", "django", "node"):
            runner = f"{self.workspace.tools}/reporters/overhaul_{self.tests.framework}_runner.py"
            return ["{python}", runner, *self.tests.arguments]
        # The repository's own options may stop at the first failure; a comparison needs all results.
        options = ["--color=no", "--maxfail=0", "--continue-on-collection-errors"]
        plugin = ("-m", "pytest", "-p", "overhaul_pytest_reporter")
        return ["{python}", *plugin, *self.tests.arguments, *options]


class _CappedWriter:
    """Writes up to a limit, then says once that it stops."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._left = LOG_BYTES

    @property
    def is_full(self) -> bool:
        return self._left <= 0

    def __call__(self, data: bytes) -> None:
        if self._left <= 0:
            return
        self._write(data[: self._left])
        self._left -= len(data)
        if self._left <= 0:
            self._write(f"\n# overhaul: the log stops here, at {LOG_BYTES >> 20} MiB\n".encode())
