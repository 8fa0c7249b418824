"""`npm test` in a sandbox: how it is started, and what its runners say.

jest, vitest, mocha and `node --test` get a reporter of ours and tell of each test; of any other script the exit code is
the one result. The reporters are in `inside/reporters`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from overhaul.sandbox.layout import table
from overhaul.sandbox.node_project import read_package, test_script
from overhaul.sandbox.provider import Outcome
from overhaul.sandbox.report import ReportStatus, TestReport, TestResult

COMMAND = ("npm", "test")
SCRIPT_ID = "npm test"
_NODE_ITSELF = re.compile(r"\b(?:node|tsx)\b")
# What a merged report is, if one of its parts is it: the first of these.
_WORST: tuple[ReportStatus, ...] = ("timed_out", "out_of_memory", "broken", "failed", "passed", "no_tests")


def has_node_tests(folder: Path) -> bool:
    """Whether there is a package.json with a `test` script that does something."""
    return bool(test_script(read_package(folder) or {}))


def node_variables(folder: Path, tools: str) -> Mapping[str, str]:
    """The environment in which `npm test` finds our reporters; `tools` is the folder of our scripts, as it sees it."""
    options = f"--require={tools}/reporters/overhaul_node_hook.cjs"
    scripts = " ; ".join(str(each) for each in table(read_package(folder) or {}, "scripts").values())
    if _NODE_ITSELF.search(scripts):
        ours = f"{tools}/reporters/overhaul_node_test_reporter.mjs"
        named, placed = scripts.count("--test-reporter"), scripts.count("--test-reporter-destination")
        # Node wants as many destinations as reporters, and takes ours before those of the script.
        reporters = [ours] if named else [ours, "spec"]
        destinations = len(reporters) + max(0, named - 2 * placed)
        options += "".join(f" --test-reporter={each}" for each in reporters)
        options += " --test-reporter-destination=stdout" * destinations
    return {"NODE_OPTIONS": options, "CI": "true", "NO_COLOR": "1", "npm_config_update_notifier": "false"}


def by_exit_code(outcome: Outcome) -> TestResult:
    """The one result of a script whose runner we do not know."""
    passed = outcome.exit_code == 0
    text = "" if passed else outcome.output[-1500:].decode(errors="replace")
    return TestResult(SCRIPT_ID, "passed" if passed else "failed", round(outcome.seconds, 3), text)


def merged(reports: Sequence[TestReport]) -> TestReport:
    """One report of several frameworks' of the same tree: as bad as the worst of them."""
    first, *rest = reports
    if not rest:
        return first
    codes = [report.exit_code for report in reports]
    return replace(
        first,
        framework=", ".join(report.framework for report in reports),
        status=next(status for status in _WORST if status in [report.status for report in reports]),
        exit_code=None if None in codes else next((code for code in codes if code), 0),
        seconds=round(sum(report.seconds for report in reports), 3),
        results=tuple(result for report in reports for result in report.results),
        collection_errors=tuple(error for report in reports for error in report.collection_errors),
        flaky=tuple(id_ for report in reports for id_ in report.flaky),
        reason="; ".join(f"{report.framework}: {report.reason}" for report in reports if report.reason),
        ended=all(report.ended for report in reports),
    )
