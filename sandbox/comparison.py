"""Base against head: which failures are new."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from overhaul.sandbox.report import TestReport, TestResult

Kind = Literal["fails", "disappeared", "skipped", "run_broken"]
# An unexpected pass of a test that is marked as failing is no promise to keep.
PROVING = frozenset({"passed"})


@dataclass(frozen=True, slots=True)
class NewFailure:
    """`fails`: passed or absent at base. `disappeared`, `skipped`: passed at base, and is not run at head, or is marked
    as failing there. `run_broken`: the run as a whole, or a file that could not be collected.
    """

    id: str
    kind: Kind
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`fixed` failed at base and pass at head; `counts` are both reports' numbers of tests by outcome."""

    new_failures: tuple[NewFailure, ...] = ()
    fixed: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    base_counts: Mapping[str, int] | None = None
    head_counts: Mapping[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            new_failures=tuple(NewFailure(**failure) for failure in data["new_failures"]),
            fixed=tuple(data["fixed"]),
            still_failing=tuple(data["still_failing"]),
            flaky=tuple(data["flaky"]),
            base_counts=data["base_counts"],
            head_counts=data["head_counts"],
        )


def compare(base: TestReport, head: TestReport, renamed: Mapping[str, str] | None = None) -> Comparison:
    """Compare two runs. `renamed` maps old names (and paths) to new ones, as they may stand in test ids.

    A base run that is broken proves nothing about its tests; only failures at head count then.
    """
    known = {result.id: result for result in head.results}
    flaky = {*base.flaky, *head.flaky}
    partner = _partners(base, known, renamed or {})
    found = {id_ for id_ in partner.values() if id_ is not None}
    failures = _broken_run(base, head)
    fixed, still = [], []
    for result in base.results:
        after = known.get(partner[result.id] or "")
        if after is None:
            if result.outcome in PROVING and _should_have_run(result.id, head):
                failures.append(NewFailure(result.id, "disappeared"))
        elif after.failing and result.failing:
            still.append(after.id)
        elif after.failing:
            failures.append(_fails(after))
        elif result.outcome in PROVING and after.outcome not in PROVING:
            failures.append(NewFailure(after.id, "skipped", after.outcome))
        elif result.failing and after.outcome in PROVING:
            fixed.append(after.id)
    failures += [_fails(result) for result in head.results if result.failing and result.id not in found]
    return Comparison(
        new_failures=tuple(failure for failure in failures if failure.id not in flaky),
        fixed=tuple(fixed),
        still_failing=tuple(still),
        flaky=tuple(sorted(flaky)),
        base_counts=base.counts,
        head_counts=head.counts,
    )


def _should_have_run(id_: str, head: TestReport) -> bool:
    """Whether the head run would have told of this test; a file that could not be collected is told of as a whole."""
    return head.ended and not any(id_.startswith(error.id) for error in head.collection_errors)


def _fails(result: TestResult) -> NewFailure:
    return NewFailure(result.id, "fails", result.excerpt)


def _broken_run(base: TestReport, head: TestReport) -> list[NewFailure]:
    """What is wrong with the head run as a whole, as far as it was not so at base already."""
    before = {error.id for error in base.collection_errors}
    errors = [error for error in head.collection_errors if error.id not in before]
    failures = [NewFailure(error.id, "run_broken", error.excerpt) for error in errors]
    same = head.status == base.status and head.reason == base.reason
    if not head.complete and not failures and not same:
        failures.append(NewFailure("the test run", "run_broken", head.reason or head.status))
    if head.status == "no_tests" and base.results:
        failures.append(NewFailure("the test run", "run_broken", "no test was found any more"))
    return failures


def _partners(
    base: TestReport, known: Mapping[str, TestResult], renamed: Mapping[str, str]
) -> dict[str, str | None]:
    """Which test at head is which at base.

    Parameters in brackets may differ from run to run (a date, an address of an object): what is left of one test's
    variants is matched in order.
    """
    partner = {result.id: _id_at_head(result.id, known, renamed) for result in base.results}
    found = set(partner.values())
    left: dict[str, list[str]] = {}
    for id_ in known:
        if id_ not in found and "[" in id_:
            left.setdefault(id_.partition("[")[0], []).append(id_)
    for id_, at_head in partner.items():
        function = _replaced(id_.partition("[")[0], renamed)[0]
        if at_head is None and "[" in id_ and left.get(function):
            partner[id_] = left[function].pop(0)
    return partner


def _id_at_head(id_: str, known: Mapping[str, TestResult], renamed: Mapping[str, str]) -> str | None:
    """The test's id at head: its own, or the one in which old names are replaced by new ones."""
    if id_ in known:
        return id_
    return next((candidate for candidate in _replaced(id_, renamed) if candidate in known), None)


def _replaced(id_: str, renamed: Mapping[str, str]) -> tuple[str, str]:
    """The id with old names replaced: where they stand as words, and anywhere."""
    if not renamed:
        return id_, id_
    names = sorted(renamed, key=len, reverse=True)
    pattern = "|".join(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])" for name in names)
    whole_words = re.sub(pattern, lambda match: renamed[match[0]], id_)
    return whole_words, re.sub("|".join(map(re.escape, names)), lambda match: renamed[match[0]], id_)
