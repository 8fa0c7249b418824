"""Which failures are new, by small reports."""

from __future__ import annotations

import json

import pytest

from overhaul.sandbox.report import CollectionError, TestReport, TestResult
from overhaul.sandbox.testing import Comparison, compare


def report(
    status: str = "failed", errors: tuple[str, ...] = (), flaky: tuple[str, ...] = (), **outcomes: str
):
    results = tuple(TestResult(id_.replace("__", "::"), outcome, 0.1) for id_, outcome in outcomes.items())
    collected = tuple(CollectionError(id_, "why") for id_ in errors)
    ended = status in ("passed", "failed", "broken", "no_tests")
    return TestReport(
        "pytest", status, "process", results=results, collection_errors=collected, flaky=flaky, ended=ended
    )


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (report(a="passed"), report(a="passed"), []),
        (report(a="passed"), report(a="failed"), [("a", "fails")]),
        (report(a="passed"), report(a="error"), [("a", "fails")]),
        (report(a="skipped"), report(a="failed"), [("a", "fails")]),
        (report(a="failed"), report(a="failed"), []),
        (report(a="failed"), report(a="error"), []),
        (report(a="failed"), report(), []),
        (report(a="passed"), report(a="skipped"), [("a", "skipped")]),
        (report(a="passed"), report(a="xfailed"), [("a", "skipped")]),
        (report(a="xpassed"), report(a="xfailed"), []),
        (report("broken", ("t.py",), a="passed"), report("broken", ("t.py",)), [("a", "disappeared")]),
        (report("broken", ("t.py",), a="passed"), report("broken", ("t.py",), a="failed"), [("a", "fails")]),
        (report(t_py__a="passed"), report("broken", ("t_py",)), [("t_py", "run_broken")]),
        (report(), report(a="failed"), [("a", "fails")]),
        (report(), report(a="passed"), []),
        (report(a="passed", b="passed"), report(a="passed"), [("b", "disappeared")]),
        (report(a="skipped", b="passed"), report(b="passed"), []),
        (report(a="passed"), report(a="failed", flaky=("a",)), []),
        (report(a="failed", flaky=("a",)), report(a="failed"), []),
        (report(a="passed"), report("broken", ("t.py",)), [("a", "disappeared"), ("t.py", "run_broken")]),
        (report("broken", ("t.py",)), report("broken", ("t.py",)), []),
        (report("broken", ("t.py",)), report("broken", ("t.py", "u.py")), [("u.py", "run_broken")]),
        (report(a="passed"), report("timed_out", a="passed"), [("the test run", "run_broken")]),
        (report("timed_out"), report("timed_out"), []),
        (report(a="passed"), report("no_tests"), [("a", "disappeared"), ("the test run", "run_broken")]),
        (report("no_tests"), report("no_tests"), []),
    ],
)
def test_new_failures(base: TestReport, head: TestReport, expected: list[tuple[str, str]]):
    assert sorted((failure.id, failure.kind) for failure in compare(base, head).new_failures) == expected


@pytest.mark.parametrize(
    ("old", "new", "renamed"),
    [
        ("t.py__test_old", "t.py__test_new", {"old": "new"}),
        ("t.py__test_it[old-1]", "t.py__test_it[new-1]", {"old": "new"}),
        ("tests/test_old.py__test", "tests/test_new.py__test", {"tests/test_old.py": "tests/test_new.py"}),
        ("t.py__test[fetch_user-user]", "t.py__test[get_user-user]", {"fetch_user": "get_user"}),
        ("t.py__TestFetchUser", "t.py__TestGetUser", {"FetchUser": "GetUser"}),
    ],
)
def test_test_that_comes_back_under_a_renamed_id_has_not_disappeared(old, new, renamed):
    assert compare(report(**{old: "passed"}), report(**{new: "passed"}), renamed).new_failures == ()
    failures = compare(report(**{old: "passed"}), report(**{new: "failed"}), renamed).new_failures
    assert [failure.kind for failure in failures] == ["fails"]
    assert compare(report(**{old: "failed"}), report(**{new: "failed"}), renamed).new_failures == ()
    assert compare(report(**{old: "passed"}), report(), renamed).new_failures[0].kind == "disappeared"


def test_parameters_that_differ_from_run_to_run_are_the_same_tests():
    monday = report(
        **{"t.py__test_date[monday]": "passed", "t.py__test_date[at 0x1]": "passed", "t.py__b[1]": "passed"}
    )
    tuesday = report(
        **{"t.py__test_date[tuesday]": "passed", "t.py__test_date[at 0x2]": "failed", "t.py__b[1]": "passed"}
    )
    assert [(each.id, each.kind) for each in compare(monday, tuesday).new_failures] == [
        ("t.py::test_date[at 0x2]", "fails")
    ]
    fewer = report(**{"t.py__test_date[tuesday]": "passed", "t.py__b[1]": "passed"})
    assert [each.kind for each in compare(monday, fewer).new_failures] == ["disappeared"]


def test_fixed_still_failing_flaky_and_counts_are_told():
    base = report(a="failed", b="failed", c="passed", d="passed")
    head = report(a="passed", b="failed", c="passed", d="passed", flaky=("c",))
    comparison = compare(base, head)
    assert comparison.fixed == ("a",)
    assert comparison.still_failing == ("b",)
    assert comparison.flaky == ("c",)
    assert comparison.base_counts == {"passed": 2, "failed": 2}
    assert comparison.head_counts == {"passed": 3, "failed": 1}
    assert Comparison.from_json(json.loads(json.dumps(comparison.to_json()))) == comparison


def test_report_of_many_tests_is_compact_and_keeps_its_order():
    results = tuple(
        TestResult(f"tests/test_{n // 100}.py::test_number[{n}]", "passed", n / 1000) for n in range(2500)
    )
    full = TestReport("pytest", "passed", "docker", 0, 1.5, results)
    text = json.dumps(full.to_json())
    assert TestReport.from_json(json.loads(text)) == full
    assert len(text) < 2500 * 50
