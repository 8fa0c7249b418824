"""What the tests of a run came to, as a check at the forge: one line, and details where the forge shows them."""

from __future__ import annotations

import os

from overhaul.flows.evidence import as_code, describe_tests, fenced
from overhaul.flows.forges.base import OUR_CHECK, Check
from overhaul.flows.run_context import Evidence, count_tests
from overhaul.sandbox.redact import Redactor

SHOWN_FAILURES = 10
LONGEST_EXCERPT = 2_000
LONGEST_TEXT = 40_000


def check_of(evidence: Evidence) -> Check | None:
    """The tests at head against those at base; None where there are none that would say something."""
    head, compared = evidence.head, evidence.comparison
    if head is None or compared is None or not evidence.has_tests:
        return None
    counts, new = count_tests(compared), compared.new_failures
    holds = evidence.proves and head.complete and not new
    said = (
        f"{counts.head or 0:,} tests passed ({counts.base or 0:,} at base),"
        f" {len(new):,} new {'failure' if len(new) == 1 else 'failures'}"
    )
    if not (evidence.proves and head.complete):
        said += "; the tests did not run to their end"
    excerpts = {result.id: result.excerpt for result in head.results}
    lines = [
        f"Tests at base: {describe_tests(evidence.baseline)}",
        "",
        f"Tests at head: {describe_tests(head)}",
    ]
    for each in new[:SHOWN_FAILURES]:
        lines += ["", f"New failure: {as_code(each.id)}"]
        if excerpt := excerpts.get(each.id, ""):
            lines += ["", fenced(excerpt[-LONGEST_EXCERPT:])]
    if len(new) > SHOWN_FAILURES:
        lines += ["", f"and {len(new) - SHOWN_FAILURES} more"]
    text = Redactor(os.environ).text("\n".join(lines))
    return Check(OUR_CHECK, "passed" if holds else "failed", said, text=text[:LONGEST_TEXT])
