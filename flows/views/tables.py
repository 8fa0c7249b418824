"""What was found out about a change, as tables: tests at base and at head, sites, findings, lines that no test ran."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from overhaul.flows.plain_text import visible
from overhaul.flows.views.templates import html_templates
from overhaul.refactors.recipe import Site
from overhaul.refactors.review import Review
from overhaul.sandbox.comparison import Comparison
from overhaul.sandbox.coverage import Coverage
from overhaul.sandbox.report import TestReport

ROWS_AT_MOST = 500
EXCERPT_CHARACTERS = 4_000
_OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
_PRIORITIES = {
    0: ("blocks", "bad"),
    1: ("urgent", "bad"),
    2: ("normal", "warn"),
    3: ("for information", "muted"),
}


def tests_html(
    baseline: TestReport,
    head: TestReport | None,
    comparison: Comparison | None,
    logs: Sequence[str] = (),  # noqa: PT028  (not a test)
) -> str:
    """Base against head: tests whose result changes first, then how many have each outcome.

    `logs` say where each run can be read (`log:line`), that of the base first.
    """
    reports = [report for report in (baseline, head) if report is not None]
    outcomes = [each for each in _OUTCOMES if any(report.counts.get(each) for report in reports)]
    return _view(
        "tests",
        baseline=baseline,
        head=head,
        rows=[(each, [report.counts.get(each, 0) for report in reports]) for each in outcomes],
        reports=reports,
        changed=_changed_tests(baseline, comparison) if comparison else [],
        comparison=comparison,
        logs=list(logs),
        excerpt=lambda text: text[:EXCERPT_CHARACTERS],
    )


def sites_html(sites: Sequence[Site]) -> str:
    """Unresolved sites with their reasons, how the others were proved, and these one by one."""
    proofs: dict[str, int] = {}
    for site in sites:
        if site.status == "resolved":
            proofs[site.reason] = proofs.get(site.reason, 0) + 1
    return _view(
        "sites",
        unresolved=[site for site in sites if site.status == "unresolved"],
        resolved=[site for site in sites if site.status == "resolved"],
        proofs=sorted(proofs.items(), key=lambda row: (-row[1], row[0])),
    )


def findings_html(review: Review) -> str:
    """What a reviewer should know, most urgent first."""
    return _view("findings", review=review, priorities=_PRIORITIES)


def lines_html(coverage: Coverage | None) -> str:
    """Changed lines that no test executed."""
    return _view("lines", coverage=coverage)


def _changed_tests(baseline: TestReport, comparison: Comparison) -> list[dict[str, str]]:
    """Tests that do not come out as at base; one of another name at base is "not there"."""
    before = {result.id: result.outcome for result in baseline.results}
    kinds = {"fails": "fails", "disappeared": "is gone", "skipped": "is not run", "run_broken": "broke"}
    rows = [
        {
            "id": failure.id,
            "before": before.get(failure.id, "not there"),
            "after": kinds[failure.kind],
            "css": "bad",
            "excerpt": failure.excerpt,
        }
        for failure in comparison.new_failures
    ]
    for ids, after, css in (
        (comparison.fixed, "passes", "good"),
        (comparison.flaky, "passes when run again", "warn"),
        (comparison.still_failing, "fails as before", "muted"),
    ):
        rows += [
            {"id": id_, "before": before.get(id_, "not there"), "after": after, "css": css, "excerpt": ""}
            for id_ in ids
        ]
    return rows


def _view(name: str, **facts: Any) -> str:
    macro = getattr(_templates().get_template("tables.html.j2").module, name)
    return visible(str(macro(**facts, most=ROWS_AT_MOST)))


_templates = cache(html_templates)
