"""Whether a person is asked at a gate, why, and what was decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from overhaul.flows.gate_rules import ChangeFacts, Check, GateName, Verdict, assess
from overhaul.flows.gates import Question, ask, decide_by_policy
from overhaul.flows.mirror import Mirror
from overhaul.flows.options import RunOptions
from overhaul.flows.run_context import Evidence, Run
from overhaul.refactors.review import (
    ON_PUBLIC_MODULES,
    ON_PUBLIC_NAMES,
    ON_REMOVED_TESTS,
    ON_TEST_FILES,
    Review,
)


def change_facts(run: Run, evidence: Evidence, mirror: Mirror, review: Review) -> ChangeFacts:
    """What the rules of the publish gate look at."""
    titles = {finding.title for finding in review.findings}
    coverage = evidence.head.coverage if evidence.head else None
    unmeasured = "the changed lines were not measured" if coverage is None else coverage.reason
    return ChangeFacts(
        files=len(set(_files(run, "publish"))),
        lines=_changed_lines(mirror, run),
        uncovered_lines=len(coverage.missed) if coverage else 0,
        unmeasured=unmeasured,
        unresolved=run.unresolved,
        public_names_gone=bool(titles & {ON_PUBLIC_NAMES, ON_PUBLIC_MODULES}),
        tests_changed=bool(titles & {ON_TEST_FILES, ON_REMOVED_TESTS}),
        ci_files=bool(review.on_workflows),
        shown_to_work=evidence.proves and not (evidence.comparison and evidence.comparison.new_failures),
        unfinished=run.agent is not None and run.agent.unfinished,
    )


def reasoning(run: Run, facts: ChangeFacts) -> tuple[Check, ...]:
    """What speaks for and against going on without a person; nothing where no rule asks for it."""
    limits = run.options.gates.rule("publish").auto_approve
    return assess(facts, limits) if limits else ()


def needs_person(facts: ChangeFacts) -> bool:
    """Whether only a person (or --yes) may let it out, whatever the mode: no test has shown what it does.

    So is what a model left unfinished.
    """
    return facts.unfinished or not facts.shown_to_work or facts.ci_files or facts.uncovered_lines > 0


def decide(
    run: Run,
    question: Question,
    needed: bool,
    show: Callable[[Question], Question],
    checks: tuple[Check, ...] = (),
) -> Verdict:
    """Return the decision, or park the run until there is one (see `gates.ask`).

    `show` is called where a person is asked: it gives the question its page.
    """
    question = replace(question, files=_files(run, question.gate))
    return decide_about(run.options, question, needed, show, checks)


def decide_about(
    options: RunOptions,
    question: Question,
    needed: bool,
    show: Callable[[Question], Question] = lambda question: question,
    checks: tuple[Check, ...] = (),
) -> Verdict:
    """Decide by policy or ask, by the rule of the question's gate."""
    gate = question.gate
    question = replace(
        question,
        rule=options.gates.rule(gate).model_dump(mode="json"),
        groups={name: list(people) for name, people in options.gates.groups.items()},
    )
    if policy := _policy(options, gate, needed, checks):
        if options.hold and gate == "publish":
            return ask(replace(question, so_far={**question.so_far, "held": True}))
        return decide_by_policy(question, policy)
    return ask(show(question))


def _policy(options: RunOptions, gate: GateName, needed: bool, checks: tuple[Check, ...]) -> str:
    """By which policy nobody is asked; nothing if somebody is."""
    if options.yes:
        return "--yes"
    if not needed and not options.asks(gate):
        return "policy mode=full" if options.mode == "full" else f"policy {gate}=auto"
    if not needed and checks and all(check.held for check in checks):
        return "policy: within the limits of auto_approve"
    return ""


def _files(run: Run, gate: GateName) -> list[str]:
    if gate == "plan":
        return [edit.path for edit in run.plan_result.edits]
    return list(dict.fromkeys(path for batch in run.edited_result.batches for path in batch.files))


def _changed_lines(mirror: Mirror, run: Run) -> int:
    """Lines that differ, counted as git does: of a file's added and removed ones the larger number."""
    rows = mirror.text(
        "diff-tree", "-r", "-M", "--numstat", run.base_commit, run.edited_result.head
    ).splitlines()
    counts = [row.split("\t")[:2] for row in rows]
    return sum(max(int(added), int(removed)) for added, removed in counts if added != "-")
