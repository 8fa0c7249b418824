"""What a person sees before deciding: a page for each question, kept under the run as it was shown."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from prefect.context import FlowRunContext

from overhaul.flows.change_page import change_page
from overhaul.flows.evidence import facts_of
from overhaul.flows.gate_rules import Check
from overhaul.flows.gates import Question
from overhaul.flows.mirror import Mirror
from overhaul.flows.run_context import Evidence, Run
from overhaul.flows.settings import Settings
from overhaul.refactors.review import Review


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of a change when it is shown; `review` is None while nothing is edited."""

    run: Run
    evidence: Evidence
    mirror: Mirror
    review: Review | None = None
    checks: Sequence[Check] = ()


def page_path(question: Question, run_id: str, settings: Settings) -> Path:
    """Where the page of a question is: its name says what it is bound to."""
    return settings.run_folder(run_id) / "pages" / f"{question.gate}-{question.hash[:16]}.html"


def write_gate_page(shown: Shown, question: Question, page: Path) -> None:
    """Write the page of a question, all of it or nothing."""
    facts = facts_of(shown.run, shown.evidence, shown.mirror) | {
        "review": shown.review,
        "checks": shown.checks,
        "question": question,
        "rule": question.gate_rule,
        "verdict": None,
        "seconds": seconds_of_work(),
    }
    html = change_page(facts, shown.mirror)
    page.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=page.parent, delete=False) as file:
        file.write(html)
    Path(file.name).replace(page)


def seconds_of_work() -> float | None:
    """How long the flow run of this context has worked, without the time in which it waited; None outside of one."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return None
    return (datetime.now(UTC) - context.start_time).total_seconds() + (
        context.flow_run.total_run_time.total_seconds()
    )
