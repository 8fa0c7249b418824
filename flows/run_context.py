"""What is known about a run while it goes on: each step gives a fuller copy to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from overhaul.flows.analysis import AnalysisRecord
from overhaul.flows.gate_rules import Decision, Verdict
from overhaul.flows.mirror import Author, Base
from overhaul.flows.moving.whereabouts import Brought
from overhaul.flows.options import RunOptions
from overhaul.flows.results import (
    AgentResult,
    BatchResult,
    ChangedLines,
    ImpactedTests,
    RunResult,
    RunStatus,
    TestCounts,
)
from overhaul.flows.screenshots import Pictures
from overhaul.refactors.plan import Plan
from overhaul.refactors.prompt import Prompt
from overhaul.sandbox.comparison import Comparison
from overhaul.sandbox.provider import Environment
from overhaul.sandbox.report import TestReport

MISSED_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Evidence:
    """Tests at base, and at head once there is one; pictures of its pages, if the repository asks for some.

    `environment` is that of the base; the head has another one where the edits change what is needed.
    """

    environment: Environment
    baseline: TestReport
    baseline_log: Path
    head: TestReport | None = None
    head_log: Path | None = None
    comparison: Comparison | None = None
    pictures: Pictures | None = None
    head_environment: Environment | None = None

    @property
    def needs_changed(self) -> bool:
        """Whether the edits change what the tests need."""
        at_head = self.head_environment
        return at_head is not None and at_head.fingerprint != self.environment.fingerprint

    @property
    def has_tests(self) -> bool:
        return bool(self.baseline.results)

    @property
    def proves(self) -> bool:
        """Whether the tests at base ran to their end: only then does the same at head mean something."""
        return self.has_tests and self.baseline.ended


@dataclass(frozen=True, slots=True)
class Edited:
    """The commits made; the last test report and its comparison; files set aside because they break tests.

    `head` is the base commit if nothing held.
    """

    head: str
    batches: list[BatchResult]
    report: TestReport | None
    log: Path | None
    comparison: Comparison | None
    set_aside: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wants otherwise; `commit` if they have changed it themselves and handed it back."""

    who: str
    text: str
    commit: str = ""

    def __str__(self) -> str:
        by = f"{self.who} (commit {self.commit[:12]})" if self.commit else self.who
        return f"{by}: {self.text}" if self.text else by


@dataclass(frozen=True, slots=True)
class Revision:
    """What people have said so far that changes the plan: their remarks, and the files that they set aside.

    `put_back` are the files set aside since a person has last handed the change back.
    """

    remarks: tuple[Remark, ...] = ()
    set_aside: tuple[str, ...] = ()
    put_back: tuple[str, ...] = ()

    @property
    def returned(self) -> str:
        """The commit in which a person has last handed the change back, if somebody has."""
        return next((each.commit for each in reversed(self.remarks) if each.commit), "")

    @property
    def on_plan(self) -> tuple[Remark, ...]:
        """The remarks that reopen the plan; a change that was handed back needs none."""
        return tuple(each for each in self.remarks if not each.commit)

    def and_also(self, verdict: Verdict) -> Revision:
        """With what another decision adds; one to revise adds its comment, for which the gate asks again."""
        remarks, put_back = self.remarks, self.put_back
        if verdict.decision is Decision.revise:
            said = verdict.comment or ("" if verdict.commit else "without some files")
            remarks += (Remark(verdict.approver or "somebody", said, verdict.commit),)
        if verdict.commit:
            put_back = ()
        elif self.returned:
            put_back = tuple(dict.fromkeys((*put_back, *verdict.set_aside)))
        return Revision(remarks, tuple(dict.fromkeys((*self.set_aside, *verdict.set_aside))), put_back)


