"""Which findings are shown: one for each problem, none below the confidence that is asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from overhaul.refactors.review import Finding

DUPLICATE, UNSURE, TOO_MANY = "says what another one says", "is not sure enough", "is more than the limit"
MOST_FINDINGS = 50
_NEAR_LINES = 2
_ALIKE = 0.5
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
_FILLING = frozenset(
    "the and but for with that this when not are its from after before can may will does no".split()  # noqa: SIM905
)


def select(
    findings: Sequence[Finding], confidence: float, most: int = MOST_FINDINGS
) -> tuple[list[Finding], Counter[str]]:
    """Return the findings to show, most urgent first, and how many are left out for which reason."""
    left_out: Counter[str] = Counter()
    sure = [each for each in findings if each.proved_by or each.confidence_score >= confidence]
    left_out[UNSURE] = len(findings) - len(sure)
    kept: list[Finding] = []
    for finding in sorted(sure, key=_strength):
        if any(is_duplicate(finding, each) for each in kept):
            left_out[DUPLICATE] += 1
        else:
            kept.append(finding)
    kept.sort(
        key=lambda each: (each.priority, -each.confidence_score, each.path, each.first_line, each.title)
    )
    left_out[TOO_MANY] = len(kept[most:])
    return kept[:most], +left_out


def is_duplicate(one: Finding, other: Finding) -> bool:
    """Whether two findings are about the same thing: lines that meet or nearly do, and titles that share words.

    Two findings of rules never are: each rule says its own.
    """
    if one.source == other.source == "rule" or one.path != other.path:
        return False
    if one.side == other.side:
        apart = max(one.first_line, other.first_line) - min(one.last_line, other.last_line)
        if apart > _NEAR_LINES:
            return False
    mine, others = _words(one.title), _words(other.title)
    shared = len(mine & others) / max(min(len(mine), len(others)), 1)
    return shared >= _ALIKE or one.title == other.title


def _strength(finding: Finding) -> tuple[bool, bool, int, float]:
    """What is kept of two that say the same: what is proved, of a rule, more urgent, surer."""
    return not finding.proved_by, finding.source != "rule", finding.priority, -finding.confidence_score


def _words(title: str) -> set[str]:
    """The words of a title, and of the names in it their parts: `acme.api.fetch_user` shares `fetch_user`."""
    return {word.lower() for word in _WORD.findall(title)} - _FILLING
