"""A model's claims about a change: the form, the citations, duplicates and confidence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from overhaul.refactors.review import Finding
from overhaul.refactors.reviewing.changed_lines import ChangedLines
from overhaul.refactors.reviewing.claims import NOT_IN_DIFF, OTHER_CODE, check_claims, read_answer
from overhaul.refactors.reviewing.selection import DUPLICATE, TOO_MANY, UNSURE, select

LINES = ChangedLines(
    {"a.py": frozenset({3, 4})}, {"a.py": frozenset({9}), "gone.py": frozenset({1})}, {"a.py": "a.py"}
)
TEXT = ["one", "two", "    three", "four", "five"]


def claim(**changes: Any) -> dict[str, Any]:
    place = {"absolute_file_path": "a.py", "line_range": {"start": 3, "end": 3}, **changes.pop("place", {})}
    return {
        "title": "x",
        "body": "y",
        "confidence_score": 0.9,
        "priority": 1,
        "code_location": place,
        **changes,
    }


def answer(*claims: dict[str, Any], **changes: Any) -> str:
    document = {
        "findings": list(claims), "overall_correctness": "patch is incorrect", "overall_explanation": "",
        "overall_confidence_score": 0.5, **changes,
    }  # fmt: skip
    return json.dumps(document)


def checked(**changes: Any) -> Any:
    claims = read_answer(answer(claim(**changes))).findings
    return check_claims(claims, LINES, lambda path, _: TEXT if path == "a.py" else [])


@pytest.mark.parametrize(
    "text", ["{}", "no", answer(claim(priority=7)), answer(claim(body="")), answer(x=1)[:-3]]
)
def test_answer_without_the_form_says_what_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r"the answer (is not one JSON object|does not have the form): \w"):
        read_answer(text)


def test_answer_in_a_fence_and_with_more_fields_is_read() -> None:
    read = read_answer(f"Here it is:\n```json\n{answer(claim(severity='bad'))}\n```\n")
    assert [each.title for each in read.findings] == ["x"]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, (3, 3)),
        ({"place": {"absolute_file_path": "/srv/repo/a.py"}}, (3, 3)),
        ({"place": {"line_range": {"start": 1, "end": 80}}}, (3, 4)),
        ({"place": {"side": "base", "line_range": {"start": 9, "end": 9}}}, (9, 9)),
        ({"code_line": "three"}, (3, 3)),
        ({"code_line": "four"}, (4, 4)),
    ],
)
def test_real_citation_is_cut_down_to_changed_lines(changes: dict[str, Any], lines: tuple[int, int]) -> None:
    (finding,) = checked(**changes).findings
    assert (finding.first_line, finding.last_line, finding.source) == (*lines, "model")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"place": {"line_range": {"start": 5, "end": 5}}}, NOT_IN_DIFF),
        ({"place": {"line_range": {"start": 4_000, "end": 4_001}}}, NOT_IN_DIFF),
        ({"place": {"absolute_file_path": "b.py"}}, NOT_IN_DIFF),
        ({"place": {"absolute_file_path": "../a.py"}}, NOT_IN_DIFF),
        ({"place": {"side": "base"}}, NOT_IN_DIFF),
        ({"code_line": "five"}, OTHER_CODE),
        ({"code_line": "what the file never said"}, OTHER_CODE),
    ],
)
def test_citation_that_does_not_resolve_is_dropped_and_counted(changes: dict[str, Any], reason: str) -> None:
    result = checked(**changes)
    assert (result.findings, result.dropped) == ([], {reason: 1})


def finding(title: str, line: int = 3, **changes: Any) -> Finding:
    return Finding(
        title, "b", 1, "a.py", line, line, **{"source": "model", "confidence_score": 0.9, **changes}
    )


def test_duplicates_give_way_to_what_is_proved_and_surest() -> None:
    rule = finding(
        "`acme.fetch_user` is gone but still used", source="rule", proved_by="rule", confidence_score=1.0
    )
    same = finding("fetch_user is still used by the caller", 4)
    other = finding("The cache never expires", 4)
    surer = finding("Cache never expires again", 4, confidence_score=0.95)
    kept, left_out = select([same, other, surer, rule], 0.7)
    assert kept == [rule, surer]
    assert left_out == {DUPLICATE: 2}


def test_unsure_claims_are_left_out_unless_a_test_proves_them() -> None:
    proved = finding("A", proved_by="test", confidence_score=0.1)
    kept, left_out = select([finding("B", 9, confidence_score=0.6), proved], 0.7)
    assert (kept, left_out) == ([proved], {UNSURE: 1})


def test_most_urgent_findings_are_kept_within_the_limit() -> None:
    kept, left_out = select([finding(f"T{n}", n * 10) for n in range(5)], 0.7, 3)
    assert (len(kept), left_out) == (3, {TOO_MANY: 2})
