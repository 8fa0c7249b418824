"""Tables of tests, sites, findings and lines."""

from __future__ import annotations

from overhaul.flows.views import tables
from overhaul.refactors.recipe import Site
from overhaul.refactors.review import Finding, Review
from overhaul.sandbox.comparison import compare
from overhaul.sandbox.coverage import Coverage, FileCoverage
from overhaul.sandbox.report import CollectionError, TestReport, TestResult


def report(**outcomes: str) -> TestReport:
    results = tuple(
        TestResult(f"tests/test_a.py::{name}", outcome, 0.1, "E assert <b>" if outcome == "failed" else "")  # type: ignore[arg-type]
        for name, outcome in outcomes.items()
    )
    status = "failed" if "failed" in outcomes.values() else "passed"
    return TestReport("pytest", status, "process", results=results)  # type: ignore[arg-type]


def test_new_failure_comes_before_the_counts_with_what_it_said() -> None:
    base, head = (
        report(one="passed", two="passed", old="failed"),
        report(one="passed", two="failed", old="passed"),
    )
    html = tables.tests_html(base, head, compare(base, head), ["base.log:9", "head.log:12"])
    assert "No new failures" not in html
    assert html.index("test_a.py::two") < html.index("test_a.py::old") < html.index("Results")
    assert "E assert &lt;b&gt;" in html
    assert "test_a.py::one" not in html, "what stays as it was is only counted"
    assert "base.log:9" in html
    assert '<th scope="row">passed</th><td class="count">2</td><td class="count">2</td>' in html


def test_equal_results_are_said_to_be_equal() -> None:
    base = report(one="passed")
    html = tables.tests_html(base, base, compare(base, base))
    assert "everything that passed at base passes at head" in html
    assert "worth a look" not in html


def test_base_alone_has_one_column() -> None:
    html = tables.tests_html(report(one="passed"), None, None)
    assert "at base" in html
    assert "at head" not in html


def test_no_test_and_a_broken_run_are_said() -> None:
    assert "No test has run." in tables.tests_html(TestReport("", "no_tests", "process"), None, None)
    broken = TestReport(
        "pytest",
        "broken",
        "process",
        reason="<i>killed</i>",
        collection_errors=(CollectionError("a.py", ""),),
    )
    html = tables.tests_html(report(one="passed"), broken, None)
    assert "At head 1 files could not be collected the run broke: &lt;i&gt;killed&lt;/i&gt;." in html


def test_unresolved_sites_come_first_and_proofs_are_counted() -> None:
    sites = [
        Site("a.py", 1, 2, "acme.x", "resolved", "import"),
        Site("b.py", 3, 4, "acme.x", "resolved", "import"),
        Site("<i>\u202e.py", 5, 6, "acme.x", "unresolved", "a name in <string>"),
    ]
    html = tables.sites_html(sites)
    assert html.index("&lt;i&gt;\\u202e.py:5:6") < html.index("Proved: 2") < html.index("a.py:1:2")
    assert '<th scope="row">import</th><td class="count">2</td>' in html


def test_what_is_beyond_the_rows_of_a_table_is_counted() -> None:
    html = tables.sites_html([Site("a.py", line, 1, "x", "unresolved", "why") for line in range(1, 1_503)])
    assert "and 1,002 more" in html
    assert "a.py:501:1" not in html


def test_findings_say_how_urgent_they_are_and_where() -> None:
    review = Review(
        (Finding("Public name is gone", "`x` <b>breaks</b>", 1, "a.py", 3), Finding("Note", "all", 3)),
        "high",
        (),
    )
    html = tables.findings_html(review)
    assert "<code>a.py:3</code>" in html
    assert '<td class="bad">urgent</td>' in html
    assert "<code>.:1</code>" not in html
    assert "&lt;b&gt;breaks" in html
    assert "No rule found anything." in tables.findings_html(Review((), "low", ()))


def test_lines_that_no_test_executed_are_named() -> None:
    coverage = Coverage((FileCoverage("a.py", {1: ()}, (2, 3)),), "b.js is not Python")
    html = tables.lines_html(coverage)
    assert "1 of 3" in html
    assert "a.py:2" in html
    assert "b.js is not Python" in html
    assert "not measured" in tables.lines_html(None)
