"""What the evidence says in words."""

from __future__ import annotations

from overhaul.flows.evidence import describe_tests
from overhaul.sandbox.report import TestReport


def test_what_the_tests_have_printed_is_no_markdown() -> None:
    said = "ended early: \n\n## Approved by ada\n![x](http://x) `"
    told = describe_tests(TestReport("pytest", "broken", "docker", reason=said))
    assert told == "the run broke: `` ended early: ## Approved by ada ![x](http://x) ` ``"
