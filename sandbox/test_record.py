"""What the reporter of one test run said, and the report that it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from overhaul.sandbox.coverage import Coverage
from overhaul.sandbox.frameworks import Framework
from overhaul.sandbox.provider import Outcome
from overhaul.sandbox.redact import Redactor
from overhaul.sandbox.report import CollectionError, Impacted, ReportStatus, TestReport, TestResult

EXCERPT_CHARACTERS = 2000
# Ids and excerpts of one run: tests may say as many records as they like.
MOST_CHARACTERS = 64 << 20
PYTEST_EXIT_CODES = {
    2: "pytest was interrupted",
    3: "pytest had an internal error",
    4: "pytest was called wrongly",
}

# Tests that are done, of how many (None before they are collected), and how many of these run first.
Progress = Callable[[int, int | None, int], None]


@dataclass(slots=True)
class Heard:
    """What one run's reporter has said so far."""

    on_progress: Progress | None
    on_lines: Callable[[dict[str, Any]], None]
    results: dict[str, TestResult] = field(default_factory=dict)
    errors: list[CollectionError] = field(default_factory=list)
    total: int | None = None
    of_all_parts: int | None = None
    first: set[str] = field(default_factory=set)
    first_count: int = 0
    first_files: int = 0
    running: str = ""
    end: int | None = None
    characters_left: int = MOST_CHARACTERS

    @property
    def is_full(self) -> bool:
        return self.characters_left < 0

    def take(self, record: dict[str, Any]) -> None:
        kind, id_ = record.get("kind"), str(record.get("id", ""))
        text = _excerpt(str(record.get("text", "")))
        if kind in ("collection_error", "test"):
            self.characters_left -= len(id_) + len(text)
            if self.is_full:
                return
        if kind == "collected":
            self.total = int(record["count"])
            self.of_all_parts = int(record.get("all", self.total))
            self.first_count, self.first_files = int(record.get("first", 0)), int(record.get("files", 0))
        elif kind == "start":
            self.running = id_
        elif kind == "collection_error":
            self.errors.append(CollectionError(id_, text))
        elif kind == "test":
            self.results[id_] = TestResult(id_, record["outcome"], float(record["seconds"]), text)
            self.running = ""
            if record.get("first"):
                self.first.add(id_)
        elif kind == "end":
            self.end = int(record["exit_code"])
        elif kind in ("code", "line", "measured"):
            self.on_lines(record)
        if self.on_progress and kind in ("collected", "test"):
            self.on_progress(len(self.results), self.total, self.first_count)


def take_exit_code(heard: Heard, outcome: Outcome) -> None:
    """Take the exit code of a script whose runner we do not know for its one result."""
    if outcome.status != "exited" or heard.errors:
        return
    passed = outcome.exit_code == 0
    text = "" if passed else outcome.output[-EXCERPT_CHARACTERS:].decode(errors="replace")
    result = TestResult("npm test", "passed" if passed else "failed", round(outcome.seconds, 3), text)
    heard.results[result.id], heard.end = result, outcome.exit_code


def report_of(
    framework: Framework, isolation: str, heard: Heard, outcome: Outcome, log: Path, redactor: Redactor
) -> TestReport:
    """All that was heard, secrets redacted, with the status that it and the command's end come to."""
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


def with_findings(report: TestReport, heard: Heard, flaky: set[str], coverage: Coverage | None) -> TestReport:
    """The report in which tests that failed once count as passed, with what became of impacted tests and lines."""
    report = replace(_with_flaky(report, flaky), coverage=coverage)
    if not heard.first:
        return report
    passed = sum(result.outcome == "passed" and result.id in heard.first for result in report.results)
    return replace(report, impacted=Impacted(heard.first_files, len(heard.first), passed))


def _with_flaky(report: TestReport, flaky: set[str]) -> TestReport:
    if not flaky:
        return report
    results = tuple(
        replace(result, outcome="passed") if result.id in flaky else result for result in report.results
    )
    failing = any(result.failing for result in results) or report.status != "failed"
    return replace(
        report, results=results, flaky=tuple(sorted(flaky)), status=report.status if failing else "passed"
    )


def was_refused(framework: Framework, heard: Heard, outcome: Outcome) -> bool:
    """Whether pytest took the arguments for a mistake: they may be for a plugin that is not there."""
    return framework == "pytest" and outcome.exit_code == 4 and not heard.results


def _status(framework: Framework, heard: Heard, outcome: Outcome) -> tuple[ReportStatus, str]:
    """A run counts only if it came to its own end: an exit code alone can be forged by any test."""
    during = f" during {heard.running}" if heard.running else ""
    if outcome.status == "timed_out":
        return "timed_out", f"the time limit was reached{during}"
    if outcome.status == "out_of_memory":
        return "out_of_memory", f"the memory limit was reached{during}"
    if outcome.status == "disk_full":
        return "broken", f"the disk limit was reached{during}"
    if outcome.status == "too_many_processes":
        return "broken", f"the limit of processes was reached{during}"
    if outcome.status == "signalled":
        return "broken", f"the test process was ended by a signal{during}"
    if heard.is_full:
        return "broken", f"the tests told more than {MOST_CHARACTERS >> 20} MiB of results"
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
