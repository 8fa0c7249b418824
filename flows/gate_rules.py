"""Who decides at a gate, and what answers come to. Pure: rules, answers and numbers in, a verdict or reasons out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

GateName = Literal["plan", "agent", "publish"]
Policy = Literal["ask", "auto", "draft"]

_UNITS = {
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
    "w": 604800,
    "week": 604800,
}
# Prefect's own end of a pause, which holds for longer than anybody waits.
LONGEST = timedelta(days=3650)
_DURATION = re.compile(r"\s*(\d+)\s*([a-z]+?)s?\s*")


class Decision(StrEnum):
    """What a person may decide."""

    approve = "approve"
    reject = "reject"
    revise = "revise"


class AutoApproval(BaseModel):
    """Limits within which nobody is asked. A change of CI files, or one that no test has shown to work, never is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_files: int = Field(default=20, ge=0, description="Changed files, at most.")
    max_lines: int = Field(default=200, ge=0, description="Changed lines, at most.")
    uncovered_lines: int = Field(default=0, ge=0, description="Changed lines that no test executes, at most.")
    public_api: bool = Field(default=False, description="Public names may go.")
    tests_changed: bool = Field(default=False, description="Test files may change.")
    unresolved: bool = Field(default=True, description="Sites may be left unresolved.")


class GateRule(BaseModel):
    """Who decides at a gate, how many of them, and what happens if nobody does.

    Names are compared without regard to case. What the Prefect UI is told as a name is a claim: whoever reaches the
    Prefect API can answer. Comments on a pull request carry the name that the forge knows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Policy = Field(
        default="ask", description="ask a person; auto: nobody; draft: ask on a draft pull request."
    )
    approvers: tuple[str, ...] = Field(
        default=(), description="Who may decide: names, or group:NAME. Anybody if empty."
    )
    needed: int = Field(default=1, ge=1, le=10, description="How many different people must approve.")
    timeout: timedelta | None = Field(default=None, description="How long the gate waits: 12h, 3 days, 2w.")
    on_timeout: Literal["hold", "reject", "escalate"] = Field(
        default="hold",
        description="hold: stay open and say so. reject: nothing is published. escalate: others may decide, too.",
    )
    escalate_to: tuple[str, ...] = Field(default=(), description="Who may decide after the timeout, besides.")
    remind_every: timedelta | None = Field(default=None, description="How often an open gate reminds: 1d.")
    auto_approve: AutoApproval | None = Field(
        default=None, description="Limits within which nobody is asked."
    )
    record: bool | None = Field(
        default=None,
        description="Keep the run's executed notebook as the record of the decision. Yes if approvers are named.",
    )

    @property
    def keeps_record(self) -> bool:
        """Whether a record of the decision is kept; it takes some ten seconds of a core."""
        return bool(self.approvers) if self.record is None else self.record

    def people(self, groups: Mapping[str, Collection[str]]) -> set[str]:
        """Who may ever decide, by the name that is compared; nobody where anybody may."""
        if not self.approvers:
            return set()
        words = (*self.approvers, *self.escalate_to)
        return {_same(each) for word in words for each in _members(word, groups)}

    @field_validator("timeout", "remind_every", mode="before")
    @classmethod
    def _duration(cls, value: Any) -> Any:
        found = _DURATION.fullmatch(value.lower()) if isinstance(value, str) else None
        if found is None or found[2] not in _UNITS:
            return value
        return timedelta(seconds=min(int(found[1]) * _UNITS[found[2]], 2 * LONGEST.total_seconds()))

    @field_validator("timeout", "remind_every")
    @classmethod
    def _is_sensible(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and not timedelta(0) < value <= LONGEST:
            raise ValueError("it must be more than nothing and at most ten years, as 12h, 3d or 2w")
        return value

    @model_validator(mode="after")
    def _belong_together(self) -> GateRule:
        if self.on_timeout == "escalate" and not self.escalate_to:
            raise ValueError("on_timeout: escalate needs escalate_to: [names or group:NAME]")
        if self.escalate_to and self.on_timeout != "escalate":
            raise ValueError("escalate_to goes with on_timeout: escalate and a timeout, as 3d")
        if self.on_timeout != "hold" and self.timeout is None:
            raise ValueError(f"on_timeout: {self.on_timeout} needs a timeout, as 3d")
        if self.policy == "auto" and (self.approvers or self.needed > 1):
            raise ValueError("policy auto asks nobody; approvers and needed go with ask or draft")
        return self


def paths_in(text: str) -> tuple[str, ...]:
    """Paths as a person writes them in a line: between spaces or commas, in quotes if they hold any."""
    words = shlex.shlex(text, posix=True)
    words.whitespace += ","
    words.whitespace_split, words.commenters, words.escape = True, "", ""
    try:
        return tuple(words)
    except ValueError:  # a quotation mark in a name
        return tuple(text.replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given. `via` is where: terminal, notebook, prefect, comment, return or timeout.

    `commit` goes with `revise`: a person hands the change back in their own version.
    """

    decision: Decision
    comment: str = ""
    approver: str = ""
    set_aside: tuple[str, ...] = ()
    via: str = "prefect"
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and what it was about. `approver` names the people, or the policy where none was asked."""

    decision: Decision
    comment: str
    approver: str
    hash: str
    set_aside: tuple[str, ...] = ()
    via: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a gate stands: a verdict, or none yet; `notes` say which answers did not count, and what is missing."""

    verdict: Verdict | None
    notes: tuple[str, ...] = ()


