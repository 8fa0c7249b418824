"""What a model adds to a run: one more commit on top of the recipe's, tested like these, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from overhaul.flows.agent_session import Session
from overhaul.flows.agent_steps import model_of_run
from overhaul.flows.batching import Attempt
from overhaul.flows.results import AgentResult, BatchResult
from overhaul.flows.returned import counted, with_return
from overhaul.flows.run_context import Edited, Evidence, Run, count_tests


def with_agent(run: Run, evidence: Evidence, learned: Callable[[Run], None]) -> Run:
    """Let the agent work, and put what holds on top of what is there.

    Its work starts from where the recipe's commits ended for the first time: what people set aside later is left out of
    its commit, but nothing is asked of the model again. Once a person has handed the change back, it goes on
    from there.
    """
    head = run.edited.head if run.edited else run.agent_parent
    run = replace(run, agent_parent=run.agent_parent or head)
    with Session(run, evidence, model_of_run(run), learned) as session:
        attempt = session.work()
        result = session.result()
        left_out = run.revision.set_aside
        if attempt and not session.returned and (left_out or head != run.agent_parent):
            attempt = session.commit_and_test(head, left_out, f"agent on {head[:8]}")
    run = replace(run, agent=result)
    if session.returned:
        run = with_return(run, evidence, session.returned, session.ours)
        head = session.returned
    if attempt is not None:
        files = [each.path for each in session.mirror.changes(head, attempt.commit)]
        run = _put_on_top(run, attempt, files, result)
    return counted(run) if session.returned else run


def _put_on_top(run: Run, attempt: Attempt, files: list[str], result: AgentResult) -> Run:
    """Keep what the agent did if the tests hold. If not, the recipe's commits stand as they are."""
    edited = run.edited_result
    tested = Edited(
        edited.head, edited.batches, attempt.report, attempt.log, attempt.comparison, edited.set_aside
    )
    if not attempt.passes:
        # Its sites are as they were.
        result = replace(result, broken=files, sites_edited=0)
        return replace(run, agent=result, edited=edited if edited.batches else tested)
    batch = BatchResult(attempt.commit, files, count_tests(attempt.comparison), "agent")
    on_top = replace(tested, head=attempt.commit, batches=[*edited.batches, batch])
    return replace(run, agent=replace(result, files=files), edited=on_top)
