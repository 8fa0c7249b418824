"""Run a repository's own tests in a sandbox and turn them into a typed report."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from overhaul.sandbox.comparison import Comparison, NewFailure, compare
from overhaul.sandbox.frameworks import Framework
from overhaul.sandbox.layout import import_roots
from overhaul.sandbox.provider import Command, Environment, Limits, Outcome, Provider, Workspace
from overhaul.sandbox.records import RecordParser
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.report import CollectionError, ReportStatus, TestReport, TestResult
from overhaul.sandbox.test_command import TestCommand, find_test_command

__all__ = ["Comparison", "NewFailure", "TestReport", "TestResult", "compare", "run_tests"]

LOG_BYTES = 64 << 20
EXCERPT_CHARACTERS = 2000
# Every test of a broken tree fails: that is no flakiness, and their ids would not fit an environment variable.
RERUN_AT_MOST = 200
PYTEST_EXIT_CODES = {
    2: "pytest was interrupted",
    3: "pytest had an internal error",
    4: "pytest was called wrongly",
}
NO_TESTS = 5

Progress = Callable[[int, int | None], None]


@dataclass(slots=True)
class _Heard:
    """What one run's reporter has said so far."""

    on_progress: Progress | None
    results: dict[str, TestResult] = field(default_factory=dict)
    errors: list[CollectionError] = field(default_factory=list)
    total: int | None = None
    running: str = ""
    end: int | None = None

    def take(self, record: dict[str, Any]) -> None:
        kind, id_ = record.get("kind"), str(record.get("id", ""))
        if kind == "collected":
            self.total = int(record["count"])
        elif kind == "start":
            self.running = id_
        elif kind == "collection_error":
            self.errors.append(CollectionError(id_, _excerpt(str(record.get("text", "")))))
        elif kind == "test":
            text = _excerpt(str(record.get("text", "")))
            self.results[id_] = TestResult(id_, record["outcome"], float(record["seconds"]), text)
            self.running = ""
        elif kind == "end":
            self.end = int(record["exit_code"])
        if self.on_progress and kind in ("collected", "test"):
            self.on_progress(len(self.results), self.total)


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
    on_progress: Progress | None = None,
) -> TestReport:
    """Run all tests of the tree in `source`; `log` gets the whole output (up to 64 MiB), secrets redacted.

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
    with log.open("wb") as file, provider.open(source, environment, siblings) as workspace:
        run = _Run(
            workspace,
            tests.placed(workspace.root),
            python_path(workspace, source, siblings),
            limits or Limits(),
            redactor,
            _CappedWriter(file.write),
        )
        heard, outcome = run.once((), on_progress)
        if tests.arguments and _was_refused(tests.framework, heard, outcome):
            run.log(b"\n# overhaul: pytest does not take these arguments; once more, without them\n")
            run = replace(run, tests=TestCommand(tests.framework))
            heard, outcome = run.once((), on_progress)
        report = _report(tests.framework, provider.name, heard, outcome, log, redactor)
        flaky = run.again(report, rerun_failures)
    if not flaky:
        return report
    results = tuple(
        replace(result, outcome="passed") if result.id in flaky else result for result in report.results
    )
    failing = any(result.failing for result in results) or report.status != "failed"
    return replace(
        report, results=results, flaky=tuple(sorted(flaky)), status=report.status if failing else "passed"
    )


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
    log: Callable[[bytes], None]

    def once(self, only: Sequence[str], on_progress: Progress | None) -> tuple[_Heard, Outcome]:
        mark = secrets.token_hex(16)
        heard = _Heard(on_progress)
        stream = self.redactor.stream(self.log)
        parser = RecordParser(mark, heard.take, stream.add)
        stated = self.tests.variables
        path = ":".join(filter(None, (self.python_path, stated.get("PYTHONPATH"))))
        variables = {**stated, "PYTHONPATH": path, "OVERHAUL_MARK": mark}
        if only:
            variables["OVERHAUL_ONLY"] = json.dumps(list(only))
        command = Command(self._arguments(), variables, self.tests.folder, self.limits)
        outcome = self.workspace.run(command, parser.add)
        parser.flush()
        stream.flush()
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
        if self.tests.framework in ("unittest", "django"):
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

    def __call__(self, data: bytes) -> None:
        if self._left <= 0:
            return
        self._write(data[: self._left])
        self._left -= len(data)
        if self._left <= 0:
            self._write(f"\n# overhaul: the log stops here, at {LOG_BYTES >> 20} MiB\n".encode())


def _report(
    framework: Framework, isolation: str, heard: _Heard, outcome: Outcome, log: Path, redactor: Redactor
) -> TestReport:
    status, reason = _status(framework, heard, outcome)
    return TestReport(
        framework=framework,
        status=status,
        isolation=isolation,
        exit_code=outcome.exit_code,
        seconds=round(outcome.seconds, 3),
        results=tuple(replace(r, excerpt=redactor.text(r.excerpt)) for r in heard.results.values()),
        collection_errors=tuple(replace(e, excerpt=redactor.text(e.excerpt)) for e in heard.errors),
        reason=redactor.text(reason),
        ended=outcome.status == "exited" and heard.end is not None and heard.end == outcome.exit_code,
        log=str(log),
    )


def _was_refused(framework: Framework, heard: _Heard, outcome: Outcome) -> bool:
    """Whether pytest took the arguments for a mistake: they may be for a plugin that is not there."""
    return framework == "pytest" and outcome.exit_code == 4 and not heard.results


def _status(framework: Framework, heard: _Heard, outcome: Outcome) -> tuple[ReportStatus, str]:
    """A run counts only if it came to its own end: an exit code alone can be forged by any test."""
    during = f" during {heard.running}" if heard.running else ""
    if outcome.status == "timed_out":
        return "timed_out", f"the time limit was reached{during}"
    if outcome.status == "out_of_memory":
        return "out_of_memory", f"the memory limit was reached{during}"
    if outcome.status == "disk_full":
        return "broken", f"the disk limit was reached{during}"
    if outcome.status == "signalled":
        return "broken", f"the test process was ended by a signal{during}"
    if heard.errors:
        return "broken", f"{len(heard.errors)} files could not be collected, the first: {heard.errors[0].id}"
    if heard.end is None:
        early = f"the test process ended early, exit code {outcome.exit_code}{during}"
        # A test's own end says it all; a process that ran none has said why in its last words.
        last = "" if heard.results or during else outcome.output[-400:].decode(errors="replace").strip()
        return "broken", f"{early}: {last}" if last else early
    if heard.end != outcome.exit_code:
        return "broken", f"the tests ended with {heard.end} but their process with {outcome.exit_code}"
    if framework == "pytest" and heard.end in PYTEST_EXIT_CODES:
        return "broken", PYTEST_EXIT_CODES[heard.end]
    if not heard.results:
        return "no_tests", ""
    if heard.total is not None and len(heard.results) < heard.total:
        return "broken", f"only {len(heard.results)} of {heard.total} tests ran"
    failing = any(result.failing for result in heard.results.values())
    return ("failed", "") if failing or heard.end else ("passed", "")


def _excerpt(text: str) -> str:
    if len(text) <= EXCERPT_CHARACTERS:
        return text
    third = EXCERPT_CHARACTERS // 3
    return f"{text[:third]}\n...\n{text[-2 * third :]}"
