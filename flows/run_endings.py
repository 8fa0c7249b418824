"""How runs end, in words: why nothing was edited, what was left out, what broke, who said no."""

from __future__ import annotations

from overhaul.flows.gate_rules import Verdict
from overhaul.flows.results import RunResult
from overhaul.flows.run_context import Edited, Run


def ended_with_agent(run: Run) -> RunResult | None:
    """The end of a run whose model has failed, or has changed nothing where nothing else was changed."""
    agent, edited = run.agent, run.edited_result
    if agent is None:
        return None
    if agent.status == "model failed":
        later = f"What was done so far is kept; go on later with: overhaul resume {run.id[:8]}"
        return run.result("failed", f"{agent.message} {later}")
    if run.options.mode == "read-only":
        return run.result("planned", f"read-only mode edits nothing. The model says: {agent.message}")
    if edited.batches or agent.broken:
        return None
    if agent.unfinished:
        return run.result(
            "failed",
            f"the agent stopped ({agent.status}) before it had changed anything: {agent.message}"
            f" What it did: {agent.log}. Start again with more: --budget tokens=N, minutes=N, steps=N",
        )
    if run.unresolved:
        return run.result("unresolved", f"nothing was edited. The model says: {agent.message}")
    return run.result("unchanged", f"the model changed nothing. It says: {agent.message}")


def nothing_to_edit(run: Run) -> RunResult:
    """The end of a run whose recipe edits nothing here, and why."""
    analysis = run.analysis_result
    if analysis.not_found:
        return run.result("not found", analysis.not_found)
    if analysis.unresolved:
        return run.result(
            "unresolved", f"none of {analysis.unresolved} sites could be proved; nothing was edited."
        )
    if analysis.failures:
        names = ", ".join(failure["path"] for failure in analysis.failures[:5])
        return run.result(
            "unknown", f"no site was found, but {len(analysis.failures)} files were not understood: {names}"
        )
    return run.result("unchanged", "no site was found.")


def said_no(gate: str, verdict: Verdict) -> str:
    """Who has rejected, where, and with which words."""
    who = verdict.approver or "somebody"
    return f"{who} rejected at gate '{gate}'" + (f": {verdict.comment}" if verdict.comment else ".")


def what_was_set_aside(run: Run) -> str:
    """What a published change lacks; nothing if it lacks nothing."""
    edited, agent = run.edited_result, run.agent
    parts = []
    if agent and agent.broken:
        parts.append(
            f"what the model edited breaks tests and was left out; it is kept as commit {agent.commit[:12]}"
        )
    if agent and agent.unfinished:
        parts.append(f"the model stopped before it was done ({agent.status}): {agent.message}")
    if edited.set_aside:
        names = ", ".join(edited.set_aside[:5]) + (", ..." if len(edited.set_aside) > 5 else "")
        parts.append(f"the edits of {len(edited.set_aside)} files break tests and were set aside: {names}")
    return "; ".join(parts)


def why_blocked(edited: Edited) -> str:
    """Which tests the edits break."""
    failures = edited.comparison.new_failures if edited.comparison else ()
    names = ", ".join(failure.id for failure in failures[:5])
    more = f" and {len(failures) - 5} more" if len(failures) > 5 else ""
    return f"the edits break {len(failures)} tests that passed: {names}{more}. Nothing was published. Log: {edited.log}"
