"""Pictures and groups made of times and messages, without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from overhaul.flows.attempts import Attempt, Wait
from overhaul.flows.campaign_record import RepositoryRow, failure_groups, to_csv
from overhaul.flows.views.burndown import burndown_html
from overhaul.flows.views.durations import span
from overhaul.flows.views.logs import log_html
from overhaul.flows.views.markdown import markdown_html
from overhaul.flows.views.timeline import timeline_html

BEGUN = datetime(2026, 11, 30, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def row(name: str, **values: object) -> RepositoryRow:
    known = RepositoryRow(
        f"/src/{name}",
        "",
        "",
        name,
        "",
        "failed",
        0,
        0,
        None,
        None,
        0,
        0,
        None,
        None,
        1.0,
        0,
        "",
        "",
        BEGUN,
        after(9),
        "",
    )
    return replace(known, **values)


def test_timeline_shows_each_attempt_and_cuts_a_long_wait_short() -> None:
    attempts = [
        Attempt("tests at base", 1, "failed", after(0), after(2)),
        Attempt("tests at base", 2, "completed", after(3), after(6)),
        Attempt("tests at base", 1, "cached", after(900_000), after(900_000)),
        Attempt("<publish>", 1, "completed", after(900_000), after(900_001)),
    ]
    html = timeline_html(attempts, [Wait("publish", after(6), after(900_000))], after(900_001))
    assert "5.0 s in 2 attempts" in html
    assert "nothing was done for 10 d 9 h" in html
    assert "attempt 1: cached" in html
    assert "&lt;publish&gt;" in html
    assert "No step has begun" in timeline_html([], [], BEGUN)


def test_burndown_counts_down_to_what_is_left() -> None:
    html = burndown_html(3, [(after(20), "b"), (after(10), "<a>")], BEGUN, after(60))
    assert "1 of 3 left" in html
    assert html.index("&lt;a&gt;") < html.index(">b<")


def test_failures_that_differ_in_names_only_are_one_group() -> None:
    rows = [
        row("one", message="one refused the push of branch 'overhaul/x-1234567': no 3"),
        row("two", message="two refused the push of branch 'overhaul/x-89abcde': no 4"),
        row("three", message="the disk is full"),
        row("four", status="published"),
    ]
    assert [names for _, names in failure_groups(rows)] == [["one", "two"], ["three"]]


def test_csv_has_no_formulas_and_no_control_characters() -> None:
    written = to_csv([row("x", message="=cmd()\n\x1b[2J")])
    assert "'=cmd()\\n\\x1b[2J" in written


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "40 ms"), (3.2, "3.2 s"), (245, "4 min 05 s"), (7800, "2 h 10 min"), (273_600, "3 d 4 h")],
)
def test_spans_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_log_lines_are_found_in_any_case_and_escaped() -> None:
    shown = log_html({"tests": ["<b>One</b>", "two"]}, "one")
    assert "<b>tests:1</b> &lt;b&gt;<mark>One</mark>&lt;/b&gt;" in shown.html
    assert "No line contains 'three'" in log_html({"tests": ["one"]}, "three").text


def test_markdown_makes_no_markup_pictures_or_scripts() -> None:
    html = markdown_html("<img src=x> ![a](http://b/c.png) [x](javascript:alert) **bold**")
    assert "<strong>bold</strong>" in html
    assert "<img" not in html
    assert 'href="javascript' not in html