def may_decide(name: str, rule: GateRule, groups: Mapping[str, Collection[str]], escalated: bool) -> bool:
    """Whether this person's answer counts."""
    if not rule.approvers:
        return True
    words = [*rule.approvers, *(rule.escalate_to if escalated else ())]
    names = [each for word in words for each in _members(word, groups)]
    return _same(name) in {_same(each) for each in names}


def settle(
    answers: Sequence[Given],
    shown: tuple[str, Collection[str]],
    rule: GateRule,
    groups: Mapping[str, Collection[str]],
    escalated: bool = False,
) -> Standing:
    """Weigh the answers to one question, in the order in which they came; `shown` are its hash and its files.

    One rejection or revision by somebody who may decide counts at once; approvals count once per person.
    """
    approvals: dict[str, Given] = {}
    notes: list[str] = []
    for given in answers:
        if given.via != "timeout" and (why := refusal(given, shown[1], rule, groups, escalated)):
            notes.append(why)
        elif given.decision is not Decision.approve:
            return Standing(
                Verdict(
                    given.decision, given.comment, given.approver, shown[0], given.set_aside, given.via, given.commit
                ),
                tuple(notes),
            )  # fmt: skip
        elif _same(given.approver) in approvals:
            notes.append(f"{given.approver or 'the same person'} has approved already.")
        else:
            approvals[_same(given.approver)] = given
        if len(approvals) == rule.needed:
            return Standing(_together(list(approvals.values()), shown[0]), tuple(notes))
    if approvals:
        names = ", ".join(each.approver for each in approvals.values())
        missing = rule.needed - len(approvals)
        notes.append(
            f"approved by {names}; {missing} more {'person' if missing == 1 else 'people'} must approve."
        )
    return Standing(None, tuple(notes))


def refusal(
    given: Given,
    files: Collection[str],
    rule: GateRule,
    groups: Mapping[str, Collection[str]],
    escalated: bool,
) -> str:
    """Why an answer does not count, or nothing if it does."""
    who = given.approver or "somebody without a name"
    if (rule.approvers or rule.needed > 1) and not given.approver.strip():
        return f"{who} answered {given.decision}; it did not count: this gate asks for a name."
    if not may_decide(given.approver, rule, groups, escalated):
        return (
            f"{who} answered {given.decision}; it did not count: only {', '.join(rule.approvers)} may decide."
        )
    if unknown := [path for path in given.set_aside if path not in files]:
        return (
            f"{who} answered {given.decision}; it did not count: {unknown[0]} is not among the changed files."
        )
    if (
        given.set_aside
        and given.decision is Decision.approve
        and len(set(given.set_aside)) >= len(set(files))
    ):
        return f"{who} answered approve; it did not count: nothing is left if all files are set aside. Reject instead."
    if given.decision is Decision.revise and not (given.comment.strip() or given.set_aside or given.commit):
        return f"{who} answered revise; it did not count: a comment must say what shall change."
    return ""


def _together(approvals: Sequence[Given], shown_hash: str) -> Verdict:
    """Several approvals as one: what any of them set aside stays aside."""
    comments = [each.comment for each in approvals if each.comment.strip()]
    aside = dict.fromkeys(path for each in approvals for path in each.set_aside)
    return Verdict(
        Decision.approve,
        "; ".join(comments),
        " and ".join(each.approver for each in approvals),
        shown_hash,
        tuple(aside),
        ", ".join(dict.fromkeys(each.via for each in approvals)),
    )


def _members(word: str, groups: Mapping[str, Collection[str]]) -> Collection[str]:
    group = word.removeprefix("group:")
    return (word,) if group == word else groups.get(group, ())


def _same(name: str) -> str:
    return name.strip().removeprefix("@").casefold()


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What is known of a change when it is decided who is asked.

    `shown_to_work`: by tests, at base and at head. `unfinished`: a model stopped before it was done.
    """

    files: int
    lines: int
    uncovered_lines: int
    unmeasured: str
    unresolved: int
    public_names_gone: bool
    tests_changed: bool
    ci_files: bool
    shown_to_work: bool
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the reasoning: `held` says whether the limit was kept."""

    held: bool
    text: str


def assess(facts: ChangeFacts, limits: AutoApproval) -> tuple[Check, ...]:
    """Hold a change against the limits, one line for each: nobody is asked only if all of them hold."""
    return (
        Check(facts.shown_to_work, "tests at base and head show no new failure"),
        Check(not facts.unfinished, "no model stopped before it was done"),
        Check(not facts.ci_files, "no CI file changes"),
        Check(facts.files <= limits.max_files, f"{facts.files} files change (at most {limits.max_files})"),
        Check(facts.lines <= limits.max_lines, f"{facts.lines} lines change (at most {limits.max_lines})"),
        Check(
            not facts.unmeasured and facts.uncovered_lines <= limits.uncovered_lines,
            facts.unmeasured
            or f"{facts.uncovered_lines} changed lines are executed by no test (at most {limits.uncovered_lines})",
        ),
        Check(limits.public_api or not facts.public_names_gone, "no public name goes"),
        Check(limits.tests_changed or not facts.tests_changed, "no test file changes"),
        Check(limits.unresolved or not facts.unresolved, f"{facts.unresolved} sites are left unresolved"),
    )
