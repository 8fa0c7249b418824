"""A review as a person reads it in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import click

from overhaul.flows.plain_text import on_one_line, visible
from overhaul.flows.review_change import ReviewReport, Shown

WIDTH, LONGEST_LINE, INDENT = 96, 160, "     "
_COLOURS = {0: "red", 1: "red", 2: "yellow", 3: "cyan"}


def review_lines(report: ReviewReport) -> Iterator[str]:
    """Yield the findings, most urgent first, each with its place, lines, reason and proof."""
    for number, shown in enumerate(report.shown):
        if number:
            yield ""
        yield from _finding(shown)


def summary(report: ReviewReport) -> str:
    """`2 findings (1 P0, 1 P2) in 3 files of feature against main`."""
    counts = [sum(each.priority == level for each in report.findings) for level in range(4)]
    by_level = ", ".join(f"{count} P{level}" for level, count in enumerate(counts) if count)
    total = len(report.shown)
    words = f"{total} {'finding' if total == 1 else 'findings'}" + (f" ({by_level})" if by_level else "")
    files = f"{report.files} {'file' if report.files == 1 else 'files'}"
    return f"{words} in {files} of {on_one_line(report.target.title)}"


def left_out_text(report: ReviewReport) -> str:
    """What is not shown, and why; "" if there is nothing."""
    return ", ".join(f"{count} {reason}" for reason, count in sorted(report.left_out.items()))


def _finding(shown: Shown) -> Iterator[str]:
    finding = shown.finding
    place = f"{on_one_line(finding.path)}:{finding.first_line}"
    gone = " (taken away)" if finding.side == "base" else ""
    level = click.style(f"P{finding.priority}", fg=_COLOURS[finding.priority], bold=True)
    yield f"{level}   {click.style(place, bold=True)}{gone}  {on_one_line(finding.title)}"
    sign, colour = ("-", "red") if finding.side == "base" else ("+", "green")
    for number, text in shown.lines:
        cut = visible(text.replace("\t", "    "))[:LONGEST_LINE]
        yield f"{INDENT}{click.style(f'{number:>5} {sign} ', dim=True)}{click.style(cut, fg=colour)}"
    if (more := finding.last_line - finding.first_line + 1 - len(shown.lines)) > 0:
        yield f"{INDENT}{' ':>8}and {more} more lines"
    for paragraph in visible(finding.body).split("\n"):
        yield from _wrapped(paragraph)
    told = (
        "by rule" if finding.source == "rule" else f"by the model, confidence {finding.confidence_score:.2f}"
    )
    proved = {"rule": "proved", "test": "proved by a test"}.get(finding.proved_by, "")
    detail = ": ".join(each for each in (proved, on_one_line(finding.proof)) if each)
    for line in _wrapped(f"{told}; {detail}" if detail else told):
        yield click.style(line, dim=True)


def _wrapped(text: str) -> Sequence[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT) if text.strip() else []
