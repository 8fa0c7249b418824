"""`npm test` beside Python's tests: one report of both.

jest, vitest, mocha and `node --test` tell of each test through reporters of ours (`inside/reporters`); of any other
script the exit code is the one result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from overhaul.sandbox.node_project import read_package, test_script
from overhaul.sandbox.provider import Environment, Limits, Provider
from overhaul.sandbox.report import ReportStatus, TestReport
from overhaul.sandbox.testing import run_tests

# What a merged report is, if one of its parts is it: the first of these.
_WORST: tuple[ReportStatus, ...] = (
    "timed_out", "out_of_memory", "broken", "failed", "passed", "no_tests",
)  # fmt: skip


def with_node_tests(
    report: TestReport,
    provider: Provider,
    environment: Environment,
    source: Path,
    *,
    beside: Mapping[str, Path] | None = None,
    limits: Limits | None = None,
) -> TestReport:
    """Add the results of `npm test`, if the tree in `source` has it, to the report of its other tests.

    The output goes to the end of the report's own log. Raises SandboxLost if the sandbox itself failed.
    """
    if not test_script(read_package(source) or {}):
        return report
    log, whole = Path(f"{report.log}.npm"), Path(report.log)
    found = run_tests(provider, environment, source, log=log, beside=beside, limits=limits, framework="node")
    with whole.open("ab") as file:
        file.write(b"\n# overhaul: npm test\n" + log.read_bytes())
    log.unlink()
    return merged([report, replace(found, log=report.log)])


def merged(reports: Sequence[TestReport]) -> TestReport:
    """One report of the tests of several frameworks in one tree: as bad as the worst of them."""
    reports = [report for report in reports if report.framework != "none"] or reports[:1]
    first, *rest = reports
    if not rest:
        return first
    codes = [report.exit_code for report in reports]
    statuses = {report.status for report in reports}
    return replace(
        first,
        framework=", ".join(report.framework for report in reports),
        status=next(status for status in _WORST if status in statuses),
        exit_code=None if None in codes else next((code for code in codes if code), 0),
        seconds=round(sum(report.seconds for report in reports), 3),
        results=tuple(result for report in reports for result in report.results),
        collection_errors=tuple(error for report in reports for error in report.collection_errors),
        flaky=tuple(id_ for report in reports for id_ in report.flaky),
        reason="; ".join(f"{report.framework}: {report.reason}" for report in reports if report.reason),
        ended=all(report.ended for report in reports),
    )
