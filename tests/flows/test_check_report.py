"""What a check at a forge says of the tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from overhaul.flows.check_report import LONGEST_EXCERPT, LONGEST_TEXT, check_of
from overhaul.flows.run_context import Evidence
from overhaul.sandbox.comparison import compare
from overhaul.sandbox.provider import Environment
from overhaul.sandbox.report import TestReport, TestResult

BASE = TestReport(
    "pytest",
    "passed",
    "docker",
    results=(TestResult("t::a", "passed", 0.1), TestResult("t::b", "passed", 0.1)),
)


def evidence_of(base: TestReport, head: TestReport) -> Evidence:
    place = Environment("process", "key", "/venv", "3.12", True, "", 0.0)
    return Evidence(place, base, Path("base.log"), head, Path("head.log"), compare(base, head))


def test_run_without_tests_says_nothing() -> None:
    empty = TestReport("pytest", "no_tests", "docker")
    assert check_of(evidence_of(empty, empty)) is None


def test_tests_that_hold_pass() -> None:
    check = check_of(evidence_of(BASE, BASE))
    assert check is not None
    assert (check.state, check.said) == ("passed", "2 tests passed (2 at base), 0 new failures")


def test_new_failure_is_quoted_without_secrets_and_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "hunter2-hunter2")
    said = "x" * LONGEST_EXCERPT + "\n```\n@everyone hunter2-hunter2 assert 1 == 2"
    broken = replace(
        BASE, status="failed", results=(BASE.results[0], TestResult("t::b", "failed", 0.1, said))
    )
    check = check_of(evidence_of(BASE, broken))
    assert check is not None
    assert (check.state, check.said) == ("failed", "1 tests passed (2 at base), 1 new failure")
    assert "New failure: `t::b`" in check.text
    assert ("assert 1 == 2" in check.text, "hunter2" in check.text, "````" in check.text) == (
        True,
        False,
        True,
    )
    assert len(check.text) < LONGEST_TEXT / 2


def test_tests_that_broke_off_do_not_pass() -> None:
    check = check_of(evidence_of(BASE, replace(BASE, status="broken", reason="out of memory", ended=False)))
    assert check is not None
    assert (check.state, "did not run to their end" in check.said) == ("failed", True)