@dataclass(frozen=True, slots=True)
class Run:
    """One repository's run. `given` are the parameters that are not at their defaults.

    `agent_parent` is the commit that the agent started from: its work stays on that, whatever is set aside later.
    `shown` are the commits that people were shown before, with who made them; `sites_by_people` counts the unproved
    sites that people have edited. `replayed` is the head of the branch whose commits of people are in this change.
    `brought` tells how it came from another machine, if it has.
    """

    id: str
    repository: str
    recipe: str
    parameters: dict[str, Any]
    options: RunOptions
    given: dict[str, Any]
    independent_edits: bool
    author: Author
    branch: str
    title: str
    base: Base | None = None
    analysis: AnalysisRecord | None = None
    plan: Plan | None = None
    edited: Edited | None = None
    revision: Revision = Revision()
    pull_request: str | None = None
    agent: AgentResult | None = None
    agent_parent: str = ""
    shown: tuple[BatchResult, ...] = ()
    sites_by_people: int = 0
    replayed: str = ""
    brought: Brought | None = None

    @property
    def origin(self) -> str:
        """Its id where it began: that is in its commits, wherever it goes on."""
        return self.brought.origin if self.brought else self.id

    @property
    def is_prompt(self) -> bool:
        """Whether a model makes all of the change."""
        return self.recipe == Prompt.id

    @property
    def wants_agent(self) -> bool:
        """Whether a model takes part: all of the change is its, or what the recipe leaves over."""
        return self.is_prompt or bool(self.options.leftovers and self.analysis and self.analysis.unresolved)

    @property
    def stands_apart(self) -> bool:
        """Whether what was tested holds without some of its files: an agent's or a person's build on each other."""
        alone = not (self.wants_agent or self.revision.returned or self.replayed)
        return self.independent_edits and alone

    @property
    def unresolved(self) -> int:
        """The sites that nobody has edited."""
        found = self.analysis.unresolved if self.analysis else 0
        return found - (self.agent.sites_edited if self.agent else 0) - self.sites_by_people

    @property
    def base_of_run(self) -> Base:
        if self.base is None:
            raise RuntimeError("the run has not fetched yet")
        return self.base

    @property
    def base_commit(self) -> str:
        return self.base_of_run.commit

    @property
    def analysis_result(self) -> AnalysisRecord:
        if self.analysis is None:
            raise RuntimeError("the run has not analysed yet")
        return self.analysis

    @property
    def plan_result(self) -> Plan:
        if self.plan is None:
            raise RuntimeError("the run has not planned yet")
        return self.plan

    @property
    def edited_result(self) -> Edited:
        if self.edited is None:
            raise RuntimeError("the run has not edited yet")
        return self.edited

    @property
    def name(self) -> str:
        """The repository's name, as people say it."""
        return self.repository.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")

    def result(self, status: RunStatus, message: str) -> RunResult:
        """The outcome as far as it is known."""
        edited = self.edited
        last = edited.batches[-1].tests if edited and edited.batches else TestCounts()
        if edited and not edited.batches and edited.comparison:
            last = count_tests(edited.comparison)
        return RunResult(
            repository=self.repository,
            run_id=self.id,
            status=status,
            branch=self.branch if edited and edited.batches else None,
            head=edited.head if edited and edited.batches else None,
            edits=len({path for batch in edited.batches for path in batch.files})
            if edited
            else self._planned_edits(),
            unresolved=self.unresolved,
            tests=last,
            message=message,
            pull_request=self.pull_request,
            base=self.base.commit if self.base else None,
            batches=list(edited.batches) if edited else [],
            set_aside=[*self.revision.set_aside, *(edited.set_aside if edited else [])],
            impacted=_impacted(edited.report if edited else None),
            changed_lines=_changed_lines(edited.report if edited else None),
            test_parts=edited.report.parts if edited and edited.report else None,
            tokens=self.agent.total_tokens if self.agent else 0,
            agent=self.agent,
            sites=self.analysis.resolved + self.analysis.unresolved if self.analysis else 0,
        )

    def _planned_edits(self) -> int:
        return len(self.analysis.without(self.revision.set_aside).edits) if self.analysis else 0


def _impacted(report: TestReport | None) -> ImpactedTests | None:
    found = report.impacted if report else None
    return ImpactedTests(found.files, found.tests, found.passed) if found else None


def _changed_lines(report: TestReport | None) -> ChangedLines | None:
    found = report.coverage if report else None
    if found is None:
        return None
    return ChangedLines(found.changed, found.executed, list(found.missed[:MISSED_AT_MOST]), found.reason)


def count_tests(comparison: Comparison) -> TestCounts:
    """What a comparison comes down to: tests that pass at base and at head, and new failures."""
    base, head = comparison.base_counts, comparison.head_counts
    return TestCounts(
        base=None if base is None else base.get("passed", 0),
        head=None if head is None else head.get("passed", 0),
        new_failures=len(comparison.new_failures),
    )
