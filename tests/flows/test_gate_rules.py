"""Who decides, what answers come to, and when nobody is asked: without a server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from overhaul.flows.gate_rules import (
    AutoApproval,
    ChangeFacts,
    Decision,
    GateRule,
    Given,
    assess,
    may_decide,
    paths_in,
    settle,
)
from overhaul.flows.options import Gates

SMALL = ChangeFacts(2, 10, 0, "", 0, False, False, False, True)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("12h", 43_200), ("3 days", 259_200), ("2w", 1_209_600), ("90 min", 5_400), ("P1D", 86_400), (60, 60)],
)
def test_durations_are_read_as_people_write_them(words: Any, seconds: int) -> None:
    assert GateRule(timeout=words).timeout == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"on_timeout": "escalate", "timeout": "3d"}, "needs escalate_to"),
        ({"on_timeout": "reject"}, "needs a timeout"),
        ({"escalate_to": ["boss"]}, "escalate_to goes with"),
        ({"policy": "auto", "needed": 2}, "policy auto asks nobody"),
        ({"timeout": "soon"}, "timeout"),
        ({"aprovers": ["ada"]}, "Extra inputs"),
        ({"needed": 0}, "greater than or equal to 1"),
        ({"timeout": "0m"}, "more than nothing"),
        ({"timeout": "99999999999w"}, "at most ten years"),
        ({"remind_every": "300000w"}, "at most ten years"),
    ],
)
def test_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        GateRule.model_validate(rule)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("a.py, b.py c.py", ("a.py", "b.py", "c.py")),
        ("'my file.py' \"b, c.py\"", ("my file.py", "b, c.py")),
        ("it's.py b.py", ("it's.py", "b.py")),
        ("#1.py a\\b.py", ("#1.py", "a\\b.py")),
    ],
)
def test_paths_with_spaces_are_written_in_quotes(text: str, paths: tuple[str, ...]) -> None:
    assert paths_in(text) == paths


def test_groups_must_be_known() -> None:
    with pytest.raises(ValidationError, match="publish: there is no group:cor; groups: core"):
        Gates.model_validate({"publish": {"approvers": ["group:cor"]}, "groups": {"core": ["ada"]}})


def test_groups_hold_people_only() -> None:
    with pytest.raises(ValidationError, match="group:core stands in a group"):
        Gates.model_validate({"groups": {"core": ["ada"], "all": ["group:core"]}})


@pytest.mark.parametrize(
    "rule",
    [{"needed": 2, "approvers": ["ada", "@Ada"]}, {"needed": 3, "approvers": ["ada", "group:core"]}],
)
def test_more_approvals_than_people_are_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=f"needed is {rule['needed']}, but only"):
        Gates.model_validate({"publish": rule, "groups": {"core": ["joan"]}})


def test_plan_cannot_be_asked_on_a_draft() -> None:
    with pytest.raises(ValidationError, match="there is no pull request to ask on"):
        Gates.model_validate({"plan": {"policy": "draft"}})


def test_rule_survives_json() -> None:
    gates = Gates.model_validate(
        {"publish": {"timeout": "3d", "auto_approve": {"max_files": 5}}, "plan": "ask"}
    )
    assert Gates.model_validate_json(gates.model_dump_json()) == gates
    assert gates.rule("plan") == GateRule()


@pytest.mark.parametrize(
    ("name", "escalated", "may"),
    [
        ("ada", False, True),
        ("@Ada", False, True),
        ("joan", False, True),
        ("boss", False, False),
        ("boss", True, True),
    ],
)
def test_members_of_groups_decide_and_others_after_escalation(name: str, escalated: bool, may: bool) -> None:
    rule = GateRule(
        approvers=("ada", "group:core"), timeout=timedelta(1), on_timeout="escalate", escalate_to=("boss",)
    )
    assert may_decide(name, rule, {"core": ["joan"]}, escalated) is may


def test_anybody_decides_where_nobody_is_named() -> None:
    standing = settle([Given(Decision.approve)], ("hash", []), GateRule(), {})
    assert standing.verdict
    assert standing.verdict.hash == "hash"


def test_timeout_rejects_although_it_is_no_approver() -> None:
    given = Given(Decision.reject, "nobody decided", "policy: timeout", via="timeout")
    standing = settle([given], ("hash", []), GateRule(approvers=("ada",)), {})
    assert standing.verdict
    assert standing.verdict.decision is Decision.reject


def test_small_covered_change_is_within_the_limits() -> None:
    assert all(check.held for check in assess(SMALL, AutoApproval()))


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (ChangeFacts(21, 10, 0, "", 0, False, False, False, True), "21 files change (at most 20)"),
        (ChangeFacts(2, 201, 0, "", 0, False, False, False, True), "201 lines change (at most 200)"),
        (ChangeFacts(2, 10, 1, "", 0, False, False, False, True), "1 changed lines are executed by no test"),
        (ChangeFacts(2, 10, 0, "no tracer", 0, False, False, False, True), "no tracer"),
        (ChangeFacts(2, 10, 0, "", 0, True, False, False, True), "no public name goes"),
        (ChangeFacts(2, 10, 0, "", 0, False, True, False, True), "no test file changes"),
        (ChangeFacts(2, 10, 0, "", 0, False, False, True, True), "no CI file changes"),
        (
            ChangeFacts(2, 10, 0, "", 0, False, False, False, False),
            "tests at base and head show no new failure",
        ),
        (ChangeFacts(2, 10, 0, "", 3, False, False, False, True), "3 sites are left unresolved"),
    ],
)
def test_each_limit_that_is_not_kept_is_named(facts: ChangeFacts, text: str) -> None:
    broken = [check.text for check in assess(facts, AutoApproval(unresolved=False)) if not check.held]
    assert len(broken) == 1
    assert broken[0].startswith(text)
